create or replace function registry.create_api_token(
    p_org_id uuid, p_name text, p_scopes text[], p_prefix text, p_token_hash bytea, p_expires_at timestamptz default null)
  returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_creator uuid := auth.uid();
  v_token_id uuid;
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  if p_name is null or length(btrim(p_name)) not between 1 and 100 then
    raise sqlstate 'PT400' using message = 'a token''s name has 1 to 100 characters: say what will use it';
  end if;
  if coalesce(cardinality(p_scopes), 0) = 0 or not p_scopes <@ array['read', 'build', 'admin', 'runner'] then
    raise sqlstate 'PT400' using message = 'a token has one or more of the scopes read, build, admin, runner';
  end if;
  if p_expires_at <= now() then
    raise sqlstate 'PT400' using message = 'the token would have expired already: choose a later time';
  end if;
  if v_creator is null then
    select m.user_id into v_creator from registry.org_members m
    where m.org_id = p_org_id and m.role = 'owner' and m.status = 'active' order by m.created_at, m.user_id limit 1;
  end if;
  insert into registry.api_tokens (org_id, name, prefix, token_hash, scopes, created_by, expires_at)
  values (p_org_id, btrim(p_name), p_prefix, p_token_hash, array(select distinct unnest(p_scopes) order by 1), v_creator, p_expires_at)
  returning id into v_token_id;
  perform ops.audit(p_org_id, 'token.created', 'token:' || v_token_id,
    jsonb_build_object('name', btrim(p_name), 'scopes', p_scopes, 'expires_at', p_expires_at));
  return v_token_id;
end
$$;
comment on function registry.create_api_token(uuid, text, text[], text, bytea, timestamptz) is
  'Stores a token''s hash. It acts as the member who makes it (the org''s first owner, where the server itself does), at most with its scopes.';
revoke all on function registry.create_api_token(uuid, text, text[], text, bytea, timestamptz) from public, anon;
grant execute on function registry.create_api_token(uuid, text, text[], text, bytea, timestamptz) to authenticated, service_role;
