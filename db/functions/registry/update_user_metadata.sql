create or replace function registry.update_user_metadata(p_user_id uuid, p_changes jsonb) returns void
  language sql security definer
  set search_path = ''
as $$
  update auth.users u
  -- A null takes the key away, as Supabase does.
  set raw_user_meta_data = (select coalesce(jsonb_object_agg(m.key, m.value), '{}')
                            from jsonb_each(coalesce(u.raw_user_meta_data, '{}') || p_changes) m
                            where m.value <> 'null'),
      updated_at = now()
  where u.id = p_user_id;
$$;
comment on function registry.update_user_metadata(uuid, jsonb) is
  'Merges what a person says about themselves. Nothing is ever decided by it.';
revoke all on function registry.update_user_metadata(uuid, jsonb) from public, anon, authenticated;
grant execute on function registry.update_user_metadata(uuid, jsonb) to service_role;
