create or replace function ops.advisory_status(p_status text, p_snoozed_until timestamptz) returns text
  language sql stable
  set search_path = ''
as $$
  select case when p_status = 'snoozed' and p_snoozed_until <= now() then 'open' else p_status end;
$$;
comment on function ops.advisory_status(text, timestamptz) is 'What an advisory''s status is now: one whose snooze is over is open.';
revoke all on function ops.advisory_status(text, timestamptz) from public, anon, authenticated;
