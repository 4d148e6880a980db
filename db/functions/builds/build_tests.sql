create or replace function ops.build_tests(p_build_id uuid)
  returns table (suite text, name text, outcome text, duration_seconds double precision, failure text, newly_failed boolean)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_run_id uuid;
  v_previous_run_id uuid;
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  select r.id into v_run_id from metrics.test_runs r where r.build_id = p_build_id;
  select r.id into v_previous_run_id
    from ops.builds mine
      join ops.builds b on b.branch_id = mine.branch_id and b.created_at <= mine.created_at and b.build_number < mine.build_number
      join metrics.test_runs r on r.build_id = b.id
    where mine.id = p_build_id
    order by b.created_at desc, b.build_number desc limit 1;
  return query
    select c.suite, c.name, c.outcome, c.duration_seconds, c.failure,
      c.outcome = 'failed' and exists (select from metrics.test_cases p
        where p.test_run_id = v_previous_run_id and p.suite = c.suite and p.name = c.name and p.outcome = 'passed') as newly
    from metrics.test_cases c where c.test_run_id = v_run_id
    order by newly desc, array_position(array['failed', 'skipped', 'passed'], c.outcome), c.position;
end
$$;
comment on function ops.build_tests(uuid) is
  'The tests of a build: newly failing first (they passed in the branch''s previous build with tests), then the other failures, skipped, passed. Viewer and up.';
revoke all on function ops.build_tests(uuid) from public, anon;
grant execute on function ops.build_tests(uuid) to authenticated, service_role;
