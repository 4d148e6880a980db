create or replace function ops.check_build_request(p_trigger text, p_commit_sha text, p_params jsonb, p_priority integer) returns void
  language plpgsql immutable
  set search_path = ''
as $$
begin
  if p_trigger is null or p_trigger not in ('manual', 'commit', 'schedule', 'api') then
    raise sqlstate 'PT400' using message = format('trigger is %s: it is one of manual, commit, schedule, api', coalesce(p_trigger, 'null'));
  elsif p_commit_sha is not null and p_commit_sha !~* '^[0-9a-f]{40}([0-9a-f]{24})?$' then
    raise sqlstate 'PT400' using message = 'commit_sha must be a full commit id: 40 or 64 hexadecimal digits';
  elsif p_priority is null or p_priority not between 1 and 10 then
    raise sqlstate 'PT400' using message = format('priority is %s: it goes from 1 (highest) to 10', coalesce(p_priority::text, 'null'));
  elsif p_params is not null and jsonb_typeof(p_params) <> 'object' then
    raise sqlstate 'PT400' using message = 'params must be a JSON object';
  elsif length(p_params::text) > 16384 then
    raise sqlstate 'PT400' using message = 'params must not be longer than 16384 characters';
  elsif p_params ? 'target' and coalesce(p_params ->> 'target', '') not in ('build', 'deploy', 'promote') then
    raise sqlstate 'PT400' using message = 'params.target is one of build, deploy, promote';
  elsif p_params ? 'env' and coalesce(p_params ->> 'env', '') not in ('dev', 'stage', 'prod') then
    raise sqlstate 'PT400' using message = 'params.env is one of dev, stage, prod';
  elsif p_params ? 'force' and jsonb_typeof(p_params -> 'force') <> 'boolean' then
    raise sqlstate 'PT400' using message = 'params.force is true or false';
  end if;
end
$$;
comment on function ops.check_build_request(text, text, jsonb, integer) is 'Raises PT400 that says what would be right.';
revoke all on function ops.check_build_request(text, text, jsonb, integer) from public, anon, authenticated;
