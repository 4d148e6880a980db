create or replace function ops.mark_rolled_back() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  -- The composite key holds that the deployment is of the rollback's org. A failed deployment stays a failed one.
  update ops.deployments d set status = 'rollback', rollback_reason = coalesce(d.rollback_reason, new.rollback_reason)
    where d.id = new.deployment_id and d.org_id = new.org_id and d.status = 'success';
  return null;
end
$$;
comment on function ops.mark_rolled_back() is
  'A deployment that had succeeded counts as rolled back once a rollback of it is recorded, so that both always say the same.';
revoke all on function ops.mark_rolled_back() from public, anon, authenticated;
create or replace trigger mark_rolled_back after insert on ops.rollbacks
  for each row execute function ops.mark_rolled_back();
