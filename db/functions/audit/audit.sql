create or replace function ops.audit(p_org_id uuid, p_action text, p_target text, p_detail jsonb default '{}') returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into ops.audit_log (org_id, actor, action, target, detail)
  values (
    p_org_id,
    case
      when auth.jwt() ? 'plimsoll_token_id' then 'token:' || (auth.jwt() ->> 'plimsoll_token_id')
      when auth.uid() is not null then 'user:' || auth.uid()
      else 'service'
    end,
    p_action, p_target, coalesce(p_detail, '{}'));
end
$$;
comment on function ops.audit(uuid, text, text, jsonb) is
  'Notes who did what; every function that changes something calls it in the same transaction.';
revoke all on function ops.audit(uuid, text, text, jsonb) from public, anon, authenticated;
grant execute on function ops.audit(uuid, text, text, jsonb) to service_role;
