create or replace function ops.lock_lane(p_org_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform from ops.queue_lanes where org_id = p_org_id for update;
  if not found then
    insert into ops.queue_lanes (org_id) values (p_org_id) on conflict (org_id) do nothing;
    perform from ops.queue_lanes where org_id = p_org_id for update;
  end if;
end
$$;
comment on function ops.lock_lane(uuid) is
  'Locks the org''s queue until the transaction ends. Whoever changes runs, leases, or rows of branches locks it first, before any other row, so that no two wait for each other.';
revoke all on function ops.lock_lane(uuid) from public, anon, authenticated;
