create or replace function ops.ensure_log_partitions(p_weeks_ahead integer default 4) returns integer
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_monday date := date_trunc('week', now() at time zone 'utc')::date;
  v_name text;
  v_made integer := 0;
begin
  for i in 0 .. greatest(p_weeks_ahead, 0) loop
    v_name := 'log_chunks_' || to_char(v_monday + i * 7, 'YYYYMMDD');
    -- Where the default partition has rows of a week already, it keeps that week.
    if to_regclass('ops.' || v_name) is null
        and not exists (select from ops.log_chunks_default where bucket >= v_monday + i * 7 and bucket < v_monday + (i + 1) * 7) then
      execute format('create table ops.%I (like ops.log_chunks including defaults including constraints including storage including compression)', v_name);
      execute format('alter table ops.%I enable row level security', v_name);
      execute format('revoke all on ops.%I from public, anon, authenticated, service_role', v_name);
      execute format('alter table ops.log_chunks attach partition ops.%I for values from (%L) to (%L)', v_name,
        v_monday + i * 7, v_monday + (i + 1) * 7);
      v_made := v_made + 1;
    end if;
  end loop;
  return v_made;
end
$$;
comment on function ops.ensure_log_partitions(integer) is
  'Makes the weekly partitions of ops.log_chunks from this week to p_weeks_ahead weeks ahead; answers how many were missing.';
revoke all on function ops.ensure_log_partitions(integer) from public, anon, authenticated;
grant execute on function ops.ensure_log_partitions(integer) to service_role;
