insert into metrics.test_runs (id, org_id, project_id, build_id, run_id, total_tests, passed_tests, failed_tests, skipped_tests)
select (org || '0000000-4444-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '0000000-1111-4000-8000-000000000000')::uuid, (org || '1000000-3333-4000-8000-000000000000')::uuid, 'build-1', 3, 1, 1, 1
from (values ('a'), ('b')) o(org);

insert into metrics.test_cases (test_run_id, position, org_id, suite, name, outcome, failure)
select (org || '0000000-4444-4000-8000-000000000000')::uuid, n, (org || '0000000-0000-4000-8000-000000000000')::uuid, 'cart', name, outcome, failure
from (values ('a'), ('b')) o(org),
     (values (1, 'adds', 'passed', null), (2, 'removes', 'failed', 'expected 0, got 1'), (3, 'pays', 'skipped', null)) t(n, name, outcome, failure);
