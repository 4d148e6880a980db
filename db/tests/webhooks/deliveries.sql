do $$
declare
  v_org uuid := pg_temp.org_of('a');
  d record;
begin
  update ops.webhook_deliveries set processed_at = now();
  perform pg_temp.equal('a new delivery', ops.receive_webhook(v_org, 'github', 'x1', 'push', '{}'), true);
  perform pg_temp.equal('a redelivery', ops.receive_webhook(v_org, 'github', 'x1', 'push', '{}'), false);
  perform pg_temp.equal('the same id to another org', ops.receive_webhook(pg_temp.org_of('b'), 'github', 'x1', 'ping', '{}'), true);
  -- next_attempt_at is when the transaction began; the functions read the clock.
  perform pg_temp.equal('due', (select count(*) from ops.due_webhooks(10)), 2);
  perform pg_temp.equal('taken', (select count(*) from ops.due_webhooks(10)), 0);
  update ops.webhook_deliveries set next_attempt_at = now() where delivery_id = 'x1';
  perform pg_temp.equal('taken anew after a minute', (select array_agg(w.attempts) from ops.due_webhooks(10) w), array[2, 2]);
  for d in select id, event from ops.webhook_deliveries where delivery_id = 'x1' loop
    if d.event = 'push' then
      perform ops.postpone_webhook(d.id, clock_timestamp() - interval '1 second', 'try again');
    else
      perform ops.finish_webhook(d.id, 'ping answered');
    end if;
  end loop;
  perform pg_temp.equal('due again', (select array_agg(w.event) from ops.due_webhooks(10) w), array['push']);
  perform pg_temp.equal('outcome', (select outcome from ops.webhook_deliveries where delivery_id = 'x1' and event = 'ping'), 'ping answered');
end $$;
