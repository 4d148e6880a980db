-- The server alone reads sign-ins, through functions.
alter table registry.auth_sessions enable row level security;
revoke all on registry.auth_sessions from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.auth_sessions to service_role;
