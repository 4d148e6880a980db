-- The bare queue with one guarantee more at a time, to see what each costs. Tables of the bench alone.
create table bench.jobs (
  id bigserial primary key, org_id int not null, branch_id int not null, status text not null default 'queued', ready boolean not null default true
);
create index jobs_queued on bench.jobs (id) where status = 'queued';
create index jobs_ready on bench.jobs (id) where ready;
create index jobs_org_ready on bench.jobs (org_id, id) where ready;
create index jobs_branch on bench.jobs (branch_id, id) where status = 'queued';
create table bench.leases (id bigint primary key, branch_id int not null, token bigint not null, expires_at timestamptz not null);
create table bench.lanes (org_id int primary key, running int not null default 0, served_at timestamptz not null default '-infinity', open boolean not null default true);
create index lanes_turn on bench.lanes (served_at) where open;
alter table bench.jobs set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
alter table bench.leases set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table bench.lanes set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
create sequence bench.tokens;

create function bench.refill(depth int) returns void language plpgsql as $$
begin
  truncate bench.jobs, bench.leases, bench.lanes;
  insert into bench.jobs (org_id, branch_id, ready) select n % 100, n % 2000, n <= 2000 from generate_series(1, depth) n;
  insert into bench.lanes (org_id) select generate_series(0, 99);
  analyze bench.jobs;
end $$;

create function bench.claim_fenced(out id bigint, out token bigint) language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare v_branch int;
begin
  update bench.jobs j set status = 'running', ready = false
    where j.id = (select q.id from bench.jobs q where q.status = 'queued' order by q.id for update skip locked limit 1)
    returning j.id, j.branch_id into claim_fenced.id, v_branch;
  claim_fenced.token := nextval('bench.tokens');
  insert into bench.leases values (claim_fenced.id, v_branch, claim_fenced.token, clock_timestamp() + interval '30 s');
end $$;
create function bench.finish_fenced(p_id bigint, p_token bigint) returns void language plpgsql as $$
begin
  delete from bench.leases where id = p_id and token = p_token;
  if not found then raise 'stale'; end if;
  update bench.jobs set status = 'done' where id = p_id;
end $$;

create function bench.claim_per_branch(out id bigint, out token bigint) language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare v_branch int;
begin
  update bench.jobs j set status = 'running', ready = false
    where j.id = (select q.id from bench.jobs q where q.ready order by q.id for update skip locked limit 1)
    returning j.id, j.branch_id into claim_per_branch.id, v_branch;
  claim_per_branch.token := nextval('bench.tokens');
  insert into bench.leases values (claim_per_branch.id, v_branch, claim_per_branch.token, clock_timestamp() + interval '30 s');
end $$;
create function bench.finish_per_branch(p_id bigint, p_token bigint) returns void language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare v_branch int;
begin
  delete from bench.leases where id = p_id and token = p_token returning branch_id into v_branch;
  if not found then raise 'stale'; end if;
  update bench.jobs set status = 'done' where id = p_id;
  update bench.jobs set ready = true where id = (select id from bench.jobs where branch_id = v_branch and status = 'queued' order by id limit 1);
end $$;

create function bench.claim_fair(out id bigint, out token bigint) language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare v_branch int; v_org int;
begin
  select org_id into v_org from bench.lanes where open order by served_at for update skip locked limit 1;
  update bench.jobs j set status = 'running', ready = false
    where j.id = (select q.id from bench.jobs q where q.org_id = v_org and q.ready order by q.id limit 1)
    returning j.id, j.branch_id into claim_fair.id, v_branch;
  claim_fair.token := nextval('bench.tokens');
  insert into bench.leases values (claim_fair.id, v_branch, claim_fair.token, clock_timestamp() + interval '30 s');
  update bench.lanes set running = running + 1, served_at = clock_timestamp() where org_id = v_org;
end $$;
create function bench.finish_fair(p_id bigint, p_token bigint) returns void language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare v_branch int;
begin
  perform from bench.lanes where org_id = (select org_id from bench.jobs where id = p_id) for update;
  perform bench.finish_per_branch(p_id, p_token);
  update bench.lanes set running = running - 1 where org_id = (select org_id from bench.jobs where id = p_id);
end $$;
