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
