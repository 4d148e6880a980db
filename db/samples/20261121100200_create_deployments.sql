-- Deployment 1 succeeded, 2 was rolled back, 3 failed on staging, 4 was made by Plimsoll and runs.
insert into ops.deployments (id, org_id, project_id, environment_id, environment, build_id, external_id, version, commit_sha, source, status,
                             started_at, completed_at, deployed_at, downtime_minutes)
select (org || n || '000000-5555-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '0000000-1111-4000-8000-000000000000')::uuid, e.id, environment,
       case n when '4' then (org || '1000000-3333-4000-8000-000000000000')::uuid end, case n when '1' then 'release-1' end, 'v1.' || n, repeat(n, 40),
       source, status, at, at + minutes * interval '1 minute', case n when '1' then at end, downtime
from (values ('a'), ('b')) o(org)
cross join (values ('1', 'production', 'api', 'success', now() - interval '3 days', 4, 0), ('2', 'production', 'ci', 'rollback', now() - interval '2 days', 9, 2.5),
             ('3', 'staging', 'api', 'failed', now() - interval '1 day', 1, null), ('4', 'production', 'runner', 'running', now(), null, null))
       d(n, environment, source, status, at, minutes, downtime)
left join ops.environments e on e.kind = environment and e.project_id = (org || '0000000-1111-4000-8000-000000000000')::uuid;

insert into ops.rollbacks (id, org_id, deployment_id, rollback_trigger, rollback_type, triggered_at, completed_at, rollback_success, rollback_reason)
select (org || '2000000-6666-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '2000000-5555-4000-8000-000000000000')::uuid, 'DEPLOY-003', 'traffic', now() - interval '2 days', now() - interval '2 days' + interval '90 seconds',
       true, 'the shop did not answer'
from (values ('a'), ('b')) o(org);
