create or replace function ops.audit_upgrade() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  perform ops.audit(new.org_id, 'upgrade.' || new.status, 'upgrade:' || new.id,
    jsonb_build_object('project_id', new.project_id, 'from', new.from_version, 'to', new.to_version));
  return null;
end
$$;
create or replace trigger audit_upgrade_planned after insert on ops.upgrades
  for each row execute function ops.audit_upgrade();
create or replace trigger audit_upgrade_moved after update of status on ops.upgrades
  for each row when (new.status <> old.status) execute function ops.audit_upgrade();
comment on function ops.audit_upgrade() is 'Notes each state of an upgrade, as admins write the rows themselves.';
revoke all on function ops.audit_upgrade() from public, anon, authenticated;
