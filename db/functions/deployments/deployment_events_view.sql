create or replace view metrics.deployment_events with (security_invoker = true) as
select d.id, coalesce(d.external_id, d.id::text) as deployment_id, d.environment,
  case d.status when 'failed' then 'failure' else d.status end as status, d.happened_at as deployed_at,
  d.commit_sha, d.branch_name, d.pr_number, d.deployed_by, d.metadata, d.created_at, d.project_id, d.org_id
from ops.deployments d
where d.status in ('success', 'rollback', 'failed');
comment on view metrics.deployment_events is
  'Deployments that have ended, as events. An insert records one; the same event again changes nothing, and a rollback of a deployment_id known as a success marks that deployment.';
revoke all on metrics.deployment_events from public, anon, authenticated, service_role;
grant select, insert on metrics.deployment_events to authenticated, service_role;

create or replace function metrics.insert_deployment_event() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text := case new.status when 'failure' then 'failed' else new.status end;
  v_known ops.deployments;
begin
  if new.status is null then
    raise not_null_violation using message = 'status is missing: it is one of success, failure, rollback', column = 'status';
  elsif new.status not in ('success', 'failure', 'rollback') then
    raise check_violation using message = format('status is %s: it is one of success, failure, rollback', new.status);
  end if;
  new.project_id := coalesce(new.project_id, ops.default_project(new.org_id));
  new.environment := coalesce(new.environment, 'production');
  if new.deployment_id is not null then
    -- Of two events of one deployment at once, the second sees what the first wrote.
    perform pg_advisory_xact_lock(hashtextextended('ops.deployments.external_id:' || new.project_id || new.deployment_id, 0));
    select d.* into v_known from ops.deployments d
      where d.project_id = new.project_id and d.environment = new.environment
        and (d.external_id = new.deployment_id
          or d.id = case when new.deployment_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then new.deployment_id::uuid end)
      order by d.happened_at desc, d.id limit 1;
  end if;
  if v_known.id is not null and not registry.has_role(v_known.org_id, 'developer') then
    raise sqlstate 'PT403' using message = 'this needs the role developer in the organisation', hint = 'ask an admin of the organisation';
  elsif v_known.status = 'success' and v_status = 'rollback' then
    update ops.deployments d set status = 'rollback', metadata = d.metadata || coalesce(new.metadata, '{}') where d.id = v_known.id;
    if not found then
      raise sqlstate 'PT409' using message = 'Plimsoll made this deployment itself: what it saw is not changed from outside';
    end if;
    new.id := v_known.id;
  elsif v_known.status = v_status and v_known.happened_at = new.deployed_at and coalesce(new.id, v_known.id) = v_known.id then
    new.id := v_known.id;
  else
    insert into ops.deployments (id, org_id, project_id, environment, external_id, status, deployed_at, completed_at, commit_sha, branch_name,
        pr_number, deployed_by, metadata, created_at)
      values (coalesce(new.id, gen_random_uuid()), new.org_id, new.project_id, new.environment, new.deployment_id, v_status,
        coalesce(new.deployed_at, now()), coalesce(new.deployed_at, now()), new.commit_sha, new.branch_name, new.pr_number, new.deployed_by,
        coalesce(new.metadata, '{}'), coalesce(new.created_at, now()))
      returning id into new.id;
  end if;
  select e.* into new from metrics.deployment_events e where e.id = new.id;
  return new;
end
$$;
comment on function metrics.insert_deployment_event() is
  'Lets outside clients record deployments by inserting into metrics.deployment_events; row level security of ops.deployments decides.';
revoke all on function metrics.insert_deployment_event() from public, anon, authenticated;
create or replace trigger insert_deployment_event instead of insert on metrics.deployment_events
  for each row execute function metrics.insert_deployment_event();
