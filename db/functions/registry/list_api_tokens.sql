create or replace function registry.list_api_tokens(p_org_id uuid)
  returns table (id uuid, name text, prefix text, scopes text[], created_by uuid, created_by_email text,
                 created_at timestamptz, expires_at timestamptz, last_used_at timestamptz)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  return query
    select t.id, t.name, t.prefix, t.scopes, t.created_by, u.email::text, t.created_at, t.expires_at, t.last_used_at
    from registry.api_tokens t left join auth.users u on u.id = t.created_by
    where t.org_id = p_org_id and t.revoked_at is null
    order by t.created_at desc, t.id;
end
$$;
comment on function registry.list_api_tokens(uuid) is
  'The org''s tokens that are not revoked, newest first, with who made them.';
revoke all on function registry.list_api_tokens(uuid) from public, anon;
grant execute on function registry.list_api_tokens(uuid) to authenticated, service_role;
