create or replace function ops.log_marks(p_build_id uuid) returns table (line bigint, kind text, label text)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  return query
    select m.line, m.kind, m.label from ops.log_marks m where m.build_id = p_build_id order by m.line, m.kind limit 20000;
end
$$;
comment on function ops.log_marks(uuid) is
  'Where to jump to in a build''s log: errors, warnings, groups, steps, phases; the first 20,000. Viewer and up.';
revoke all on function ops.log_marks(uuid) from public, anon;
grant execute on function ops.log_marks(uuid) to authenticated, service_role;
