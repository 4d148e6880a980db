-- Two keys of a kind at most are good, and nobody but the server knows of them.
do $$
declare
  v_first uuid := gen_random_uuid();
  v_second uuid := gen_random_uuid();
  v_third uuid := gen_random_uuid();
  v_good uuid[];
begin
  delete from registry.server_keys;
  perform registry.ensure_server_key(v_first, 'ingest', sha256('one'), '\x01', null);
  perform registry.ensure_server_key(gen_random_uuid(), 'ingest', sha256('other'), '\x01', null);
  select array_agg(k.id) into v_good from registry.living_server_keys() k;
  perform pg_temp.equal('made once', v_good, array[v_first]);
  perform registry.rotate_server_key(v_second, 'ingest', sha256('two'), '\x01', null);
  select array_agg(k.id order by k.superseded_at is not null) into v_good from registry.living_server_keys() k;
  perform pg_temp.equal('both good after a change', v_good, array[v_second, v_first]);
  perform registry.rotate_server_key(v_third, 'ingest', sha256('three'), '\x01', null);
  select array_agg(k.id order by k.superseded_at is not null) into v_good from registry.living_server_keys() k;
  perform pg_temp.equal('the oldest ends with the next change', v_good, array[v_third, v_second]);

  perform pg_temp.equal('revoked', registry.revoke_server_key(v_third), true);
  perform pg_temp.equal('revoked once', registry.revoke_server_key(v_third), false);
  perform registry.ensure_server_key(v_third, 'ingest', sha256('four'), '\x01', null);
  perform pg_temp.equal('an id is not used again', (select count(*) from registry.living_server_keys()), 1);
  perform registry.ensure_server_key(gen_random_uuid(), 'ingest', sha256('four'), '\x01', null);
  perform pg_temp.equal('a new one in the place of a revoked', (select count(*) from registry.living_server_keys()), 2);
  perform registry.rotate_server_key(gen_random_uuid(), 'secret', sha256('five'), '\x01', null);
  perform pg_temp.equal('kinds do not touch each other', (select count(*) from registry.living_server_keys()), 3);

  perform registry.note_server_key_use(v_second);
  perform pg_temp.equal('use is noted', (select last_used_at is not null from registry.server_keys where id = v_second), true);

  perform pg_temp.fails('insert into registry.server_keys (id, kind, key_hash, sealed) values (gen_random_uuid(), ''signing'', sha256(''x''), ''\x01'')', '23514');
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails('select registry.living_server_keys()', '42501');
  perform pg_temp.fails('select registry.revoke_server_key(gen_random_uuid())', '42501');
end $$;
