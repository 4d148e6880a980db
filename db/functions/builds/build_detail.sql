create or replace function ops.build_detail(p_build_id uuid) returns jsonb
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_detail jsonb;
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  select jsonb_build_object(
      'build', to_jsonb(b) - 'log_bucket' - 'seq',
      'org', jsonb_build_object('id', o.id, 'name', o.name, 'slug', o.slug),
      'project', jsonb_build_object('id', p.id, 'name', p.name, 'slug', p.slug, 'repo_url', p.repo_url),
      'branch', jsonb_build_object('id', br.id, 'name', br.name, 'stage', br.stage),
      'queue', (select jsonb_build_object('id', q.id, 'status', q.status, 'priority', q.priority, 'attempts', q.attempts,
          'max_attempts', q.max_attempts, 'next_attempt_at', q.next_attempt_at, 'error_message', q.error_message, 'created_at', q.created_at)
        from ops.run_queue q where q.build_id = b.id),
      'lease', (select jsonb_build_object('attempt', l.attempt, 'token', l.token, 'runner_id', l.runner_id, 'runner_name', ops.runner_name(l.runner_id),
          'claimed_at', l.claimed_at, 'renewed_at', l.renewed_at, 'expires_at', l.expires_at, 'cancel_requested_at', l.cancel_requested_at,
          'cancel_reason', l.cancel_reason, 'next_line', l.next_line)
        from ops.leases l where l.build_id = b.id),
      'attempts', coalesce((select jsonb_agg(jsonb_build_object('attempt', a.attempt, 'token', a.token, 'runner_id', a.runner_id,
          'runner_name', ops.runner_name(a.runner_id), 'claimed_at', a.claimed_at, 'ended_at', a.ended_at, 'outcome', a.outcome,
          'detail', a.detail) order by a.attempt)
        from ops.build_attempts a where a.build_id = b.id), '[]'),
      'steps', coalesce((select jsonb_agg(to_jsonb(s) - 'org_id' - 'build_id' order by s.position) from ops.build_steps s
        where s.build_id = b.id and s.attempt = (select max(x.attempt) from ops.build_steps x where x.build_id = b.id)), '[]'),
      'artifacts', coalesce((select jsonb_agg(to_jsonb(f) - 'org_id' - 'build_id' - 'storage_path' order by f.name)
        from ops.artifacts f where f.build_id = b.id), '[]'),
      'fenced_writes', coalesce((select jsonb_agg(to_jsonb(w) - 'org_id' - 'build_id' order by w.id)
        from (select * from ops.fenced_writes w where w.build_id = b.id order by w.id desc limit 100) w), '[]'),
      'rebuilds', coalesce((select jsonb_agg(jsonb_build_object('id', r.id, 'build_number', r.build_number, 'status', r.status)
          order by r.build_number)
        from ops.builds r where r.branch_id = b.branch_id and r.created_at >= b.created_at and r.rebuild_of = b.id), '[]'),
      'next_line', coalesce((select l.next_line from ops.leases l where l.build_id = b.id), b.log_lines + 1))
    into v_detail
    from ops.builds b
      join registry.orgs o on o.id = b.org_id
      join ops.projects p on p.id = b.project_id
      join ops.branches br on br.id = b.branch_id
    where b.id = p_build_id;
  return v_detail;
end
$$;
comment on function ops.build_detail(uuid) is
  'Everything the page of one build shows besides its log and tests: build, org, project, branch, queue, lease, attempts, steps, artifacts, fenced_writes, rebuilds, next_line. Viewer and up.';
revoke all on function ops.build_detail(uuid) from public, anon;
grant execute on function ops.build_detail(uuid) to authenticated, service_role;
