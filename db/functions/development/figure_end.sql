create or replace function metrics.figure_end(p_start timestamptz, p_end timestamptz, p_env text, p_known_envs text[] default null)
  returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
begin
  if p_start is null or p_end is null or not isfinite(p_start) or not isfinite(p_end) then
    raise sqlstate 'PT400' using message = 'start_date and end_date are both needed: dates or times';
  elsif p_start > p_end then
    raise sqlstate 'PT400' using message = format('start_date %s is after end_date %s', p_start, p_end);
  elsif p_env is null or p_env <> all (p_known_envs) then
    raise sqlstate 'PT400' using message = format('env is %s: it is one of %s', coalesce(p_env, 'null'),
      coalesce(array_to_string(p_known_envs, ', '), 'development, staging, production, all'));
  end if;
  return p_end + case when p_end = date_trunc('day', p_end) then interval '1 day' else interval '1 microsecond' end;
end
$$;
comment on function metrics.figure_end(timestamptz, timestamptz, text, text[]) is
  'The first moment after the span that start_date and end_date name, both included: an end at midnight is a date and stands for its whole day. PT400 where they name none.';
revoke all on function metrics.figure_end(timestamptz, timestamptz, text, text[]) from public, anon;
grant execute on function metrics.figure_end(timestamptz, timestamptz, text, text[]) to authenticated, service_role;
