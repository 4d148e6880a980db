create or replace function ops.set_org_limit(p_org_id uuid, p_max_running integer) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_before integer;
begin
  perform registry.require_role((select id from registry.orgs where id = p_org_id), 'admin', 'organisation');
  if p_max_running is null or p_max_running not between 0 and 10000 then
    raise sqlstate 'PT400' using message = format('the limit is %s: it goes from 0 (build nothing) to 10000', coalesce(p_max_running::text, 'null'));
  end if;
  perform ops.lock_lane(p_org_id);
  select max_running into v_before from ops.queue_lanes where org_id = p_org_id;
  update ops.queue_lanes set max_running = p_max_running where org_id = p_org_id;
  perform ops.audit(p_org_id, 'org.limit_changed', 'org:' || p_org_id, jsonb_build_object('from', v_before, 'to', p_max_running));
end
$$;
comment on function ops.set_org_limit(uuid, integer) is
  'How many builds of the org may run at a time; builds that run already go on. Admin and up.';
revoke all on function ops.set_org_limit(uuid, integer) from public, anon;
grant execute on function ops.set_org_limit(uuid, integer) to authenticated, service_role;
