-- A name is enough; the slug is derived, kept apart from others, and the org has its lane in the queue.
do $$
declare
  v_org uuid;
begin
  insert into registry.orgs (name) values ('Test Org') returning id into v_org;
  perform pg_temp.equal('slug', (select slug from registry.orgs where id = v_org), 'test-org');
  perform pg_temp.equal('lane', (select count(*) from ops.queue_lanes where org_id = v_org), 1);
  insert into registry.orgs (name) values ('test  ORG!') returning id into v_org;
  perform pg_temp.equal('second slug', (select slug from registry.orgs where id = v_org), 'test-org-2');
  insert into registry.orgs (name, slug) values ('Given', 'my-own') returning id into v_org;
  perform pg_temp.equal('given slug', (select slug from registry.orgs where id = v_org), 'my-own');
  insert into registry.orgs (name) values ('Crème Brûlée & Søn ÅÄÖ') returning id into v_org;
  perform pg_temp.equal('slug of accents', (select slug from registry.orgs where id = v_org), 'creme-brulee-s-n-aao');
  insert into registry.orgs (name) values ('日本') returning id into v_org;
  perform pg_temp.equal('slug of what no URL holds', (select slug from registry.orgs where id = v_org), 'org');
  insert into registry.orgs (name) values (repeat('ab ', 60)) returning id into v_org;
  perform pg_temp.equal('slug of a long name', (select length(slug) <= 63 from registry.orgs where id = v_org), true);
  perform pg_temp.fails('insert into registry.orgs (name) values ('' '')', '23514');

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  v_org := registry.create_org('Mine');
  perform pg_temp.equal('my role', (select role from registry.my_orgs() o where o.id = v_org), 'owner');
  perform pg_temp.fails('select registry.create_org('' '')', 'PT400', '1 to 200');
  perform pg_temp.fails('insert into registry.orgs (name) values (''Other'')', '42501');
end $$;

-- The bootstrap can be repeated, and finds the org that is there.
do $$
declare
  v_first record;
  v_second record;
begin
  perform pg_temp.act_as_server();
  select * into v_first from registry.ensure_owner('boss@x.example', 'First');
  select * into v_second from registry.ensure_owner(' BOSS@x.example', 'Second');
  perform pg_temp.equal('repeated', v_second, v_first);
  perform pg_temp.equal('role', (select role from registry.org_members where org_id = v_first.org_id and user_id = v_first.user_id), 'owner');
  perform pg_temp.equal('orgs seen by the server', (select count(*) from registry.my_orgs()), (select count(*) from registry.orgs));
end $$;
