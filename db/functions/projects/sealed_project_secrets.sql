create or replace function ops.sealed_project_secrets(p_project_id uuid) returns table (name text, sealed bytea)
  language sql stable security definer
  set search_path = ''
as $$
  select s.name, s.sealed from ops.project_secrets s where s.project_id = p_project_id order by s.name;
$$;
comment on function ops.sealed_project_secrets(uuid) is
  'A project''s build secrets as they are stored, for the server to open and hand out with a claim.';
revoke all on function ops.sealed_project_secrets(uuid) from public, anon, authenticated;
grant execute on function ops.sealed_project_secrets(uuid) to service_role;
