create or replace function ops.requeue_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamptz, p_detail text) returns boolean
  language sql security definer
  set search_path = ''
as $$
  select ops.lose_run(p_build_id, p_token, coalesce(p_next_attempt_at, '-infinity'), p_detail)
$$;
comment on function ops.requeue_run(uuid, bigint, timestamptz, text) is
  'Queues a lost build again, not before p_next_attempt_at; one that was asked to stop is cancelled instead. False when the lease was renewed or is over.';
revoke all on function ops.requeue_run(uuid, bigint, timestamptz, text) from public, anon, authenticated;
grant execute on function ops.requeue_run(uuid, bigint, timestamptz, text) to service_role;
