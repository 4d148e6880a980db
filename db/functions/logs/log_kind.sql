create or replace function ops.log_kind(p_phase text, p_level text) returns smallint
  language plpgsql immutable
  set search_path = ''
as $$
declare
  v_phase integer := array_position(array['checkout', 'build', 'test', 'package', 'deploy', 'promote', 'system'], p_phase);
  v_level integer := array_position(array['debug', 'info', 'warn', 'error'], p_level);
begin
  if v_phase is null then
    raise sqlstate 'PT400' using
      message = format('phase is %s: it is one of checkout, build, test, package, deploy, promote, system', coalesce(p_phase, 'null'));
  elsif v_level is null then
    raise sqlstate 'PT400' using message = format('level is %s: it is one of debug, info, warn, error', coalesce(p_level, 'null'));
  end if;
  return (v_phase - 1) | ((v_level - 1) << 3);
end
$$;
comment on function ops.log_kind(text, text) is 'Phase and level as packed in ops.log_chunks.kind.';
revoke all on function ops.log_kind(text, text) from public, anon, authenticated;
