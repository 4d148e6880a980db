-- The server alone reads passwords, through functions.
alter table registry.credentials enable row level security;
revoke all on registry.credentials from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.credentials to service_role;
