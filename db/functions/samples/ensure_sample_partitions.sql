create or replace function ops.ensure_sample_partitions(p_weeks_ahead integer default 4) returns integer
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_monday timestamp := date_trunc('week', now() at time zone 'utc');
  v_parent record;
  v_name text;
  v_from timestamptz;
  v_to timestamptz;
  v_taken boolean;
  v_made integer := 0;
begin
  -- Two servers' housekeeping may meet here.
  perform pg_advisory_xact_lock(hashtextextended('ops.ensure_sample_partitions', 0));
  for v_parent in select * from (values ('metrics', 'ts'), ('system_metrics', 'recorded_at')) t(name, key) loop
    for i in 0 .. greatest(p_weeks_ahead, 0) loop
      v_name := v_parent.name || '_' || to_char(v_monday + i * interval '7 days', 'YYYYMMDD');
      continue when to_regclass('ops.' || v_name) is not null;
      v_from := (v_monday + i * interval '7 days') at time zone 'utc';
      v_to := (v_monday + (i + 1) * interval '7 days') at time zone 'utc';
      -- Where the default partition has rows of a week already, it keeps that week.
      execute format('select exists (select from ops.%I where %I >= $1 and %2$I < $2)', v_parent.name || '_default', v_parent.key)
        into v_taken using v_from, v_to;
      continue when v_taken;
      execute format('create table ops.%I (like ops.%I including defaults including constraints including storage including compression)',
        v_name, v_parent.name);
      execute format('alter table ops.%I enable row level security', v_name);
      execute format('revoke all on ops.%I from public, anon, authenticated, service_role', v_name);
      execute format('alter table ops.%I attach partition ops.%I for values from (%L) to (%L)', v_parent.name, v_name, v_from, v_to);
      v_made := v_made + 1;
    end loop;
  end loop;
  return v_made;
end
$$;
comment on function ops.ensure_sample_partitions(integer) is
  'Makes the weekly partitions of ops.metrics and ops.system_metrics from this week to p_weeks_ahead weeks ahead; answers how many were missing.';
revoke all on function ops.ensure_sample_partitions(integer) from public, anon, authenticated;
grant execute on function ops.ensure_sample_partitions(integer) to service_role;
