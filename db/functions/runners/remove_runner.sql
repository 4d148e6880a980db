create or replace function ops.remove_runner(p_runner_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_runner ops.runners;
begin
  select * into v_runner from ops.runners where id = p_runner_id and removed_at is null;
  if v_runner.id is not null and v_runner.org_id is null then
    if not registry.is_service() then
      raise sqlstate 'PT403' using message = 'this runner serves every organisation: only the operator of the server can remove it';
    end if;
  else
    perform registry.require_role(v_runner.org_id, 'admin', 'runner');
  end if;
  update ops.runners set removed_at = clock_timestamp() where id = p_runner_id;
  perform ops.audit(v_runner.org_id, 'runner.removed', 'runner:' || p_runner_id, jsonb_build_object('name', v_runner.name));
end
$$;
comment on function ops.remove_runner(uuid) is
  'Takes a runner''s right to claim; a build it runs now may end. Admin and up; shared runners only by the server''s operator.';
revoke all on function ops.remove_runner(uuid) from public, anon;
grant execute on function ops.remove_runner(uuid) to authenticated, service_role;
