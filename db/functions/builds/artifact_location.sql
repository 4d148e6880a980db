create or replace function ops.artifact_location(p_artifact_id uuid)
  returns table (build_id uuid, name text, storage_path text, size_bytes bigint, mime_type text, sha256 text)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  return query
    select a.build_id, a.name, a.storage_path, a.size_bytes, a.mime_type, a.sha256 from ops.artifacts a
      where a.id = p_artifact_id and registry.has_role(a.org_id, 'viewer');
  if not found then
    raise sqlstate 'PT404' using message = 'there is no such artifact',
      hint = 'check the id, and that you are a member of its organisation';
  end if;
end
$$;
comment on function ops.artifact_location(uuid) is 'Where an artifact''s bytes are and what they are. Viewer and up.';
revoke all on function ops.artifact_location(uuid) from public, anon;
grant execute on function ops.artifact_location(uuid) to authenticated, service_role;
