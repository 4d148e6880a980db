create or replace view ops.rollback_logs with (security_invoker = true) as
select r.id, r.deployment_id, r.rollback_trigger, r.rollback_type, r.triggered_at, r.completed_at, r.rollback_duration_minutes,
  r.rollback_success, r.rollback_reason, r.created_at, r.org_id
from ops.rollbacks r;
comment on view ops.rollback_logs is
  'Another name of ops.rollbacks, written to in the same way. A duration that is given is not needed: it follows from the two times.';
revoke all on ops.rollback_logs from public, anon, authenticated, service_role;
grant select, insert, update on ops.rollback_logs to authenticated, service_role;

create or replace function ops.write_rollback_log() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into ops.rollbacks (id, org_id, deployment_id, rollback_trigger, rollback_type, triggered_at, completed_at, rollback_success,
        rollback_reason, created_at)
      values (coalesce(new.id, gen_random_uuid()), new.org_id, new.deployment_id, coalesce(new.rollback_trigger, 'manual'),
        coalesce(new.rollback_type, 'traffic'), coalesce(new.triggered_at, now()), new.completed_at, new.rollback_success,
        new.rollback_reason, coalesce(new.created_at, now()))
      returning id into new.id;
  else
    if (new.id, new.deployment_id, new.rollback_trigger, new.rollback_type, new.triggered_at, new.org_id, new.created_at)
        is distinct from (old.id, old.deployment_id, old.rollback_trigger, old.rollback_type, old.triggered_at, old.org_id, old.created_at) then
      raise sqlstate 'PT400' using message = 'of a rollback, completed_at, rollback_success and rollback_reason may change and nothing else';
    end if;
    update ops.rollbacks r set completed_at = new.completed_at, rollback_success = new.rollback_success, rollback_reason = new.rollback_reason
      where r.id = old.id;
    if not found then
      return null;
    end if;
  end if;
  select l.* into new from ops.rollback_logs l where l.id = new.id;
  return new;
end
$$;
comment on function ops.write_rollback_log() is
  'Lets outside clients record rollbacks through ops.rollback_logs; row level security of ops.rollbacks decides.';
revoke all on function ops.write_rollback_log() from public, anon, authenticated;
create or replace trigger write_rollback_log instead of insert or update on ops.rollback_logs
  for each row execute function ops.write_rollback_log();
