-- Functions over every form of argument and result, for the cases of this suite.

-- Results that are one value.
create function add(a integer, b integer) returns integer language sql immutable as 'select a + b';
create function greet(name text default 'sailor') returns text language sql stable as $$ select 'Ahoy, ' || name $$;
create function flag_of(f ship_flag) returns ship_flag language sql immutable as 'select f';
create function tags_of(t text[]) returns text[] language sql immutable as 'select t';
create function matrix() returns integer[] language sql immutable as $$ select '{{1,2},{3,4}}'::integer[] $$;
create function span(low integer, high integer) returns int4range language sql immutable as 'select int4range(low, high)';
create function echo_json(j json) returns json language sql immutable as 'select j';
create function echo_jsonb(j jsonb) returns jsonb language sql immutable as 'select j';
create function kind_of(j jsonb) returns text language sql immutable as 'select jsonb_typeof(j)';
create function weigh(v tonnage) returns tonnage language sql immutable as 'select v';
create function moment(t timestamptz) returns timestamptz language sql immutable as 'select t';
create function day(d date) returns date language sql immutable as 'select d';
create function big() returns bigint language sql immutable as 'select 9007199254740993';
create function exact() returns numeric language sql immutable as 'select 0.1000';
create function truth(b boolean) returns boolean language sql immutable as 'select b';
create function id_of(u uuid) returns uuid language sql immutable as 'select u';
create function bytes() returns bytea language sql immutable as $$ select '\x00ff'::bytea $$;
create function no_number() returns integer language sql stable as 'select null::integer';
create function no_text() returns text language sql stable as 'select null::text';
create function no_json() returns jsonb language sql stable as 'select null::jsonb';
create function no_array() returns text[] language sql stable as 'select null::text[]';
create function json_null() returns jsonb language sql stable as $$ select 'null'::jsonb $$;
create function nothing() returns void language plpgsql volatile as $$ begin insert into logbook (entry) values ('nothing'); end $$;
create function still() returns void language plpgsql stable as $$ begin return; end $$;

-- Rows.
create function one_port(port integer) returns ports language sql stable as 'select * from ports where id = port';
create function origin() returns point2 language sql immutable as 'select row(1, 2)::point2';
create function origin_alias() returns point_alias language sql immutable as 'select row(3, 4)::point2::point_alias';
create function swap(p point2) returns point2 language sql immutable as 'select row((p).y, (p).x)::point2';
create function out_one(n integer, out next integer) language sql immutable as 'select n + 1';
create function out_many(out a integer, out b text) language sql immutable as $$ select 1, 'two' $$;
create function inout_one(inout n integer) language sql immutable as 'select n * 2';
create function inout_many(inout a integer, inout b text default 'b') language sql immutable as 'select a + 1, b';
create function a_record() returns record language sql stable as 'select id, name from ports where id = 1';
create function setof_record() returns setof record language sql stable as 'select id, name from ports where id < 3 order by id';

-- Sets.
create function all_ports() returns setof ports language sql stable as 'select * from ports order by id';
create function no_ports() returns setof ports language sql stable as 'select * from ports where false';
create function all_ships() returns setof ships language sql stable as 'select * from ships order by id';
create function points() returns setof point2 language sql immutable as 'values (row(1, 2)::point2), (row(3, 4)::point2)';
create function numbers(n integer) returns setof integer language sql immutable as 'select generate_series(1, n)';
create function letters() returns setof text language sql immutable as $$ select unnest(array['a', null, 'c']) $$;
create function ship_list(at_least integer default 0) returns table (id integer, name text, size integer) language sql stable as
  $$ select id, name, length from ships where coalesce(length, 0) >= at_least order by id $$;
create function one_column() returns table (a text) language sql immutable as $$ values ('x'), ('y') $$;
create function below(id integer) returns setof ports language sql stable as 'select * from ports where ports.id < below.id order by 1';

-- Arguments.
create function three(a integer default 1, b integer default 2, c integer default 3) returns integer[] language sql immutable as 'select array[a, b, c]';
create function needs_one(a integer, b integer default 2) returns integer language sql immutable as 'select a * b';
create function join_all(variadic words text[] default '{}') returns text[] language sql immutable as 'select words';
create function sum_all(variadic n integer[]) returns bigint language sql immutable as 'select sum(x) from unnest(n) x';
create function mixed(first text, variadic rest text[] default '{}') returns text language sql immutable as
  $$ select first || ':' || array_to_string(rest, ',') $$;
create function fixed_length(c character(3), v varchar(4)) returns text language sql immutable as $$ select c || '|' || v $$;
create function "Quoted Fn"("the arg" integer, "Wo""rd" text default 'w') returns text language sql immutable as $$ select "the arg" || "Wo""rd" $$;
create function take_json(json) returns json language sql immutable as 'select $1';
create function take_text(text) returns text language sql immutable as 'select $1';
create function take_bytes(bytea) returns integer language sql immutable as 'select length($1)';
create function take_int(integer) returns integer language sql immutable as 'select $1';
create function two_unnamed(integer, integer) returns integer language sql immutable as 'select $1 + $2';

