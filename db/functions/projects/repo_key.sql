create or replace function ops.repo_key(p_url text) returns text
  language sql immutable
  set search_path = ''
as $$
  select regexp_replace(
    regexp_replace(
      regexp_replace(
        regexp_replace(lower(btrim(p_url)), '^[a-z+]+://([^@/]*@)?', ''),
        -- git@host:owner/name
        '^[^@/:]+@([^:/]+):', '\1/'),
      '^([^/:]+):[0-9]+/', '\1/'),
    '/*(\.git)?/*$', '');
$$;
comment on function ops.repo_key(text) is
  'What two spellings of one repository''s address have in common: host and path, without scheme, user, port and .git.';
revoke all on function ops.repo_key(text) from public, anon;
grant execute on function ops.repo_key(text) to authenticated, service_role;
