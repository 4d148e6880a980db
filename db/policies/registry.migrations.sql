-- What was applied is the migrating role's own.
alter table registry.migrations enable row level security;
revoke all on registry.migrations from public, anon, authenticated, service_role;
grant select on registry.migrations to service_role;
