create or replace function ops.refuse_samples(p_ts timestamptz, p_metrics text[], p_values double precision[], p_dims jsonb[]) returns void
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_bad record;
begin
  if p_ts is null or not isfinite(p_ts) then
    raise sqlstate 'PT400' using message = 'p_ts must say when the samples were taken';
  end if;
  select s.n - 1 as position, f.fault into v_bad
  from unnest(p_metrics, p_values, p_dims) with ordinality s (metric, value, dims, n)
  cross join lateral (select case
    when s.metric is null or length(s.metric) > 200 or s.metric !~ '^[a-zA-Z_:][a-zA-Z0-9_:]*$' then
      format('its metric is %s: a name has letters, digits, underscores and colons, no digit first, 200 at most', coalesce(quote_literal(left(s.metric, 100)), 'null'))
    when s.value is null or not (s.value > '-Infinity' and s.value < 'Infinity') then
      format('its value is %s: it must be a finite number', coalesce(s.value::text, 'null'))
    when jsonb_typeof(s.dims) <> 'object' then 'its dims must be a JSON object' end) f (fault)
  where f.fault is not null
  order by s.n limit 1;
  if found then
    raise sqlstate 'PT400' using message = format('sample %s, counted from 0, cannot be stored: %s', v_bad.position, v_bad.fault);
  end if;
end
$$;
comment on function ops.refuse_samples(timestamptz, text[], double precision[], jsonb[]) is
  'Says which sample of a batch is wrong, and why, with PT400; nothing where none is.';
revoke all on function ops.refuse_samples(timestamptz, text[], double precision[], jsonb[]) from public, anon, authenticated;
