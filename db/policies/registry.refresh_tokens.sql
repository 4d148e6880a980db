-- The server alone reads refresh tokens, through functions.
alter table registry.refresh_tokens enable row level security;
revoke all on registry.refresh_tokens from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.refresh_tokens to service_role;
