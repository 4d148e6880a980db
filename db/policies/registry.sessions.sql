-- The server alone reads sessions, through functions.
alter table registry.sessions enable row level security;
revoke all on registry.sessions from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.sessions to service_role;
