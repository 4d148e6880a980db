create or replace function registry.note_server_key_use(p_id uuid) returns void
  language sql security definer
  set search_path = ''
as $$
  update registry.server_keys k set last_used_at = clock_timestamp()
  -- Another replica may be noting the same use; then theirs will do.
  where k.id = (select l.id from registry.server_keys l
                where l.id = p_id and (l.last_used_at is null or l.last_used_at < clock_timestamp() - interval '1 minute')
                for no key update skip locked);
$$;
comment on function registry.note_server_key_use(uuid) is 'Notes that a key was used, at most once a minute.';
revoke all on function registry.note_server_key_use(uuid) from public, anon, authenticated;
grant execute on function registry.note_server_key_use(uuid) to service_role;
