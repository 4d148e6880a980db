insert into ops.idempotency_keys (scope, key, request_hash, response)
select 'trigger_build:' || org, 'sample', sha256('request'), '{"build_number": 1}'
from (values ('a'), ('b')) o(org);

insert into ops.webhook_deliveries (org_id, provider, delivery_id, event, payload, processed_at, outcome)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'github', 'delivery-' || n, 'push', '{"ref": "refs/heads/main"}',
       case n when 1 then now() end, case n when 1 then 'shop: build 1 of main' end
from (values ('a'), ('b')) o(org), generate_series(1, 2) n;

insert into ops.audit_log (org_id, actor, action, target, detail)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'user:' || org || '1000000-0000-4000-8000-000000000000', 'project.created',
       'project:' || org || '0000000-1111-4000-8000-000000000000', '{"name": "Shop"}'
from (values ('a'), ('b')) o(org);
