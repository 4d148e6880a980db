create or replace function registry.join_org(p_hash bytea, p_user_id uuid) returns text
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_link registry.signin_links;
begin
  select l.* into v_link from registry.signin_links l
  where l.token_hash = p_hash and l.purpose = 'invite' and l.used_at is null and l.expires_at > clock_timestamp()
  for no key update;
  if v_link.user_id is null then
    return null;
  elsif v_link.user_id is distinct from p_user_id then
    return 'other';
  end if;
  update registry.signin_links l set used_at = clock_timestamp() where l.token_hash = p_hash;
  update registry.org_members m set status = 'active', updated_at = now()
  where m.org_id = v_link.org_id and m.user_id = v_link.user_id and m.status = 'invited';
  if found then
    -- ops.audit names whose request it is: the server's, for whoever opens the link.
    insert into ops.audit_log (org_id, actor, action, target, detail)
    select v_link.org_id, 'user:' || u.id, 'member.joined', 'user:' || u.id, jsonb_build_object('email', u.email)
    from auth.users u where u.id = v_link.user_id;
  end if;
  return 'joined';
end
$$;
comment on function registry.join_org(bytea, uuid) is
  'Uses an invitation up for somebody who is signed in (p_user_id; null: nobody is): joined; other, where it is good but for another account; null when it is not good.';
revoke all on function registry.join_org(bytea, uuid) from public, anon, authenticated;
grant execute on function registry.join_org(bytea, uuid) to service_role;
