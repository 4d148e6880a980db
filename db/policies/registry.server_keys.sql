-- The server alone reads keys, through functions.
alter table registry.server_keys enable row level security;
revoke all on registry.server_keys from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.server_keys to service_role;
