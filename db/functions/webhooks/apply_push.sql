create or replace function ops.apply_push(
    p_delivery bigint, p_repo_urls text[], p_branch text, p_sha text, p_message text, p_author text,
    p_pushed_at timestamptz, p_created boolean, p_deleted boolean)
  returns text
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_delivery ops.webhook_deliveries;
  v_project ops.projects;
  v_outcomes text[] := '{}';
begin
  select d.* into v_delivery from ops.webhook_deliveries d where d.id = p_delivery;
  if v_delivery.id is null then
    raise sqlstate 'PT404' using message = format('there is no webhook delivery %s', p_delivery);
  end if;
  if length(p_branch) not between 1 and 250 then
    return 'ignored: the branch''s name is longer than 250 characters';
  end if;
  -- The lane first, as everything that touches the queue does.
  perform 1 from ops.queue_lanes l where l.org_id = v_delivery.org_id for update;
  for v_project in
    select p.* from ops.projects p
    where p.org_id = v_delivery.org_id and p.status = 'active'
      and ops.repo_key(p.repo_url) = any (select ops.repo_key(u) from unnest(p_repo_urls) u)
    order by p.created_at, p.id
  loop
    v_outcomes := v_outcomes || format('%s: %s', v_project.slug, ops.push_branch(
      v_project.id, v_delivery.provider || ':' || v_delivery.delivery_id, p_branch, p_sha, p_message, p_author,
      coalesce(p_pushed_at, v_delivery.received_at), p_deleted));
  end loop;
  if v_outcomes = '{}' then
    return format('ignored: no active project has the repository %s', p_repo_urls[1]);
  end if;
  return array_to_string(v_outcomes, '; ');
end
$$;
comment on function ops.apply_push(bigint, text[], text, text, text, text, timestamptz, boolean, boolean) is
  'The effect of one push on every project of its repository: the branch follows, and a build of the new commit is queued, once however often the push is delivered. Answers what happened, in words.';
revoke all on function ops.apply_push(bigint, text[], text, text, text, text, timestamptz, boolean, boolean) from public, anon, authenticated;
grant execute on function ops.apply_push(bigint, text[], text, text, text, text, timestamptz, boolean, boolean) to service_role;
