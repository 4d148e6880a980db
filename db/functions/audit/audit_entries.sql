create or replace function ops.audit_entries(
    p_org_id uuid, p_actor text default null, p_action text default null, p_before bigint default null, p_limit integer default 100)
  returns table (id bigint, actor text, actor_name text, action text, target text, detail jsonb, created_at timestamptz)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform registry.require_role(p_org_id, 'viewer', 'organisation');
  return query
    select a.id, a.actor, coalesce(u.email::text, t.name, a.actor), a.action, a.target, a.detail, a.created_at
    from ops.audit_log a
    left join auth.users u on u.id = case when a.actor like 'user:%' then substr(a.actor, 6)::uuid end
    left join registry.api_tokens t on t.id = case when a.actor like 'token:%' then substr(a.actor, 7)::uuid end
    where a.org_id = p_org_id
      and (p_before is null or a.id < p_before)
      and (p_action is null or a.action = p_action or starts_with(a.action, p_action || '.'))
      and (p_actor is null or a.actor = p_actor
           or position(lower(p_actor) in lower(coalesce(u.email::text, t.name, a.actor))) > 0)
    order by a.id desc
    limit least(greatest(coalesce(p_limit, 100), 1), 10000);
end
$$;
comment on function ops.audit_entries(uuid, text, text, bigint, integer) is
  'Who did what, newest first. p_actor is an actor as stored or part of a person''s address or a token''s name; p_action an action or its first part; p_before the last id of the page before.';
revoke all on function ops.audit_entries(uuid, text, text, bigint, integer) from public, anon;
grant execute on function ops.audit_entries(uuid, text, text, bigint, integer) to authenticated, service_role;
