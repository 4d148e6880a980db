create or replace view ops.deployment_logs with (security_invoker = true) as
select d.id, d.project_id as venture_id, d.version as deployment_version, d.status as deployment_status, d.started_at, d.completed_at,
  d.rollback_reason, d.downtime_minutes, d.downtime_detected_at, d.created_at, d.environment, d.org_id
from ops.deployments d
where d.status in ('success', 'rollback', 'failed');
comment on view ops.deployment_logs is
  'Deployments that have ended, under the names that outside clients know. An insert records one: of the caller''s default project and production unless it says otherwise.';
revoke all on ops.deployment_logs from public, anon, authenticated, service_role;
grant select, insert, update on ops.deployment_logs to authenticated, service_role;

create or replace function ops.write_deployment_log() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if new.deployment_status is null then
    raise not_null_violation using message = 'deployment_status is missing: it is one of success, rollback, failed', column = 'deployment_status';
  elsif new.deployment_status not in ('success', 'rollback', 'failed') then
    raise check_violation using message = format('deployment_status is %s: it is one of success, rollback, failed', new.deployment_status);
  end if;
  if tg_op = 'INSERT' then
    insert into ops.deployments (id, org_id, project_id, environment, version, status, started_at, completed_at, rollback_reason,
        downtime_minutes, downtime_detected_at, created_at)
      values (coalesce(new.id, gen_random_uuid()), new.org_id, new.venture_id, new.environment, new.deployment_version, new.deployment_status,
        coalesce(new.started_at, case when new.completed_at is null then now() end), new.completed_at, new.rollback_reason,
        new.downtime_minutes, new.downtime_detected_at, coalesce(new.created_at, now()))
      returning id into new.id;
  else
    if (new.id, new.venture_id, new.environment, new.org_id, new.created_at)
        is distinct from (old.id, old.venture_id, old.environment, old.org_id, old.created_at) then
      raise sqlstate 'PT400' using message = 'id, venture_id, environment, org_id and created_at of a deployment do not change';
    end if;
    update ops.deployments d set version = new.deployment_version, status = new.deployment_status, started_at = new.started_at,
        completed_at = new.completed_at, rollback_reason = new.rollback_reason, downtime_minutes = new.downtime_minutes,
        downtime_detected_at = new.downtime_detected_at
      where d.id = old.id;
    if not found then
      -- As with a table: a row that the caller may not change is left out.
      if not registry.has_role(old.org_id, 'developer') then
        return null;
      end if;
      raise sqlstate 'PT409' using message = 'Plimsoll made this deployment itself: what it saw is not changed from outside';
    end if;
  end if;
  select l.* into new from ops.deployment_logs l where l.id = new.id;
  return new;
end
$$;
comment on function ops.write_deployment_log() is
  'Lets outside clients record and correct deployments through ops.deployment_logs; row level security of ops.deployments decides.';
revoke all on function ops.write_deployment_log() from public, anon, authenticated;
create or replace trigger write_deployment_log instead of insert or update on ops.deployment_logs
  for each row execute function ops.write_deployment_log();
