create or replace function ops.claim_for_runner(p_runner_id uuid, p_lease_seconds integer default 30)
  returns table (
    build_id uuid, queue_id uuid, org_id uuid, project_id uuid, project_slug text, branch_id uuid, branch_name text,
    build_number integer, repo_url text, commit_sha text, attempt integer, fencing_token bigint, next_line bigint, params jsonb
  )
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_runner record;
  v_taken record;
begin
  if p_lease_seconds not between 1 and 3600 then
    raise sqlstate 'PT400' using message = format('a lease lasts 1 to 3600 seconds, not %s', p_lease_seconds);
  end if;
  select r.org_id into v_runner from ops.runners r where r.id = p_runner_id and r.removed_at is null;
  if not found then
    raise sqlstate 'PT403' using message = 'this runner is not registered any more', hint = 'Register it again.';
  end if;
  -- The answer need not wait for the disk: the runner's first write does, and flushes this with it. A claim lost in a
  -- crash leaves the build queued and its token stale, as if the runner had never asked.
  perform set_config('synchronous_commit', 'off', true);
  select * into v_taken from ops.take_run(v_runner.org_id, p_runner_id::text, p_lease_seconds, true);
  if (v_taken.o_lease).build_id is null then
    return;
  end if;
  return query
    select b.id, (v_taken.o_lease).queue_id, b.org_id, b.project_id, p.slug, b.branch_id, br.name, b.build_number, p.repo_url,
      b.commit_sha::text, (v_taken.o_lease).attempt, (v_taken.o_lease).token, (v_taken.o_lease).next_line, b.params
    from ops.builds b
      join ops.projects p on p.id = b.project_id
      join ops.branches br on br.id = b.branch_id
    where b.id = (v_taken.o_lease).build_id;
end
$$;
comment on function ops.claim_for_runner(uuid, integer) is
  'Claims and starts the next build for a registered runner, of its own org or, for a shared runner, of any; no row when nothing may be claimed.';
revoke all on function ops.claim_for_runner(uuid, integer) from public, anon, authenticated;
grant execute on function ops.claim_for_runner(uuid, integer) to service_role;
