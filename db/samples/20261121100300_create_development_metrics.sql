insert into metrics.pr_events (org_id, project_id, pr_number, pr_title, branch_name, event_type, event_timestamp, author, labels, cycle_time_seconds)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid, 7, 'Add a cart', 'feature/x',
       event_type, at, 'ada', '{feature}', seconds
from (values ('a'), ('b')) o(org),
     (values ('created', now() - interval '3 days', null), ('merged', now() - interval '2 days', 86400)) e(event_type, at, seconds);

insert into metrics.rule_compliance_events (org_id, project_id, event_timestamp, rule_name, rule_category, compliance_status, context_type, context_id)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid, now() - interval '1 day',
       'branch-name', 'foundation', status, 'commit', repeat('1', 40)
from (values ('a'), ('b')) o(org), (values ('compliant'), ('violation')) s(status);

insert into metrics.development_metrics (org_id, project_id, metric_date, metric_type, metric_value, metric_unit, sample_size)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid, current_date - 1,
       'rule_compliance_rate', 50, 'percent', 2
from (values ('a'), ('b')) o(org);
