do $$
declare
  v_user uuid := pg_temp.user_of('a', 'viewer');
begin
  perform registry.create_session(sha256('one'), v_user, repeat('x', 1000), now() + interval '1 day');
  perform registry.create_session(sha256('two'), v_user, null, now() + interval '1 day');
  perform registry.create_session(sha256('over'), v_user, null, now() - interval '1 second');
  perform pg_temp.equal('whose session', (select s.user_id from registry.authenticate_session(sha256('one')) s), v_user);
  perform pg_temp.equal('a session that is over', (select count(*) from registry.authenticate_session(sha256('over'))), 0);
  perform pg_temp.equal('an unknown session', (select count(*) from registry.authenticate_session(sha256('zero'))), 0);

  update registry.sessions set last_seen_at = now() - interval '1 hour' where token_hash = sha256('one');
  perform registry.authenticate_session(sha256('one'));
  perform pg_temp.equal('the use is noted', (select last_seen_at >= now() from registry.sessions where token_hash = sha256('one')), true);

  perform registry.create_signin_link(sha256('way in'), v_user, 'signin', now() + interval '1 day');
  perform registry.set_password(v_user, '$argon2id$x', sha256('two'));
  perform pg_temp.equal('another session after a new password', (select count(*) from registry.authenticate_session(sha256('one'))), 0);
  perform pg_temp.equal('the session that asked for it', (select count(*) from registry.authenticate_session(sha256('two'))), 1);
  perform pg_temp.equal('an earlier link', registry.use_signin_link(sha256('way in')), null);
  perform pg_temp.equal('the hash by any spelling', (select p.password_hash from registry.password_hash_for(' Viewer@A.example') p), '$argon2id$x');
  perform pg_temp.equal('nobody''s hash', (select count(*) from registry.password_hash_for('who@a.example')), 0);
  perform registry.end_session(sha256('two'));
  perform registry.end_session(sha256('two'));
  perform pg_temp.equal('a session that was ended', (select count(*) from registry.authenticate_session(sha256('two'))), 0);

  perform pg_temp.equal('a person by any spelling', registry.user_by_email(' Viewer@A.example'), v_user);
  perform pg_temp.equal('nobody', registry.user_by_email('who@a.example'), null);
  perform registry.create_session(sha256('three'), v_user, null, now() + interval '1 day');
  perform registry.create_signin_link(sha256('old way in'), v_user, 'signin', now() + interval '1 day');
  perform registry.forget_password(v_user);
  perform pg_temp.equal('a forgotten password', (select count(*) from registry.password_hash_for('viewer@a.example')), 0);
  perform pg_temp.equal('a session of before', (select count(*) from registry.authenticate_session(sha256('three'))), 0);
  perform pg_temp.equal('a link of before', registry.use_signin_link(sha256('old way in')), null);

  insert into ops.idempotency_keys (scope, key, request_hash, response, created_at) values ('s', 'old', '\x00', '{}', now() - interval '8 days');
  insert into registry.sessions (token_hash, user_id, expires_at) values (sha256('over'), v_user, now() - interval '1 second')
    on conflict (token_hash) do nothing;
  perform pg_temp.equal('deleted as over', registry.delete_expired_credentials() >= 1, true);
  perform pg_temp.equal('keys past their time', (select count(*) from ops.idempotency_keys where key = 'old'), 0);
  perform pg_temp.equal('other keys', (select count(*) from ops.idempotency_keys where key = 'sample'), 2);

  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails('select registry.password_hash_for(''owner@a.example'')', '42501');
  perform pg_temp.fails('select registry.authenticate_session(sha256(''one''))', '42501');
  perform pg_temp.fails('select registry.user_by_email(''owner@a.example'')', '42501');
  perform pg_temp.fails('select registry.forget_password(auth.uid())', '42501');
end $$;
