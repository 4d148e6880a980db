create or replace function ops.usual_build_seconds(p_branch_id uuid) returns numeric
  language sql stable
  set search_path = ''
as $$
  select avg(recent.duration_seconds) from (
    select b.duration_seconds from ops.builds b
      where b.branch_id = p_branch_id and b.status in ('success', 'failed') and b.duration_seconds is not null
      order by b.created_at desc limit 10) recent
$$;
comment on function ops.usual_build_seconds(uuid) is 'Average seconds of the branch''s last 10 builds that ran to an end; null when there are none.';
revoke all on function ops.usual_build_seconds(uuid) from public, anon, authenticated;
