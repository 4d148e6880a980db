do $$
declare
  v_target text;
begin
  foreach v_target in array array[pg_temp.org_of('a')::text, upper(pg_temp.org_of('a')::text), 'sample-a', 'Sample-A', pg_temp.project_of('a')::text, 'sample-a/shop'] loop
    perform pg_temp.equal('org behind ' || v_target, (select s.org_id from registry.webhook_secret(v_target, 'github') s), pg_temp.org_of('a'));
  end loop;
  perform pg_temp.equal('project by slugs', (select s.project_id from registry.webhook_secret('sample-a/shop', 'github') s), pg_temp.project_of('a'));
  perform pg_temp.equal('no project', (select s.project_id from registry.webhook_secret('sample-a', 'github') s), null);
  foreach v_target in array array['sample-a/none', 'none', '', '/', gen_random_uuid()::text, 'sample-a/shop/more'''] loop
    perform pg_temp.equal('secrets behind ' || v_target, (select count(*) from registry.webhook_secret(v_target, 'github')), 0);
  end loop;
  perform pg_temp.equal('another provider', (select count(*) from registry.webhook_secret('sample-a', 'gitea')), 0);

  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format('select registry.set_webhook_secret(%L, ''github'', ''\x09'')', pg_temp.org_of('a')), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('b', 'admin'));
  perform pg_temp.fails(format('select registry.set_webhook_secret(%L, ''github'', ''\x09'')', pg_temp.org_of('a')), 'PT404');
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform pg_temp.fails(format('select registry.set_webhook_secret(%L, ''bitbucket'', ''\x09'')', pg_temp.org_of('a')), 'PT400');
  perform registry.set_webhook_secret(pg_temp.org_of('a'), 'github', '\x09');
  perform registry.set_webhook_secret(pg_temp.org_of('a'), 'github', '\x0a');
  perform pg_temp.act_as_server();
  perform pg_temp.equal('the new one', (select s.sealed from registry.webhook_secret('sample-a', 'github') s), '\x0a'::bytea);
  perform pg_temp.equal('the one before', (select s.previous_sealed from registry.webhook_secret('sample-a', 'github') s), '\x09'::bytea);
end $$;
