create or replace function registry.ensure_owner(p_email text, p_org_name text) returns table (user_id uuid, org_id uuid)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_user_id uuid := registry.ensure_user(p_email);
  v_org_id uuid;
begin
  -- Servers that start at once must not make two.
  perform pg_advisory_xact_lock(hashtextextended('registry.ensure_owner', 0));
  select m.org_id into v_org_id from registry.org_members m
  where m.user_id = v_user_id and m.role = 'owner' and m.status = 'active' order by m.created_at, m.org_id limit 1;
  if v_org_id is null then
    insert into registry.orgs (name) values (btrim(p_org_name)) returning id into v_org_id;
    insert into registry.org_members (org_id, user_id, role) values (v_org_id, v_user_id, 'owner');
    perform ops.audit(v_org_id, 'org.created', 'org:' || v_org_id, jsonb_build_object('name', btrim(p_org_name)));
  end if;
  return query select v_user_id, v_org_id;
end
$$;
comment on function registry.ensure_owner(text, text) is
  'The bootstrap of an empty database, safe to repeat: this person, owning an org.';
revoke all on function registry.ensure_owner(text, text) from public, anon, authenticated;
grant execute on function registry.ensure_owner(text, text) to service_role;
