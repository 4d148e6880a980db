-- What was applied is the migrating role's own.
alter table registry.definitions enable row level security;
revoke all on registry.definitions from public, anon, authenticated, service_role;
grant select on registry.definitions to service_role;
