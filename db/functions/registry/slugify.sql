create or replace function registry.slugify(p_name text, p_fallback text) returns text
  language sql immutable
  set search_path = ''
as $$
  select coalesce(
    nullif(btrim(left(regexp_replace(
      -- Decompose, then drop the marks: é becomes e.
      lower(regexp_replace(normalize(p_name, nfkd), '[\u0300-\u036f]', '', 'g')),
      '[^a-z0-9]+', '-', 'g'), 50), '-'), ''),
    p_fallback);
$$;
comment on function registry.slugify(text, text) is
  'A name as it may stand in a URL; p_fallback where nothing of it can.';
revoke all on function registry.slugify(text, text) from public, anon, authenticated;
grant execute on function registry.slugify(text, text) to service_role;
