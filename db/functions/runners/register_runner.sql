create or replace function ops.register_runner(
  p_org_id uuid, p_name text, p_token_hash bytea, p_version text, p_os text, p_arch text, p_host text, p_slots integer, p_sandbox_level text
) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- A runner that starts anew registers anew; the entry of its earlier life, silent since, gives way.
  update ops.runners set removed_at = clock_timestamp()
    where org_id is not distinct from p_org_id and name = p_name and host = p_host and removed_at is null
      and last_seen_at < clock_timestamp() - interval '90 seconds';
  insert into ops.runners (org_id, name, token_hash, version, os, arch, host, slots, sandbox_level)
    values (p_org_id, p_name, p_token_hash, p_version, p_os, p_arch, p_host, p_slots, coalesce(p_sandbox_level, 'none'))
    returning id into v_id;
  perform ops.audit(p_org_id, 'runner.registered', 'runner:' || v_id, jsonb_build_object('name', p_name, 'host', p_host));
  return v_id;
end
$$;
comment on function ops.register_runner(uuid, text, bytea, text, text, text, text, integer, text) is
  'Registers a runner for one org, or for every org when p_org_id is null; only the hash of its token is stored.';
revoke all on function ops.register_runner(uuid, text, bytea, text, text, text, text, integer, text) from public, anon, authenticated;
grant execute on function ops.register_runner(uuid, text, bytea, text, text, text, text, integer, text) to service_role;
