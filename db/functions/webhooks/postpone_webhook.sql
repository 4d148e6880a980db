create or replace function ops.postpone_webhook(p_id bigint, p_next_attempt_at timestamptz, p_error text) returns void
  language sql security definer
  set search_path = ''
as $$
  update ops.webhook_deliveries d set next_attempt_at = p_next_attempt_at, outcome = left(p_error, 2000)
  where d.id = p_id and d.processed_at is null;
$$;
comment on function ops.postpone_webhook(bigint, timestamptz, text) is
  'Lets a delivery whose effect failed for now be tried again later.';
revoke all on function ops.postpone_webhook(bigint, timestamptz, text) from public, anon, authenticated;
grant execute on function ops.postpone_webhook(bigint, timestamptz, text) to service_role;
