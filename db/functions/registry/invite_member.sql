create or replace function registry.invite_member(
    p_org_id uuid, p_email text, p_role text, p_link_hash bytea, p_expires_at timestamptz)
  returns table (user_id uuid, status text)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_user_id uuid;
  v_present text;
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  if p_role is null or p_role not in ('viewer', 'developer', 'admin', 'owner') then
    raise sqlstate 'PT400' using message = 'a role is one of viewer, developer, admin, owner';
  end if;
  if p_role = 'owner' then
    perform registry.require_role(p_org_id, 'owner', 'organisation');
  end if;
  v_user_id := registry.ensure_user(p_email);
  perform 1 from registry.orgs o where o.id = p_org_id for no key update;
  select m.status into v_present from registry.org_members m where m.org_id = p_org_id and m.user_id = v_user_id;
  if v_present = 'active' then
    raise sqlstate 'PT409' using message = format('%s is a member already: change the role instead', lower(btrim(p_email)));
  end if;
  if p_link_hash is null or p_expires_at is null then
    raise sqlstate 'PT400' using message = 'an invitation needs a link: give its hash and when it ends';
  end if;
  -- Nobody is a member before they open the link that this org gives them, whether they have an account or not: an
  -- account proves nothing about the address, which any other org may have invited first and signed up in its place.
  delete from registry.signin_links l where l.user_id = v_user_id and l.org_id = p_org_id;
  insert into registry.signin_links (token_hash, user_id, purpose, org_id, expires_at)
  values (p_link_hash, v_user_id, 'invite', p_org_id, p_expires_at);
  insert into registry.org_members as m (org_id, user_id, role, status) values (p_org_id, v_user_id, p_role, 'invited')
  on conflict on constraint org_members_pkey do update set role = excluded.role, status = excluded.status, updated_at = now();
  perform ops.audit(p_org_id, 'member.invited', 'user:' || v_user_id,
    jsonb_build_object('email', lower(btrim(p_email)), 'role', p_role));
  return query select v_user_id, 'invited';
end
$$;
comment on function registry.invite_member(uuid, text, text, bytea, timestamptz) is
  'Invites somebody into the org: p_link_hash becomes the hash of their one-time link. It signs in who is new (registry.use_signin_link); who has an account signs in by themselves and joins by it (registry.join_org).';
revoke all on function registry.invite_member(uuid, text, text, bytea, timestamptz) from public, anon;
grant execute on function registry.invite_member(uuid, text, text, bytea, timestamptz) to authenticated, service_role;
