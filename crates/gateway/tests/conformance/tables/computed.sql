-- Relationships that functions of a row make, for the cases in computed.rs.

-- To one.
create function home(ships) returns setof ports rows 1 language sql stable as 'select * from ports where id = $1.home_port';
create function only_home(ship ships) returns ports language sql stable as 'select * from ports where id = ship.home_port';
create function longest(ports) returns setof ships rows 1 language sql stable as
  'select * from ships where home_port = $1.id order by length desc nulls last limit 1';
create function port_of_group(ships_per_port) returns setof ports rows 1 language sql stable as
  'select * from ports where id = $1.home_port';

-- To many. The same name starts from several tables.
create function fleet(ports) returns setof ships language sql stable as 'select * from ships where home_port = $1.id';
create function fleet(captains) returns setof ships language sql stable as 'select * from ships where id = $1.ship_id';
create function neighbours(ships) returns setof ships language sql stable as
  'select * from ships where home_port = $1.home_port and id <> $1.id';
create function blue(ports) returns setof blue_ships language sql stable as
  'select b.* from blue_ships b join ships s using (id) where s.home_port = $1.id';
create function "Odd ""Way"""("Odd Names") returns setof ports language sql stable as 'select * from ports where id = $1."the id"';

-- In the place of foreign keys: of a table, and of a column.
create function captains(ships) returns setof captains language sql stable as 'select * from captains where ship_id is null';
create function boss_id(crew) returns setof ships rows 1 language sql stable as 'select * from ships where id = 3';

-- A column that is called like its table.
create table buoy (id integer primary key, buoy text, port integer);
insert into buoy values (1, 'red', 2);
create function moored(buoy) returns setof ports rows 1 language sql stable as 'select * from ports where id = $1.port';

-- What the caller's rights and row level security decide.
create function closed(ports) returns setof ships language sql stable as 'select * from ships';
create function unseen(ports) returns setof hidden language sql stable as 'select * from hidden';
create function remarks(ports) returns setof notes language sql stable as 'select * from notes';
insert into notes values (1, '$owner', 'mine'), (2, gen_random_uuid(), 'not mine');

-- No relationships: of two arguments, of no relation, to no relation.
create function within(ports, integer) returns setof ships language sql stable as 'select * from ships';
create function of_point(point2) returns setof ships language sql stable as 'select * from ships';
create function to_point(ports) returns point2 language sql stable as 'select row(1, 2)::point2';

grant select on buoy to authenticated;
grant execute on all functions in schema public to authenticated;
revoke execute on function closed(ports) from authenticated;
