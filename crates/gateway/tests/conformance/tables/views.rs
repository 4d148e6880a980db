use crate::harbour::Harbour;
use crate::script::check;

#[tokio::test]
async fn reads() {
    check(
        r#"
        a simple view
        GET /blue_ships?select=id,name&order=id
        200 [{"id": 2, "name": "Borealis"}, {"id": 3, "name": "Cassiopeia"}]

        a view that groups
        GET /ships_per_port?order=home_port.nullslast
        200 [{"home_port": 1, "ships": 2}, {"home_port": 2, "ships": 1}, {"home_port": null, "ships": 1}]

        counted and paged
        GET /ships_per_port?select=ships&order=home_port.nullslast&limit=1
        Prefer: count=exact
        206 [{"ships": 2}]
        Content-Range: 0-0/3
        "#,
    )
    .await;
}

#[tokio::test]
async fn writes() {
    check(
        r#"
        into a simple view
        POST /blue_ships?select=name,flag
        Prefer: return=representation
        {"name": "Elara", "flag": "blue"}
        201 [{"name": "Elara", "flag": "blue"}]
        db: select count(*) from ships where name = 'Elara' => 1

        of a simple view
        PATCH /blue_ships?name=eq.Elara&select=name,length
        Prefer: return=representation
        {"length": 9}
        200 [{"name": "Elara", "length": 9}]

        what the view does not show is not changed
        PATCH /blue_ships?name=eq.Aurora
        {"length": 9}
        204
        Content-Range: */*
        db: select length from ships where name = 'Aurora' => 100

        out of a simple view
        DELETE /blue_ships?name=eq.Elara
        204
        db: select count(*) from ships where name = 'Elara' => 0

        through a trigger
        POST /ship_names
        Prefer: return=representation
        {"name": "Fram"}
        201 [{"name": "Fram", "kept": null}]
        db: select count(*) from ships where name = 'Fram' => 1

        a view that cannot be written, where PostgREST answers 500
        POST /ships_per_port
        {"ships": 1}
        405 !55000

        a trigger that sets headers
        POST /stamps
        {"id": 1, "name": "a"}
        201
        X-Stamped: yes
        Location: /stamps?id=eq.1&by=trigger

        a trigger that sets the status
        PATCH /stamps?id=eq.1
        {"name": "b"}
        205
        X-Stamped: yes
        db: select name from stamps where id = 1 => b
        "#,
    )
    .await;
}

/// Views of tables that are not exposed, as clients use them whose API is a schema of views.
const SHIPYARD: &str = "
    create schema yard;
    create table yard.docks (id integer primary key, title text);
    create table yard.jobs (id integer primary key, dock_id integer references yard.docks (id), lead_id integer, title text);
    create table yard.people (id integer primary key, name text);
    create table yard.shifts (job_id integer references yard.jobs (id), person_id integer references yard.people (id), primary key (job_id, person_id));
    alter table yard.jobs add constraint led_by foreign key (lead_id) references yard.people (id);
    create table yard.hulls (port_id integer, number integer, berth text, foreign key (port_id, number) references berths (port_id, number));
    insert into yard.docks values (1, 'north'), (2, 'south');
    insert into yard.people values (1, 'Ann'), (2, 'Bo');
    insert into yard.jobs values (1, 1, 1, 'paint'), (2, 1, null, 'weld'), (3, 2, 2, 'rivet');
    insert into yard.shifts values (1, 1), (1, 2), (3, 2);
    insert into berths values (3, 7, 'deep') on conflict do nothing;
    insert into yard.hulls values (3, 7, 'b'), (3, null, 'c');
    create view docks as select id as dock, upper(title) as name, title from yard.docks;
    create view inner_jobs as select title as what, id, dock_id, lead_id from yard.jobs where id > 0;
    create view jobs as select j.dock_id as at, j.id as job, j.what, j.lead_id, count(*) over () as n from inner_jobs j;
    create view people as with all_of_them as (select p.* from yard.people p) select id, name, id + 0 as sum from all_of_them;
    create view shifts as select person_id, job_id from yard.shifts;
    create view job_docks as select j.id, j.title, d.id as dock_id, d.title as dock from yard.jobs j left join (select * from yard.docks) d on d.id = j.dock_id;
    create view hulls as select number as no, port_id as port, berth from yard.hulls;
    create view half_hulls as select number, berth from yard.hulls;
    grant select, insert, update on docks, inner_jobs, jobs, people, shifts, job_docks, hulls, half_hulls to authenticated";

#[tokio::test]
async fn keys_show_through_them() {
    let harbour = Harbour::new().await;
    harbour.run(SHIPYARD).await;
    harbour
        .check(
            r#"
            from a view to a table
            GET /ships_per_port?select=ships,ports(name)&order=home_port.nullslast
            200 [{"ships": 2, "ports": {"name": "Rotterdam"}}, {"ships": 1, "ports": {"name": "Hamburg"}}, {"ships": 1, "ports": null}]

            from a table to a view
            GET /captains?select=name,blue_ships(name)&order=id
            200 [{"name": "Ada", "blue_ships": null}, {"name": "Ben", "blue_ships": {"name": "Borealis"}}, {"name": "Cid", "blue_ships": null}]

            from a view to the many of a table
            GET /blue_ships?select=id,crew(id)&id=eq.3
            200 [{"id": 3, "crew": [{"id": 4}]}]

            between views of tables that are not exposed, under the views' names
            GET /jobs?select=job,docks(name)&order=job
            200 [{"job": 1, "docks": {"name": "NORTH"}}, {"job": 2, "docks": {"name": "NORTH"}}, {"job": 3, "docks": {"name": "SOUTH"}}]

            the other way
            GET /docks?select=title,jobs(what)&jobs.order=job&order=dock
            200 [{"title": "north", "jobs": [{"what": "paint"}, {"what": "weld"}]}, {"title": "south", "jobs": [{"what": "rivet"}]}]

            with a hint of the constraint, to a query with a name
            GET /jobs?select=job,people!led_by(name)&order=job
            200 [{"job": 1, "people": {"name": "Ann"}}, {"job": 2, "people": null}, {"job": 3, "people": {"name": "Bo"}}]

            with a hint of the view's column
            GET /jobs?select=job,people!lead_id(name)&job=eq.3
            200 [{"job": 3, "people": {"name": "Bo"}}]

            many to many, with a view in between
            GET /inner_jobs?select=id,people!shifts(name)&order=id&people.order=id
            200 [{"id": 1, "people": [{"name": "Ann"}, {"name": "Bo"}]}, {"id": 2, "people": []}, {"id": 3, "people": [{"name": "Bo"}]}]

            one of the two without a hint
            GET /jobs?select=job,people(name)
            300 !PGRST201

            a view of a join is what both its tables are to others
            GET /job_docks?select=id,shifts(person_id),jobs(what)&id=eq.1&jobs.order=job
            200 [{"id": 1, "shifts": [{"person_id": 1}, {"person_id": 2}], "jobs": [{"what": "paint"}, {"what": "weld"}]}]

            a key of two columns
            GET /hulls?select=berth,berths(note)&order=berth
            200 [{"berth": "b", "berths": {"note": "deep"}}, {"berth": "c", "berths": null}]

            of which the view shows one
            GET /half_hulls?select=berth,berths(note)
            400 !PGRST200

            a column that is computed is nobody's
            GET /shifts?select=people!sum(name)
            400 !PGRST200
            "#,
        )
        .await;
    harbour
        .run("create or replace view docks as select id + 0 as dock, upper(title) as name, title from yard.docks")
        .await;
    harbour.eventually("no key any more\nGET /jobs?select=job,docks(name)\n400 !PGRST200").await;
    harbour.run("create or replace view docks as select id as dock, upper(title) as name, title from yard.docks").await;
    harbour.eventually("again\nGET /jobs?select=docks(name)&job=eq.3\n200 [{\"docks\": {\"name\": \"SOUTH\"}}]").await;
    harbour.run("alter table yard.jobs drop constraint jobs_dock_id_fkey").await;
    harbour
        .run(
            "create view one as select 1 as id; create view other as select id from one;
              create or replace view one as select id from other; grant select on one to authenticated",
        )
        .await;
    harbour.eventually("views that select from each other show nothing\nGET /one\n500 !42P17").await;
    harbour.eventually("without the constraint\nGET /jobs?select=job,docks(name)\n400 !PGRST200").await;
}

#[tokio::test]
async fn rows_are_named_by_the_key_they_show() {
    let harbour = Harbour::new().await;
    harbour.run(SHIPYARD).await;
    harbour
        .check(
            r#"
            a row that is there is merged
            POST /inner_jobs
            Prefer: resolution=merge-duplicates, return=representation
            [{"id": 1, "what": "varnish"}, {"id": 9, "what": "caulk"}]
            201 [{"what": "varnish", "id": 1, "dock_id": 1, "lead_id": 1}, {"what": "caulk", "id": 9, "dock_id": null, "lead_id": null}]

            or left as it is
            POST /inner_jobs?select=id
            Prefer: resolution=ignore-duplicates, return=representation
            [{"id": 1, "what": "burn"}, {"id": 10, "what": "launch"}]
            201 [{"id": 10}]
            db: select title from yard.jobs where id = 1 => varnish

            put
            PUT /inner_jobs?id=eq.1
            Prefer: return=representation
            {"id": 1, "what": "paint", "dock_id": 2, "lead_id": 1}
            200 [{"what": "paint", "id": 1, "dock_id": 2, "lead_id": 1}]

            where it went
            POST /shifts
            Prefer: return=headers-only
            {"job_id": 2, "person_id": 1}
            201
            Location: /shifts?job_id=eq.2&person_id=eq.1

            one that a trigger writes for has none, as no conflict can be found there
            POST /ship_names
            Prefer: resolution=merge-duplicates, return=representation
            {"name": "Gjoa"}
            201 [{"name": "Gjoa", "kept": null}]
            "#,
        )
        .await;
}
