create or replace function ops.finish_webhook(p_id bigint, p_outcome text) returns void
  language sql security definer
  set search_path = ''
as $$
  update ops.webhook_deliveries d set processed_at = clock_timestamp(), outcome = left(p_outcome, 2000)
  where d.id = p_id and d.processed_at is null;
$$;
comment on function ops.finish_webhook(bigint, text) is 'Closes a delivery with what came of it.';
revoke all on function ops.finish_webhook(bigint, text) from public, anon, authenticated;
grant execute on function ops.finish_webhook(bigint, text) to service_role;
