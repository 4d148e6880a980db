create or replace function ops.find_anything(p_org_id uuid, p_query text default '', p_limit integer default 20) returns table (
  kind text, label text, note text, status text, org_slug text, project_slug text, branch_id uuid, build_id uuid
)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_query text := left(btrim(coalesce(p_query, '')), 200);
  -- The words in their order, with anything between them.
  v_like text := '%' || regexp_replace(regexp_replace(v_query, '([\\%_])', '\\\1', 'g'), '\s+', '%', 'g') || '%';
  v_number integer := substring(v_query from '(?:^|[#\s])(\d{1,9})$')::integer;
  v_before_number text := '%' || regexp_replace(regexp_replace(btrim(regexp_replace(v_query, '#?\d{1,9}$', '')), '([\\%_])', '\\\1', 'g'), '\s+', '%', 'g') || '%';
begin
  perform registry.require_role(p_org_id, 'viewer', 'org');
  return query
    (select 'project', p.name, o.name, null::text, o.slug, p.slug, null::uuid, null::uuid
      from ops.projects p join registry.orgs o on o.id = p.org_id
      where p.org_id = p_org_id and p.status = 'active' and (p.name ilike v_like or p.slug ilike v_like)
      order by p.name limit v_limit)
    union all
    (select 'branch', br.name, p.name, null, o.slug, p.slug, br.id, null
      from ops.branches br join ops.projects p on p.id = br.project_id join registry.orgs o on o.id = p.org_id
      where br.org_id = p_org_id and br.status <> 'archived' and p.status = 'active' and v_query <> ''
        and (p.slug || ' ' || br.name) ilike v_like
      order by br.updated_at desc limit v_limit)
    union all
    (select 'build', p.name || ' #' || b.build_number || coalesce(' ' || left(split_part(b.commit_message, E'\n', 1), 80), ''),
        br.name, b.status, o.slug, p.slug, br.id, b.id
      -- By number through its key; otherwise among the newest of the org, so that the cost does not grow with history.
      from (
          (select x.* from ops.projects q join ops.builds x on x.project_id = q.id and x.build_number = v_number
            where q.org_id = p_org_id and (q.slug ilike v_before_number or q.name ilike v_before_number))
          union
          (select x.* from (select * from ops.builds y where y.org_id = p_org_id order by y.created_at desc limit 200) x)
        ) b
        join ops.projects p on p.id = b.project_id join ops.branches br on br.id = b.branch_id join registry.orgs o on o.id = p.org_id
      where b.build_number = v_number or v_query = ''
        or (p.slug || ' ' || br.name || ' #' || b.build_number || ' ' || coalesce(b.commit_message, '') || ' ' || coalesce(b.commit_sha, '')) ilike v_like
      order by (b.build_number is not distinct from v_number) desc, b.created_at desc limit v_limit);
end
$$;
comment on function ops.find_anything(uuid, text, integer) is
  'Projects, branches and builds of an org by name, number, commit or message, for the command palette. Viewer and up.';
revoke all on function ops.find_anything(uuid, text, integer) from public, anon;
grant execute on function ops.find_anything(uuid, text, integer) to authenticated, service_role;
