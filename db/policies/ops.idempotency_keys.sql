-- Answers of earlier requests are handed out by functions only.
alter table ops.idempotency_keys enable row level security;
revoke all on ops.idempotency_keys from public, anon, authenticated, service_role;
grant select, insert, update, delete on ops.idempotency_keys to service_role;