-- Overloads.
create function over() returns text language sql immutable as $$ select 'none' $$;
create function over(a integer, b integer) returns integer language sql immutable as 'select a + b';
create function over(a text, b text, c text) returns text language sql immutable as 'select a || b || c';
create function over_rows(a integer) returns setof integer language sql immutable as 'select a';
create function over_rows(a integer, x integer) returns point2 language sql immutable as 'select row(a, x)::point2';
create function pick(arg integer) returns text language sql immutable as $$ select 'integer' $$;
create function pick(arg text) returns text language sql immutable as $$ select 'text' $$;
create function dflt(a integer) returns text language sql immutable as $$ select 'one' $$;
create function dflt(a integer, b text default 'x') returns text language sql immutable as $$ select 'two' $$;
create function whole(json) returns text language sql immutable as $$ select 'json' $$;
create function whole(text) returns text language sql immutable as $$ select 'text' $$;
create function whole() returns text language sql immutable as $$ select 'none' $$;
create function whole(x integer, y integer) returns text language sql immutable as $$ select 'named' $$;
create function both_json(json) returns text language sql immutable as $$ select 'json' $$;
create function both_json(jsonb) returns text language sql immutable as $$ select 'jsonb' $$;

-- The request as a function sees it.
create function whoami() returns text language sql stable as 'select current_user::text';
create function setting(name text) returns text language sql stable as 'select current_setting(name, true)';
create function header(name text) returns text language sql stable as $$ select current_setting('request.headers', true)::json ->> name $$;
create function cookie(name text) returns text language sql stable as $$ select current_setting('request.cookies', true)::json ->> name $$;
create function claim(name text) returns text language sql stable as $$ select current_setting('request.jwt.claims', true)::json ->> name $$;
create function my_id() returns uuid language sql stable as 'select auth.uid()';
create function tx_read_only() returns text language plpgsql volatile as $$ begin return current_setting('transaction_read_only'); end $$;
create function tx_read_only_stable() returns text language plpgsql stable as $$ begin return current_setting('transaction_read_only'); end $$;

-- The answer as a function sets it.
create function set_headers() returns integer language sql stable as $$
  select set_config('response.headers', '[{"X-Ship": "Aurora; fast"}, {"Set-Cookie": "a=1"}, {"Set-Cookie": "b=2"}]', true);
  select 1 $$;
create function set_raw_headers(raw text) returns integer language sql stable as $$ select set_config('response.headers', raw, true); select 1 $$;
create function set_status(code text) returns json language sql stable as $$
  select set_config('response.status', code, true); select '{"said": "no"}'::json $$;
create function set_own_type() returns text language sql stable as $$
  select set_config('response.headers', '[{"Content-Type": "application/harbour+json"}, {"Cache-Control": "max-age=60"}]', true); select 'x' $$;

-- What writes, and what fails.
create function write_log(entry text) returns bigint language sql volatile as 'insert into logbook (entry) values (entry) returning id';
create function stable_writer() returns void language plpgsql stable as $$ begin perform write_log('from a stable function'); end $$;
create function rename_ports(low integer, high integer, name text) returns setof ports language sql volatile as
  $$ update ports set name = rename_ports.name || id where id between low and high returning * $$;
create function drop_ships() returns setof ships language sql volatile as 'delete from ships returning *';
create function log_twice() returns integer language sql volatile as $$
  insert into logbook (entry) values ('one'), ('two'); select 2 $$;
create function write_then_fail() returns void language plpgsql as $$
  begin insert into logbook (entry) values ('lost'); raise exception 'after writing'; end $$;
create function complain() returns void language plpgsql as
  $$ begin raise exception 'too heavy' using detail = 'by 3 tons', hint = 'unload'; end $$;
create function pay_up() returns void language plpgsql stable as
  $$ begin raise sqlstate 'PT402' using message = 'Payment Required', detail = 'Quota exceeded', hint = 'Upgrade your plan'; end $$;
create function fail_with(state text, words text default 'failed on purpose') returns integer language plpgsql stable as
  $$ begin raise exception using errcode = state, message = words; end $$;
create function fail_pgrst(message text, detail text default null) returns integer language plpgsql stable as $$
  begin
    if detail is null then raise sqlstate 'PGRST' using message = fail_pgrst.message; end if;
    raise sqlstate 'PGRST' using message = fail_pgrst.message, detail = fail_pgrst.detail;
  end $$;
create function divide(a integer, b integer) returns integer language sql immutable as 'select a / b';
create function insist() returns void language plpgsql as $$ begin assert false, 'must hold'; end $$;
create function too_many() returns integer language sql stable as 'select (select id from ports)';
create function no_such_table() returns integer language plpgsql stable as $$ begin return (select 1 from not_there); end $$;
create function no_such_function() returns integer language plpgsql stable as $$ begin return not_there(); end $$;
create function deep(n integer) returns integer language plpgsql stable as $$ begin return deep(n + 1); end $$;
create function nap(seconds double precision) returns void language sql volatile as 'select pg_sleep(seconds)';
create function for_service_only() returns text language sql stable as $$ select 'served' $$;

create function stamp() returns trigger language plpgsql as $$
begin
  perform set_config('response.headers', '[{"X-Stamped": "yes"}, {"Location": "/stamps?id=eq.' || new.id || '&by=trigger"}]', true);
  if tg_op = 'UPDATE' then perform set_config('response.status', '205', true); end if;
  return new;
end $$;
create trigger stamp before insert or update on stamps for each row execute function stamp();

create function add_ship_name() returns trigger language plpgsql as $$
begin insert into ships (name) values (new.name); return new; end $$;
create trigger add_ship_name instead of insert on ship_names for each row execute function add_ship_name();

grant execute on all functions in schema public to authenticated, service_role;
revoke execute on function for_service_only() from authenticated;
grant execute on function greet(text), add(integer, integer), whoami(), claim(text), all_ports() to anon;
