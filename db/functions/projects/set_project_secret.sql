create or replace function ops.set_project_secret(p_project_id uuid, p_name text, p_sealed bytea) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  select p.org_id into v_org_id from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_org_id, 'admin', 'project');
  if p_name is null or p_name !~ '^[A-Z_][A-Z0-9_]{0,99}$' then
    raise sqlstate 'PT400' using message = 'a secret''s name is that of an environment variable: A-Z, 0-9 and _, 100 characters at most';
  end if;
  -- Version 1, nonce and tag around at least nothing: what the server did not seal, no build could open.
  if p_sealed is null or length(p_sealed) < 29 or get_byte(p_sealed, 0) <> 1 then
    raise sqlstate 'PT400' using message = 'these bytes are not sealed by the server''s key',
      hint = 'Send the secret itself to PUT /api/ops/projects/{id}/secrets/{name}.';
  end if;
  insert into ops.project_secrets as s (org_id, project_id, name, sealed, updated_by)
  values (v_org_id, p_project_id, p_name, p_sealed, auth.uid())
  on conflict (project_id, name) do update
    set sealed = excluded.sealed, updated_by = excluded.updated_by, updated_at = now();
  perform ops.audit(v_org_id, 'secret.set', 'project:' || p_project_id, jsonb_build_object('name', p_name));
end
$$;
comment on function ops.set_project_secret(uuid, text, bytea) is
  'Stores a sealed build secret; nobody but the server''s key can read it again.';
revoke all on function ops.set_project_secret(uuid, text, bytea) from public, anon;
grant execute on function ops.set_project_secret(uuid, text, bytea) to authenticated, service_role;
