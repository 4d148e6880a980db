create or replace function registry.create_org(p_name text) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  if auth.jwt() ? 'plimsoll_token_id' then
    raise sqlstate 'PT403' using message = 'an API token belongs to one organisation and cannot make another: sign in for that';
  end if;
  if auth.uid() is null and not registry.is_service() then
    raise sqlstate 'PT403' using message = 'sign in to make an organisation';
  end if;
  if p_name is null or length(btrim(p_name)) not between 1 and 200 then
    raise sqlstate 'PT400' using message = 'an organisation''s name has 1 to 200 characters';
  end if;
  insert into registry.orgs (name) values (btrim(p_name)) returning id into v_org_id;
  if auth.uid() is not null then
    insert into registry.org_members (org_id, user_id, role) values (v_org_id, auth.uid(), 'owner');
  end if;
  perform ops.audit(v_org_id, 'org.created', 'org:' || v_org_id, jsonb_build_object('name', btrim(p_name)));
  return v_org_id;
end
$$;
comment on function registry.create_org(text) is 'Makes an org whose owner is the caller.';
revoke all on function registry.create_org(text) from public, anon;
grant execute on function registry.create_org(text) to authenticated, service_role;
