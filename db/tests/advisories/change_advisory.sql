-- 1 open, 2 open, 3 snoozed, 4 resolved, 5 dismissed.
create function pg_temp.advisory_of(p_org text, p_number integer) returns uuid language sql as
  $$ select (p_org || p_number || '000000-5555-4000-8000-000000000000')::uuid $$;

do $$
declare
  c record;
  v_before ops.advisories;
  v_after ops.advisories;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  for c in
    select * from (values
      (1, 'ops.resolve_advisory(%L)', 'resolved', null, null), (1, 'ops.resolve_advisory(%L)', 'resolved', null, null),
      (1, 'ops.dismiss_advisory(%L)', null, 'PT409', 'is resolved and cannot become dismissed'),
      (1, 'ops.snooze_advisory(%L, now() + interval ''1 day'')', null, 'PT409', 'is resolved and cannot become snoozed'),
      (2, 'ops.snooze_advisory(%L, now() + interval ''1 day'')', 'snoozed', null, null),
      (2, 'ops.snooze_advisory(%L, now() + interval ''2 days'')', 'snoozed', null, null),
      (2, 'ops.dismiss_advisory(%L)', 'dismissed', null, null), (2, 'ops.dismiss_advisory(%L)', 'dismissed', null, null),
      (2, 'ops.resolve_advisory(%L)', null, 'PT409', 'is dismissed and cannot become resolved'),
      (2, 'ops.snooze_advisory(%L, now() + interval ''1 day'')', null, 'PT409', 'is dismissed and cannot become snoozed'),
      (3, 'ops.snooze_advisory(%L, now())', null, 'PT400', 'must be a time in the future'),
      (3, 'ops.snooze_advisory(%L, now() - interval ''1 day'')', null, 'PT400', 'must be a time in the future'),
      (3, 'ops.snooze_advisory(%L, ''-infinity'')', null, 'PT400', 'must be a time in the future'),
      (3, 'ops.snooze_advisory(%L, null)', null, 'PT400', 'p_until is null'),
      (3, 'ops.snooze_advisory(%L, ''infinity'')', null, 'PT400', 'not a time to come back at'),
      (3, 'ops.resolve_advisory(%L)', 'resolved', null, null),
      (4, 'ops.resolve_advisory(%L)', 'resolved', null, null), (5, 'ops.dismiss_advisory(%L)', 'dismissed', null, null)
    ) t(advisory, call, status, error, message)
  loop
    if c.error is null then
      execute 'select ' || format(c.call, pg_temp.advisory_of('a', c.advisory));
      perform pg_temp.equal(c.call, (select a.status from ops.advisories a where a.id = pg_temp.advisory_of('a', c.advisory)), c.status);
    else
      perform pg_temp.fails('select ' || format(c.call, pg_temp.advisory_of('a', c.advisory)), c.error, c.message);
    end if;
  end loop;

  -- Once resolved, the first one's name and time stay, and no second entry is made.
  select a.* into v_before from ops.advisories a where a.id = pg_temp.advisory_of('a', 1);
  perform pg_temp.equal('who', v_before.resolved_by, pg_temp.user_of('a', 'developer'));
  perform pg_temp.equal('when', v_before.resolved_at is not null, true);
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform ops.resolve_advisory(v_before.id);
  select a.* into v_after from ops.advisories a where a.id = v_before.id;
  perform pg_temp.equal('unchanged', v_after, v_before);
  perform pg_temp.equal('audit', (select string_agg(l.action || ' ' || (l.detail ->> 'title'), ', ' order by l.id) from ops.audit_log l where l.action like 'advisory.%'),
    'advisory.resolved Sample 1, advisory.snoozed Sample 2, advisory.snoozed Sample 2, advisory.dismissed Sample 2, advisory.resolved Sample 3');

  -- Who may.
  perform pg_temp.act_as_server();
  update ops.advisories set status = 'open';
  for c in select * from (values ('viewer', 'a', 'PT403', 'needs the role developer'), ('removed', 'a', 'PT404', 'no such advisory'),
      ('owner', 'b', 'PT404', 'no such advisory')) t(role, org, error, message) loop
    perform pg_temp.act_as(pg_temp.user_of('a', c.role));
    perform pg_temp.fails(format('select ops.resolve_advisory(%L)', pg_temp.advisory_of(c.org, 1)), c.error, c.message);
    perform pg_temp.fails(format('select ops.dismiss_advisory(%L)', pg_temp.advisory_of(c.org, 1)), c.error, c.message);
    perform pg_temp.fails(format('select ops.snooze_advisory(%L, now() + interval ''1 day'')', pg_temp.advisory_of(c.org, 1)), c.error, c.message);
  end loop;
  perform pg_temp.fails(format('select ops.resolve_advisory(%L)', gen_random_uuid()), 'PT404', 'no such advisory');
  perform pg_temp.act_as_token('a', 'owner', 'read');
  perform pg_temp.fails(format('select ops.resolve_advisory(%L)', pg_temp.advisory_of('a', 1)), 'PT403', 'needs the role developer');
  perform pg_temp.act_as_token('a', 'owner', 'build');
  perform ops.resolve_advisory(pg_temp.advisory_of('a', 1));
  perform pg_temp.equal('a token names its maker', (select a.resolved_by from ops.advisories a where a.id = pg_temp.advisory_of('a', 1)), pg_temp.user_of('a', 'owner'));
end $$;
