create or replace function ops.lock_next_lane(p_org_id uuid) returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  if p_org_id is not null then
    select org_id into v_org_id from ops.queue_lanes where org_id = p_org_id and turn is not null for update;
    return v_org_id;
  end if;
  select org_id into v_org_id from ops.queue_lanes where turn is not null order by turn limit 1 for update skip locked;
  if v_org_id is null then
    -- All that could be served are being changed by others. Wait for the first, then look again for the smallest turn:
    -- the one waited for may have been served meanwhile.
    -- By its key, so that exactly one row is waited for: a search that waits may move on to a second row with the first
    -- one locked, and two such searches deadlock.
    select org_id into v_org_id from ops.queue_lanes where turn is not null order by turn limit 1;
    if v_org_id is not null then
      perform from ops.queue_lanes where org_id = v_org_id for update;
      select org_id into v_org_id from ops.queue_lanes where turn is not null order by turn limit 1 for update skip locked;
    end if;
  end if;
  return v_org_id;
end
$$;
comment on function ops.lock_next_lane(uuid) is
  'Locks the lane whose turn it is, or the one of p_org_id if it has a turn, and answers its org; null when there is none.';
revoke all on function ops.lock_next_lane(uuid) from public, anon, authenticated;
