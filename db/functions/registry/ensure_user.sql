create or replace function registry.ensure_user(p_email text) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_email text := lower(btrim(p_email));
  v_user_id uuid;
begin
  if v_email is null or length(v_email) > 320 or v_email !~ '^[^@[:space:]]+@[^@[:space:]]+$' then
    raise sqlstate 'PT400' using message = format('%s is not an e-mail address', coalesce(quote_nullable(left(p_email, 60)), 'nothing'));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('registry.user:' || v_email, 0));
  v_user_id := registry.user_by_email(v_email);
  if v_user_id is not null then
    return v_user_id;
  end if;
  -- Supabase's auth.users is its own: only its sign-up makes a row that its other parts understand.
  if not registry.auth_is_ours() then
    raise sqlstate 'PT409' using message = format('nobody with the e-mail address %s has signed up yet', v_email),
      hint = 'let them sign up with Supabase first, then add them here';
  end if;
  insert into auth.users (id, email) values (gen_random_uuid(), v_email) returning id into v_user_id;
  return v_user_id;
end
$$;
comment on function registry.ensure_user(text) is
  'The id of the person with this e-mail address, who is added where unknown.';
revoke all on function registry.ensure_user(text) from public, anon, authenticated;
grant execute on function registry.ensure_user(text) to service_role;
