create or replace function ops.runner_name(p_runner_id text) returns text
  language sql stable
  set search_path = ''
as $$
  -- Callers of claim_next_run name themselves in any words; only registered runners have an id to look up.
  select coalesce((select r.name from ops.runners r where r.id =
    case when p_runner_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then p_runner_id::uuid end), p_runner_id)
$$;
comment on function ops.runner_name(text) is 'The name of a registered runner, or what a caller of claim_next_run called itself.';
revoke all on function ops.runner_name(text) from public, anon, authenticated;
