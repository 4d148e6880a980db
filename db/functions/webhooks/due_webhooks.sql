create or replace function ops.due_webhooks(p_limit integer)
  returns table (id bigint, org_id uuid, provider text, event text, payload jsonb, attempts integer)
  language sql security definer
  set search_path = ''
as $$
  with taken as (
    update ops.webhook_deliveries d
    set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + interval '1 minute'
    where d.id = any (array(
      select w.id from ops.webhook_deliveries w
      where w.processed_at is null and w.next_attempt_at <= clock_timestamp()
      order by w.next_attempt_at, w.id
      limit p_limit
      for update skip locked))
    returning d.*)
  select t.id, t.org_id, t.provider, t.event, t.payload, t.attempts from taken t order by t.id;
$$;
comment on function ops.due_webhooks(integer) is
  'Takes deliveries whose effect is due, oldest first. One that is not heard of again within a minute is taken anew.';
revoke all on function ops.due_webhooks(integer) from public, anon, authenticated;
grant execute on function ops.due_webhooks(integer) to service_role;
