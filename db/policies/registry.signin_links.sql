-- The server alone reads sign-in links, through functions.
alter table registry.signin_links enable row level security;
revoke all on registry.signin_links from public, anon, authenticated, service_role;
grant select, insert, update, delete on registry.signin_links to service_role;
