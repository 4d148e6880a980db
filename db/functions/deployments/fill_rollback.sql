create or replace function ops.fill_rollback() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_deployment record;
begin
  select d.org_id, d.source into v_deployment from ops.deployments d where d.id = new.deployment_id;
  if new.org_id is null then
    perform registry.require_role(v_deployment.org_id, 'viewer', 'deployment');
    new.org_id := v_deployment.org_id;
  end if;
  if v_deployment.source = 'runner' and not registry.is_service() and registry.has_role(v_deployment.org_id, 'viewer') then
    raise sqlstate 'PT409' using message = 'Plimsoll made this deployment and records its rollbacks itself',
      hint = 'Roll it back through Plimsoll.';
  end if;
  return new;
end
$$;
comment on function ops.fill_rollback() is
  'Fills a rollback''s org from its deployment where it is left out. Those of Plimsoll''s own deployments are for Plimsoll to record.';
revoke all on function ops.fill_rollback() from public, anon, authenticated;
create or replace trigger fill_rollback before insert or update on ops.rollbacks
  for each row execute function ops.fill_rollback();
