create or replace function ops.ingest_samples(
  p_project_id uuid, p_branch_id uuid, p_ts timestamptz, p_metrics text[], p_values double precision[], p_dims jsonb[] default null,
  p_idempotency_key text default null, p_request_hash bytea default null
) returns bigint
  language plpgsql security definer
  set search_path = ''
as $$
declare
  c_scope constant text := 'ingest_samples';
  v_org_id uuid;
  v_hash bytea := coalesce(p_request_hash, sha256(convert_to(
    concat_ws(chr(31), p_project_id, p_branch_id, p_ts, p_metrics, p_values, p_dims), 'UTF8')));
  v_known record;
  v_inserted bigint;
begin
  v_org_id := ops.org_of_project(p_project_id, 'developer');
  if p_branch_id is not null and not exists (select from ops.branches b where b.id = p_branch_id and b.project_id = p_project_id) then
    raise sqlstate 'PT404' using message = 'there is no such branch in the project';
  end if;
  if p_idempotency_key is not null then
    -- Of two equal requests at once, the second waits here for the first to commit.
    insert into ops.idempotency_keys (scope, key, request_hash, response) values (c_scope, p_idempotency_key, v_hash, '{}')
      on conflict (scope, key) do nothing;
    if not found then
      select k.request_hash, k.response into v_known from ops.idempotency_keys k where k.scope = c_scope and k.key = p_idempotency_key;
      if v_known.request_hash is distinct from v_hash then
        raise sqlstate 'PT409' using message = 'this idempotency key was used with another request',
          hint = 'Send a new key with a new request, or the same request with the old key.';
      end if;
      return (v_known.response ->> 'inserted')::bigint;
    end if;
  end if;
  begin
    insert into ops.metrics (org_id, project_id, branch_id, ts, metric, value, dims)
      select v_org_id, p_project_id, p_branch_id, p_ts, s.metric, s.value, coalesce(s.dims, '{}')
      from unnest(p_metrics, p_values, p_dims) s (metric, value, dims);
    get diagnostics v_inserted = row_count;
  exception
    when check_violation or not_null_violation then
      perform ops.refuse_samples(p_ts, p_metrics, p_values, p_dims);
      raise;
    when foreign_key_violation then
      -- It was there a moment ago.
      raise sqlstate 'PT404' using message = 'there is no such project';
  end;
  update ops.idempotency_keys k set response = jsonb_build_object('inserted', v_inserted)
    where k.scope = c_scope and k.key = p_idempotency_key;
  return v_inserted;
end
$$;
comment on function ops.ingest_samples(uuid, uuid, timestamptz, text[], double precision[], jsonb[], text, bytea) is
  'Stores a batch of samples of one project and time in one statement, all or none; answers how many. The arrays go together by position. With an idempotency key, the same request answers the first result again and another one is PT409.';
revoke all on function ops.ingest_samples(uuid, uuid, timestamptz, text[], double precision[], jsonb[], text, bytea) from public, anon, authenticated;
grant execute on function ops.ingest_samples(uuid, uuid, timestamptz, text[], double precision[], jsonb[], text, bytea) to service_role;
