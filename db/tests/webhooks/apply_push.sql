create function pg_temp.push(p_branch text, p_sha text, p_at timestamptz, p_deleted boolean default false, p_delivery text default null,
                             p_url text default 'git@github.com:Sample-A/shop.git') returns text language plpgsql as $$
declare
  v_delivery text := coalesce(p_delivery, gen_random_uuid()::text);
begin
  perform ops.receive_webhook(pg_temp.org_of('a'), 'github', v_delivery, 'push', '{}');
  return ops.apply_push((select id from ops.webhook_deliveries where delivery_id = v_delivery), array[p_url, 'https://elsewhere.example/x'],
    p_branch, p_sha, 'Mend the cart', 'Ada', p_at, false, p_deleted);
end
$$;
create function pg_temp.head_of(p_branch text) returns text language sql as
  $$ select left(head_sha, 1) || ' ' || status || ' ' || stage from ops.branches where project_id = pg_temp.project_of('a') and name = p_branch $$;

do $$
declare
  v_builds bigint;
  v_build record;
begin
  -- A new branch, and its build.
  perform pg_temp.equal('first push', pg_temp.push('topic', repeat('1', 40), now(), p_delivery => 'd1'), 'shop: build 4 of topic');
  perform pg_temp.equal('branch', left(pg_temp.head_of('topic'), 2), '1 ');
  select * into v_build from ops.builds b where b.project_id = pg_temp.project_of('a') and b.build_number = 4;
  perform pg_temp.equal('build', concat_ws(' ', v_build.trigger, v_build.status, left(v_build.commit_sha, 1), v_build.commit_message, v_build.commit_author),
    'commit queued 1 Mend the cart Ada');
  perform pg_temp.equal('queued', (select count(*) from ops.run_queue where build_id = v_build.id), 1);
  perform pg_temp.equal('nothing in the other org', (select count(*) from ops.branches where name = 'topic'), 1);

  -- Delivered again: the same build.
  select count(*) into v_builds from ops.builds;
  perform pg_temp.equal('again', pg_temp.push('topic', repeat('1', 40), now(), p_delivery => 'd1'), 'shop: build 4 of topic');
  perform pg_temp.equal('builds', (select count(*) from ops.builds), v_builds);

  -- Out of order: the older push changes nothing.
  perform pg_temp.push('topic', repeat('3', 40), now() + interval '2 seconds');
  perform pg_temp.equal('older', pg_temp.push('topic', repeat('2', 40), now() + interval '1 second'), 'shop: topic ignored, a later push was seen already');
  perform pg_temp.equal('head', left(pg_temp.head_of('topic'), 1), '3');
  perform pg_temp.equal('older deletion', pg_temp.push('topic', null, now(), true), 'shop: topic ignored, a later push was seen already');

  -- Deleted and made again.
  perform pg_temp.equal('deleted', pg_temp.push('topic', null, now() + interval '3 seconds', true), 'shop: topic archived');
  perform pg_temp.equal('archived', pg_temp.head_of('topic') like '3 archived%', true);
  perform pg_temp.push('topic', repeat('4', 40), now() + interval '4 seconds');
  perform pg_temp.equal('restored', left(pg_temp.head_of('topic'), 1) || (pg_temp.head_of('topic') like '%archived%'), '4false');
  perform pg_temp.equal('never known', pg_temp.push('ghost', null, now(), true), 'shop: ghost deleted before it was known');

  perform pg_temp.push('stage', repeat('5', 40), now());
  perform pg_temp.equal('a branch named stage is', (select stage from ops.branches where project_id = pg_temp.project_of('a') and name = 'stage'), 'staging');
  perform pg_temp.equal('unknown repository', pg_temp.push('main', repeat('6', 40), now(), p_url => 'https://github.com/who/knows'),
    'ignored: no active project has the repository https://github.com/who/knows');
  perform pg_temp.equal('a name too long', pg_temp.push(repeat('x', 251), repeat('6', 40), now()) like 'ignored:%', true);
end $$;

-- One repository, however it is spelled.
do $$
declare
  v_url text;
begin
  foreach v_url in array array['https://github.com/Acme/Shop.git', 'https://github.com/acme/shop/', 'https://token@github.com/acme/shop',
      'ssh://git@github.com:22/acme/shop.git', 'git@github.com:acme/shop.git', 'git://github.com/acme/shop'] loop
    perform pg_temp.equal(v_url, ops.repo_key(v_url), 'github.com/acme/shop');
  end loop;
  perform pg_temp.equal('a path', ops.repo_key('/srv/git/Shop.git'), '/srv/git/shop');
end $$;
