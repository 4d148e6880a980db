create or replace function registry.default_org() returns uuid
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_org_ids uuid[];
begin
  -- Two are enough to know that there is not one. A token's membership is within its org, so it needs no case of its own.
  if registry.is_service() then
    v_org_ids := array(select o.id from registry.orgs o limit 2);
  else
    v_org_ids := array(select ops.my_org_ids() limit 2);
  end if;
  return case when cardinality(v_org_ids) = 1 then v_org_ids[1] end;
end
$$;
comment on function registry.default_org() is
  'The org that is meant where an insert names none: the token''s, the caller''s only one, or for the server the only one there is; null where that is not clear.';
revoke all on function registry.default_org() from public, anon, authenticated;
grant execute on function registry.default_org() to service_role;
