-- A session is a chain of refresh tokens, each used once; one that comes back late ends it.
do $$
declare
  v_user uuid := pg_temp.user_of('a', 'viewer');
  v_session uuid := gen_random_uuid();
  v_other uuid := gen_random_uuid();
  v_later timestamptz := now() + interval '1 day';
begin
  perform registry.start_auth_session(v_session, v_user, repeat('x', 1000), 'password', sha256('r1'), v_later);
  perform pg_temp.equal('unknown', (select count(*) from registry.use_refresh_token(sha256('r0'), sha256('r9'), v_later)), 0);
  perform pg_temp.equal('first use', (select u.outcome from registry.use_refresh_token(sha256('r1'), sha256('r2'), v_later) u), 'refreshed');
  perform pg_temp.equal('asked twice', (select u.outcome from registry.use_refresh_token(sha256('r1'), sha256('r2'), v_later) u), 'refreshed');
  perform pg_temp.equal('tokens of the chain', (select count(*) from registry.refresh_tokens where session_id = v_session), 2);
  perform pg_temp.equal('its session', (select u.session_id from registry.use_refresh_token(sha256('r2'), sha256('r3'), v_later) u), v_session);
  update registry.refresh_tokens set used_at = clock_timestamp() - interval '11 seconds' where token_hash = sha256('r1');
  perform pg_temp.equal('used long ago', (select u.outcome from registry.use_refresh_token(sha256('r1'), sha256('r2'), v_later) u), 'reused');
  perform pg_temp.equal('ends the whole chain', (select count(*) from registry.use_refresh_token(sha256('r3'), sha256('r4'), v_later)), 0);
  perform pg_temp.equal('and the session', (select count(*) from registry.auth_session(v_session, v_user)), 0);

  perform registry.start_auth_session(v_session, v_user, null, 'password', sha256('s1'), v_later);
  perform registry.start_auth_session(v_other, v_user, null, 'password', sha256('t1'), v_later);
  perform pg_temp.equal('another person''s', (select count(*) from registry.auth_session(v_session, pg_temp.user_of('a', 'owner'))), 0);
  perform registry.end_auth_sessions(v_user, v_session, 'others');
  perform pg_temp.equal('others', array(select s.id from registry.auth_sessions s where s.user_id = v_user), array[v_session]);
  perform registry.start_auth_session(v_other, v_user, null, 'password', sha256('t1'), v_later);
  perform registry.end_auth_sessions(v_user, v_session, 'local');
  perform pg_temp.equal('local', array(select s.id from registry.auth_sessions s where s.user_id = v_user), array[v_other]);
  perform registry.start_auth_session(v_session, v_user, null, 'password', sha256('s1'), v_later);
  perform registry.set_password(v_user, '$argon2id$x', uuid_send(v_session));
  perform pg_temp.equal('a new password', array(select s.id from registry.auth_sessions s where s.user_id = v_user), array[v_session]);
  perform registry.end_auth_sessions(v_user, v_session, 'global');
  perform pg_temp.equal('global', (select count(*) from registry.auth_sessions where user_id = v_user), 0);

  perform registry.start_auth_session(v_session, v_user, null, 'password', sha256('s1'), now() - interval '1 second');
  perform pg_temp.equal('over', (select count(*) from registry.use_refresh_token(sha256('s1'), sha256('s2'), v_later)), 0);

  perform registry.update_user_metadata(v_user, '{"name": "Ada", "city": "London"}');
  perform registry.update_user_metadata(v_user, '{"city": null, "born": 1815}');
  perform pg_temp.equal('merged', (select u.user_metadata from registry.auth_user(v_user) u), '{"name": "Ada", "born": 1815}'::jsonb);

  perform pg_temp.act_as(v_user);
  perform pg_temp.fails('select registry.auth_user(auth.uid())', '42501');
  perform pg_temp.fails('select registry.use_refresh_token(sha256(''s1''), sha256(''s2''), now())', '42501');
  perform pg_temp.act_as_server();
end $$;

-- An invitation's link signs up the person it was made for, once, and takes no account over.
do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_user uuid;
begin
  select i.user_id into v_user from registry.invite_member(v_org, 'new@a.example', 'developer', sha256('link'), now() + interval '1 day') i;
  perform pg_temp.equal('another address', registry.accept_invitation(sha256('link'), 'viewer@a.example', '$x'), null);
  perform pg_temp.equal('another link', registry.accept_invitation(sha256('no link'), 'new@a.example', '$x'), null);
  perform pg_temp.equal('theirs', registry.accept_invitation(sha256('link'), ' New@A.example', '$x'), v_user);
  perform pg_temp.equal('a member now', (select m.status from registry.org_members m where m.user_id = v_user), 'active');
  perform pg_temp.equal('used', registry.accept_invitation(sha256('link'), 'new@a.example', '$y'), null);
  perform pg_temp.equal('the password', (select c.password_hash from registry.credentials c where c.user_id = v_user), '$x');

  insert into registry.signin_links (token_hash, user_id, purpose, org_id, expires_at)
  values (sha256('second link'), v_user, 'invite', v_org, now() + interval '1 day');
  perform pg_temp.equal('an account with a password', registry.accept_invitation(sha256('second link'), 'new@a.example', '$y'), null);
end $$;
