create or replace function ops.record_commit(
  p_build_id uuid, p_token bigint, p_sha text, p_message text, p_author text, p_recipe text, p_sandbox_level text
) returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  perform ops.hold_lease(p_build_id, p_token);
  if p_sha !~* '^[0-9a-f]{40}([0-9a-f]{24})?$' then
    raise sqlstate 'PT400' using message = 'sha must be a full commit id: 40 or 64 hexadecimal digits';
  end if;
  update ops.builds set commit_sha = coalesce(lower(p_sha), commit_sha), commit_message = coalesce(left(p_message, 2000), commit_message),
      commit_author = coalesce(left(p_author, 500), commit_author), recipe = coalesce(p_recipe, recipe),
      sandbox_level = coalesce(p_sandbox_level, sandbox_level)
    where id = p_build_id;
end
$$;
comment on function ops.record_commit(uuid, bigint, text, text, text, text, text) is
  'What was checked out, by which recipe it is built and how far it is fenced off. Nulls leave what is known.';
revoke all on function ops.record_commit(uuid, bigint, text, text, text, text, text) from public, anon, authenticated;
grant execute on function ops.record_commit(uuid, bigint, text, text, text, text, text) to service_role;
