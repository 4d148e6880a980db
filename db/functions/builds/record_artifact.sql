create or replace function ops.record_artifact(
  p_build_id uuid, p_token bigint, p_type text, p_name text, p_storage_path text, p_size_bytes bigint, p_mime_type text, p_sha256 text
) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_lease ops.leases := ops.hold_lease(p_build_id, p_token);
  v_id uuid;
begin
  -- A second attempt makes the same names again, perhaps with other bytes: the latest stands.
  insert into ops.artifacts (org_id, build_id, type, name, storage_path, size_bytes, mime_type, sha256)
    values (v_lease.org_id, p_build_id, p_type, p_name, p_storage_path, p_size_bytes,
      coalesce(p_mime_type, 'application/octet-stream'), lower(p_sha256))
    on conflict (build_id, name) do update set type = excluded.type, storage_path = excluded.storage_path,
      size_bytes = excluded.size_bytes, mime_type = excluded.mime_type, sha256 = excluded.sha256,
      created_at = case when ops.artifacts.sha256 = excluded.sha256 then ops.artifacts.created_at else excluded.created_at end
    returning id into v_id;
  return v_id;
end
$$;
comment on function ops.record_artifact(uuid, bigint, text, text, text, bigint, text, text) is
  'Notes an artifact whose bytes are stored already; the same name again replaces it. Answers its id.';
revoke all on function ops.record_artifact(uuid, bigint, text, text, text, bigint, text, text) from public, anon, authenticated;
grant execute on function ops.record_artifact(uuid, bigint, text, text, text, bigint, text, text) to service_role;
