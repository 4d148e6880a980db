create or replace function ops.unescape_line(p_line text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  -- Only line breaks are put back: other bytes that stand as \xHH are no text. Cut at the doubled backslashes first, so
  -- that a backslash in front of "x0A" is not taken for a line break.
  select array_to_string(array(
    select replace(part, '\x0A', e'\n') from unnest(string_to_array(p_line, '\\')) with ordinality as t (part, n) order by n), '\')
$$;
comment on function ops.unescape_line(text) is 'The text for which a stored line with the flag "escaped" stands.';
revoke all on function ops.unescape_line(text) from public, anon;
grant execute on function ops.unescape_line(text) to authenticated, service_role;
