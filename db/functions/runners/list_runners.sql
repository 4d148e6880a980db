create or replace function ops.list_runners(p_org_id uuid)
  returns table (
    id uuid, org_id uuid, name text, version text, os text, arch text, host text, slots integer, sandbox_level text,
    registered_at timestamptz, last_seen_at timestamptz, online boolean, running_builds uuid[]
  )
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform registry.require_role(p_org_id, 'viewer', 'organisation');
  -- Of a shared runner, an org sees only what it runs for that org.
  return query
    select r.id, r.org_id, r.name, r.version, r.os, r.arch, r.host, r.slots, r.sandbox_level, r.registered_at, r.last_seen_at,
      r.last_seen_at > clock_timestamp() - interval '90 seconds',
      array(select l.build_id from ops.leases l where l.runner_id = r.id::text and l.org_id = p_org_id order by l.claimed_at)
    from ops.runners r
    where r.removed_at is null and (r.org_id = p_org_id or r.org_id is null)
    order by r.last_seen_at desc, r.name
    limit 1000;
end
$$;
comment on function ops.list_runners(uuid) is
  'The org''s own runners and the shared ones, with the builds of the org that they run now. online: heard of in the last 90 s. Viewer and up.';
revoke all on function ops.list_runners(uuid) from public, anon;
grant execute on function ops.list_runners(uuid) to authenticated, service_role;
