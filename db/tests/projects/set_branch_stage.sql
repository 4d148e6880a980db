do $$
declare
  c record;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  -- Branch 1 is production, 2 staging, 3 development.
  for c in
    select * from (values
      (3, 'staging', null, null), (3, 'development', null, null), (2, 'development', null, null), (2, 'staging', null, null),
      (1, 'production', null, null), (2, 'staging', null, null),
      (2, 'production', 'PT409', 'cannot be moved from staging onto production: merge it, a merge is a build'),
      (3, 'production', 'PT409', 'cannot be moved from development onto production: merge it, a merge is a build'),
      (1, 'staging', 'PT409', 'is the production branch and cannot be moved to staging'),
      (1, 'development', 'PT409', 'is the production branch and cannot be moved to development'),
      (3, 'live', 'PT400', 'one of production, staging, development')
    ) t(branch, stage, error, message)
  loop
    if c.error is null then
      perform ops.set_branch_stage(pg_temp.branch_of('a', c.branch), c.stage);
      perform pg_temp.equal('stage', (select stage from ops.branches where id = pg_temp.branch_of('a', c.branch)), c.stage);
    else
      perform pg_temp.fails(format('select ops.set_branch_stage(%L, %L)', pg_temp.branch_of('a', c.branch), c.stage), c.error, c.message);
    end if;
  end loop;
  perform pg_temp.fails(format('select ops.set_branch_stage(%L, ''staging'')', pg_temp.branch_of('b', 3)), 'PT404', 'no such branch');
  perform pg_temp.fails(format('select ops.set_branch_stage(%L, ''staging'')', gen_random_uuid()), 'PT404', 'no such branch');
  perform pg_temp.fails(format('select ops.set_production_branch(%L)', pg_temp.branch_of('a', 2)), 'PT403', 'needs the role admin');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format('select ops.set_branch_stage(%L, ''staging'')', pg_temp.branch_of('a', 3)), 'PT403', 'needs the role developer');

  -- An admin swaps: the former production branch takes the other's stage.
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform ops.set_production_branch(pg_temp.branch_of('a', 2));
  perform pg_temp.equal('stages', (select array_agg(b.stage order by b.id) from ops.branches b), array['staging', 'production', 'development']);
  perform ops.set_production_branch(pg_temp.branch_of('a', 2));
  perform ops.set_production_branch(pg_temp.branch_of('a', 3));
  perform pg_temp.equal('stages', (select array_agg(b.stage order by b.id) from ops.branches b), array['staging', 'development', 'production']);

  perform pg_temp.act_as_server();
  update ops.branches set status = 'archived' where id = pg_temp.branch_of('a', 2);
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform pg_temp.fails(format('select ops.set_production_branch(%L)', pg_temp.branch_of('a', 2)), 'PT409', 'archived');
  perform pg_temp.fails(format('select ops.set_branch_stage(%L, ''staging'')', pg_temp.branch_of('a', 2)), 'PT409', 'archived');
end $$;
