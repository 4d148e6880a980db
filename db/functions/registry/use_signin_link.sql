create or replace function registry.use_signin_link(p_hash bytea) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_link registry.signin_links;
begin
  select l.* into v_link from registry.signin_links l where l.token_hash = p_hash;
  if v_link.purpose = 'invite' then
    -- Of two invitations opened at once, the second finds the account in use.
    perform pg_advisory_xact_lock(hashtextextended('registry.account:' || v_link.user_id, 0));
    -- Whoever invites sees the link, and any org may invite any address: it opens no account that others rely on already.
    if registry.account_in_use(v_link.user_id) then
      return null;
    end if;
  end if;
  update registry.signin_links l set used_at = clock_timestamp()
  where l.token_hash = p_hash and l.used_at is null and l.expires_at > clock_timestamp()
  returning l.* into v_link;
  if v_link.user_id is null then
    return null;
  end if;
  if v_link.purpose = 'invite' then
    update registry.org_members m set status = 'active', updated_at = now()
    where m.org_id = v_link.org_id and m.user_id = v_link.user_id and m.status = 'invited';
    if found then
      -- ops.audit names whose request it is: the server's, for whoever opens the link.
      insert into ops.audit_log (org_id, actor, action, target, detail)
      select v_link.org_id, 'user:' || u.id, 'member.joined', 'user:' || u.id, jsonb_build_object('email', u.email)
      from auth.users u where u.id = v_link.user_id;
    end if;
  end if;
  return v_link.user_id;
end
$$;
comment on function registry.use_signin_link(bytea) is
  'Uses a link up and answers whom it signs in, null when it is unknown, used or expired. An invitation becomes a membership, and signs nobody in to an account that is in use: registry.join_org is for those.';
revoke all on function registry.use_signin_link(bytea) from public, anon, authenticated;
grant execute on function registry.use_signin_link(bytea) to service_role;
