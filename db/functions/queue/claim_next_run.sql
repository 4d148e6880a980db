create or replace function ops.claim_next_run(p_runner_id text)
  returns table (queue_id uuid, build_id uuid, project_id uuid, branch_id uuid, fencing_token bigint)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_taken record;
begin
  if coalesce(btrim(p_runner_id), '') = '' or length(p_runner_id) > 200 then
    raise sqlstate 'PT400' using message = 'p_runner_id must name the runner, in 1 to 200 characters';
  end if;
  select * into v_taken from ops.take_run(null, p_runner_id, 30, false);
  if (v_taken.o_lease).build_id is not null then
    return query select (v_taken.o_lease).queue_id, (v_taken.o_lease).build_id, (v_taken.o_lease).project_id,
      (v_taken.o_lease).branch_id, (v_taken.o_lease).token;
  end if;
end
$$;
comment on function ops.claim_next_run(text) is
  'Claims the next build for a runner under a lease of 30 s; no row when nothing may be claimed. Prove the lease with the fencing token in every write. '
  'A runner that sends no token in any write holds its lease by writing instead: each write extends it to 15 minutes.';
revoke all on function ops.claim_next_run(text) from public, anon, authenticated;
grant execute on function ops.claim_next_run(text) to service_role;
