create or replace function ops.queue_rank(p_stage text, p_priority integer, p_queued_at timestamptz) returns timestamptz
  language sql stable
  set search_path = ''
as $$
  -- A production build overtakes staging builds queued up to 10 minutes before it, and those development builds: after
  -- that, age wins. One step of priority is worth 2 minutes. The sum is never after p_queued_at, so an org that waits
  -- has an earlier turn than one that was just served (see ops.queue_lanes.turn).
  select p_queued_at - make_interval(mins =>
    case p_stage when 'production' then 30 when 'staging' then 20 else 10 end + (5 - p_priority) * 2)
$$;
comment on function ops.queue_rank(text, integer, timestamptz) is
  'Order of a run within its org, smallest first: when it was queued, minus an advantage for stage and priority (1 highest, 10 lowest).';
revoke all on function ops.queue_rank(text, integer, timestamptz) from public, anon, authenticated;
