create or replace function ops.receive_webhook(
    p_org_id uuid, p_provider text, p_delivery_id text, p_event text, p_payload jsonb)
  returns boolean
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into ops.webhook_deliveries (org_id, provider, delivery_id, event, payload)
  values (p_org_id, p_provider, p_delivery_id, p_event, p_payload)
  on conflict (org_id, provider, delivery_id) do nothing;
  return found;
end
$$;
comment on function ops.receive_webhook(uuid, text, text, text, jsonb) is
  'Stores a verified delivery; false when it is known already, which makes a redelivery harmless.';
revoke all on function ops.receive_webhook(uuid, text, text, text, jsonb) from public, anon, authenticated;
grant execute on function ops.receive_webhook(uuid, text, text, text, jsonb) to service_role;
