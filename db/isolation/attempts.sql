-- What the isolation proof runs its trials with. Temporary functions: they go with the proof's transaction.

-- Runs p_sql as somebody and undoes it. answer is its one value, or its SQLSTATE and message without the ids in them.
-- p_watch tells rows that must be as before.
create function pg_temp.isolation_attempt(p_role text, p_claims text, p_sql text, p_watch text, out succeeded boolean, out answer text)
  language plpgsql
as $$
declare
  v_before text;
  v_after text;
begin
  succeeded := false;
  begin
    perform set_config('request.jwt.claims', p_claims, true), set_config('role', p_role, true);
    execute p_sql into answer;
    succeeded := true;
    if p_watch is not null then
      perform set_config('role', 'none', true);
      execute p_watch into v_after;
    end if;
    -- Variables keep what they were given; everything else is undone, locks included.
    raise exception using errcode = 'PLUND';
  exception when others then
    if sqlstate <> 'PLUND' then
      succeeded := false;
      answer := sqlstate || ' ' || sqlerrm;
    end if;
  end;
  if succeeded and p_watch is not null then
    -- All is undone, so this is how it was.
    execute p_watch into v_before;
    if v_after is distinct from v_before then
      succeeded := false;
      answer := 'rows of an organisation that is not the caller''s were changed';
    end if;
  end if;
  answer := regexp_replace(answer, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '<id>', 'g');
end
$$;

-- Runs trials and answers those that ended otherwise than expected; with p_first, only the first of them. A trial is
-- {role, claims, sql, watch, reference, expects, value}; reference is the same as sql with ids that do not exist.
create function pg_temp.isolation_run(p_trials jsonb, p_first boolean) returns table (trial integer, answer text)
  language plpgsql
as $$
declare
  v_trial record;
  v_succeeded boolean;
  v_answer text;
  v_absent_succeeded boolean;
  v_absent_answer text;
  v_refused boolean;
  v_good boolean;
begin
  for v_trial in
    select t.*, n.ordinality::integer - 1 as position
    from jsonb_array_elements(p_trials) with ordinality n (value),
         jsonb_to_record(n.value) as t (role text, claims text, sql text, watch text, reference text, expects text, value text)
  loop
    select a.succeeded, a.answer into v_succeeded, v_answer from pg_temp.isolation_attempt(v_trial.role, v_trial.claims, v_trial.sql, v_trial.watch) a;
    if not v_succeeded and v_answer ~ '^(55P03|40P01|40001) ' then
      raise exception using errcode = left(v_answer, 5), message = v_answer;
    end if;
    -- 0A000, 55000, 42809, 428C9: no command of this kind exists for the object, whoever asks.
    v_refused := not v_succeeded and v_answer ~ '^(42501|PT403|PT404|0A000|55000|42809|428C9) ';
    if v_trial.reference is not null then
      select a.succeeded, a.answer into v_absent_succeeded, v_absent_answer from pg_temp.isolation_attempt(v_trial.role, v_trial.claims, v_trial.reference, null) a;
    end if;
    v_good := case v_trial.expects
      when 'answer' then v_succeeded and v_answer is not distinct from v_trial.value
      when 'refusal' then v_refused
      when 'permission' then v_succeeded or not v_refused and v_answer ~ '^[0-9A-Z]{5} '
      when 'harmless' then v_succeeded or v_answer ~ '^[0-9A-Z]{5} '
      when 'success' then v_succeeded
      when 'its_own' then v_succeeded and v_answer is distinct from v_absent_answer
      when 'as_absent' then v_succeeded = v_absent_succeeded and v_answer is not distinct from v_absent_answer
      when 'refusal_or_as_absent' then v_refused or (v_succeeded = v_absent_succeeded and v_answer is not distinct from v_absent_answer)
    end;
    if v_good is not true then
      trial := v_trial.position;
      answer := left(v_answer, 300);
      return next;
      if p_first then
        return;
      end if;
    end if;
  end loop;
end
$$;

-- Breaks something, looks whether a trial notices, and undoes it, for each of p_mutations. noticed is null where none did;
-- busy where a lock was not to be had; problem says why the change could not be made at all.
create function pg_temp.isolation_mutate(p_mutations text[], p_trials jsonb)
  returns table (mutation integer, trial integer, noticed text, busy boolean, problem text)
  language plpgsql
as $$
begin
  for i in 1 .. cardinality(p_mutations) loop
    mutation := i - 1;
    trial := null;
    noticed := null;
    busy := false;
    problem := null;
    begin
      execute p_mutations[i];
      select r.trial, coalesce(r.answer, 'null') into trial, noticed from pg_temp.isolation_run(p_trials, true) r;
      raise exception using errcode = 'PLUND';
    exception
      when sqlstate 'PLUND' then null;
      when lock_not_available or deadlock_detected or serialization_failure then busy := true;
      when others then problem := sqlstate || ' ' || sqlerrm;
    end;
    return next;
  end loop;
end
$$;

-- What stands in for the checks of roles in functions whose checks are taken out.
create function pg_temp.isolation_require_role(p_org_id uuid, p_min_role text, p_noun text) returns void language sql as $$ select $$;
create function pg_temp.isolation_has_role(p_org_id uuid, p_min_role text) returns boolean language sql as $$ select true $$;
