//! Functions of a row are relationships.

use crate::harbour::Harbour;

async fn harbour() -> Harbour {
    let harbour = Harbour::new().await;
    harbour.run(&harbour.fill(include_str!("computed.sql"))).await;
    harbour
}

#[tokio::test]
async fn to_one() {
    harbour()
        .await
        .check(
            r#"
        a set that has one row
        GET /ships?select=name,home(name)&id=in.(1,4)&order=id
        200 [{"name": "Aurora", "home": {"name": "Rotterdam"}}, {"name": "Draco", "home": null}]

        one row
        GET /ships?select=name,only_home(name)&id=eq.1
        200 [{"name": "Aurora", "only_home": {"name": "Rotterdam"}}]

        one row that is none is a row of nulls
        GET /ships?select=name,only_home(id,name)&id=eq.4
        200 [{"name": "Draco", "only_home": {"id": null, "name": null}}]

        under another name, with all columns
        GET /ships?select=port:home(*)&id=eq.3
        200 [{"port": {"id": 2, "name": "Hamburg", "country": "DE", "depth": 15.1}}]

        a filter empties the embedded row alone
        GET /ships?select=id,home(name)&home.country=eq.DE&order=id&limit=2&offset=1
        200 [{"id": 2, "home": null}, {"id": 3, "home": {"name": "Hamburg"}}]

        an inner join leaves out rows, also from the count
        GET /ships?select=id,home!inner(name)&order=id&limit=2
        Prefer: count=exact
        206 [{"id": 1, "home": {"name": "Rotterdam"}}, {"id": 2, "home": {"name": "Rotterdam"}}]
        Content-Range: 0-1/3

        an inner join with a filter
        GET /ships?select=id,port:home!inner(name)&port.country=eq.DE
        200 [{"id": 3, "port": {"name": "Hamburg"}}]

        for its condition alone
        GET /ships?select=id,home!inner()&home.id=eq.2
        200 [{"id": 3}]

        rows with it and rows without
        GET /ships?select=id,home()&home=is.null
        200 [{"id": 4}]

        in the order of its column
        GET /ships?select=id,home()&order=home(name).asc.nullslast,id.desc
        200 [{"id": 3}, {"id": 2}, {"id": 1}, {"id": 4}]

        spread into the row
        GET /ships?select=id,...home(port:name,country)&order=id&limit=1
        200 [{"id": 1, "port": "Rotterdam", "country": "NL"}]

        spread of nothing
        GET /ships?select=id,...home(country)&id=eq.4
        200 [{"id": 4, "country": null}]

        from a view
        GET /ships_per_port?select=ships,port_of_group(name)&home_port=eq.1
        200 [{"ships": 2, "port_of_group": {"name": "Rotterdam"}}]

        where a column is called like its table
        GET /buoy?select=buoy,moored(name)
        200 [{"buoy": "red", "moored": {"name": "Hamburg"}}]

        as CSV
        GET /ships?select=id,home(name,id)&id=eq.1
        Accept: text/csv
        200 = id,home\n1,"{""id"": 1, ""name"": ""Rotterdam""}"
        "#,
        )
        .await;
}

#[tokio::test]
async fn to_many() {
    harbour()
        .await
        .check(
            r#"
        an array
        GET /ports?select=name,fleet(name)&id=in.(1,3)&order=id&fleet.order=name
        200 [{"name": "Rotterdam", "fleet": [{"name": "Aurora"}, {"name": "Borealis"}]}, {"name": "Leith", "fleet": []}]

        the same name from another table
        GET /captains?select=name,fleet(name)&order=id&limit=1
        200 [{"name": "Ada", "fleet": [{"name": "Aurora"}]}]

        ordered and limited inside
        GET /ports?select=id,fleet(name)&id=eq.1&fleet.order=name.desc&fleet.limit=1
        200 [{"id": 1, "fleet": [{"name": "Borealis"}]}]

        with an offset inside
        GET /ports?select=id,fleet(name)&id=eq.1&fleet.order=name&fleet.offset=1
        200 [{"id": 1, "fleet": [{"name": "Borealis"}]}]

        an inner join with a filter, counted
        GET /ports?select=id,fleet!inner(id)&fleet.flag=eq.red
        Prefer: count=exact
        200 [{"id": 1, "fleet": [{"id": 1}]}]
        Content-Range: 0-0/1

        twice under two names
        GET /ports?select=id,red:fleet(id),blue:fleet(id)&red.flag=eq.red&blue.flag=eq.blue&id=eq.1
        200 [{"id": 1, "red": [{"id": 1}], "blue": [{"id": 2}]}]

        the table itself
        GET /ships?select=id,neighbours(id)&order=id&limit=3
        200 [{"id": 1, "neighbours": [{"id": 2}]}, {"id": 2, "neighbours": [{"id": 1}]}, {"id": 3, "neighbours": []}]

        to a view
        GET /ports?select=id,blue(name)&id=eq.1
        200 [{"id": 1, "blue": [{"name": "Borealis"}]}]

        with a name that needs quotes
        GET /Odd%20Names?select=%22Odd%20%5C%22Way%5C%22%22(name)&order=%22the%20id%22&limit=1
        200 [{"Odd \"Way\"": [{"name": "Rotterdam"}]}]

        spread of many makes arrays
        GET /ports?select=id,...fleet(ship:name)&id=in.(1,4)&order=id&fleet.order=name
        200 [{"id": 1, "ship": ["Aurora", "Borealis"]}, {"id": 4, "ship": []}]

        not in the order of one of many
        GET /ports?select=id,fleet(id)&order=fleet(id)
        400 {"code": "PGRST118", "details": "'ports' and 'fleet' do not form a many-to-one or one-to-one relationship", "hint": null, "message": "A related order on 'fleet' is not possible"}

        a column that it does not have
        GET /ports?select=id,fleet(nope)
        400 !42703 column ships_1.nope does not exist
        "#,
        )
        .await;
}

#[tokio::test]
async fn within_each_other() {
    harbour()
        .await
        .check(
            r#"
        one below one
        GET /ships?select=id,home(longest(name))&id=eq.1
        200 [{"id": 1, "home": {"longest": {"name": "Borealis"}}}]

        many below one
        GET /ships?select=id,home(fleet(id))&id=eq.1&home.fleet.order=id
        200 [{"id": 1, "home": {"fleet": [{"id": 1}, {"id": 2}]}}]

        by a foreign key below a function
        GET /ships?select=id,home(berths(number))&id=eq.1&home.berths.order=number
        200 [{"id": 1, "home": {"berths": [{"number": 1}, {"number": 2}]}}]

        a function below a foreign key
        GET /crew?select=id,ships(home(name))&id=eq.4
        200 [{"id": 4, "ships": {"home": {"name": "Hamburg"}}}]

        a function below many
        GET /ports?select=id,ships(id,home(id))&id=eq.1&ships.order=id
        200 [{"id": 1, "ships": [{"id": 1, "home": {"id": 1}}, {"id": 2, "home": {"id": 1}}]}]

        below many to many
        GET /cargo?select=name,ships(home(name))&id=eq.2
        200 [{"name": "grain", "ships": [{"home": {"name": "Rotterdam"}}]}]

        arrays within arrays within arrays
        GET /ports?select=fleet(neighbours(neighbours(id)))
        400 !PGRST100 Too many resources embedded within each other
        "#,
        )
        .await;
}

#[tokio::test]
async fn of_rows_that_were_written_or_answered() {
    harbour()
        .await
        .check(
            r#"
        after an insert, without the columns that the function reads
        POST /ships?select=name,home(name)
        Prefer: return=representation
        {"name": "Elara", "home_port": 3}
        201 [{"name": "Elara", "home": {"name": "Leith"}}]

        after an insert of rows with different keys
        POST /ships?select=name,home(name)&columns=name,home_port,draught&order=name
        Prefer: return=representation, missing=default
        [{"name": "Fornax", "home_port": 3}, {"name": "Gemini", "home_port": 2, "draught": 3}]
        201 [{"name": "Fornax", "home": {"name": "Leith"}}, {"name": "Gemini", "home": {"name": "Hamburg"}}]

        after an update
        PATCH /ships?id=eq.4&select=name,home(name)
        Prefer: return=representation
        {"home_port": 2}
        200 [{"name": "Draco", "home": {"name": "Hamburg"}}]

        many after an update
        PATCH /ports?id=eq.1&select=depth,fleet(id)&fleet.order=id
        Prefer: return=representation
        {"depth": 25}
        200 [{"depth": 25, "fleet": [{"id": 1}, {"id": 2}]}]

        after an update of nothing
        PATCH /ships?id=eq.1&select=name,home(name)
        Prefer: return=representation
        {}
        200 []

        of one row by its key
        PUT /ports?id=eq.9&select=name,fleet(id)
        Prefer: return=representation
        {"id": 9, "name": "Oban"}
        201 [{"name": "Oban", "fleet": []}]

        after a delete
        DELETE /captains?id=eq.2&select=name,fleet(name)
        Prefer: return=representation
        200 [{"name": "Ben", "fleet": [{"name": "Borealis"}]}]

        as minimal answer nothing is asked for
        PATCH /ships?id=eq.4&select=name,home(name)
        {"home_port": 1}
        204

        in the rows of a function
        GET /rpc/all_ships?select=name,home(name)&id=eq.1
        200 [{"name": "Aurora", "home": {"name": "Rotterdam"}}]

        in the rows of a function, counted and cut
        GET /rpc/all_ports?select=id,fleet(id)&limit=1&fleet.order=id
        Prefer: count=exact
        206 [{"id": 1, "fleet": [{"id": 1}, {"id": 2}, {"id": 4}]}]
        Content-Range: 0-0/5

        in the one row of a function
        POST /rpc/one_port?select=name,fleet(id)&fleet.order=id
        {"port": 2}
        200 {"name": "Hamburg", "fleet": [{"id": 3}, {"id": 12}]}
        "#,
        )
        .await;
}

#[tokio::test]
async fn in_the_place_of_foreign_keys() {
    harbour()
        .await
        .check(
            r#"
        of a table
        GET /ships?select=id,captains(name)&id=eq.1
        200 [{"id": 1, "captains": [{"name": "Cid"}]}]

        whatever the hint
        GET /ships?select=id,captains!captains_ship_id_fkey(name)&id=eq.1
        200 [{"id": 1, "captains": [{"name": "Cid"}]}]

        the other way it is as it was
        GET /captains?select=name,ships(name)&id=eq.1
        200 [{"name": "Ada", "ships": {"name": "Aurora"}}]

        its foreign key has no other name
        GET /ships?select=id,captains_ship_id_fkey(name)
        400 !PGRST200

        of a column
        GET /crew?select=name,boss_id(name)&id=eq.2
        200 [{"name": "Lee", "boss_id": {"name": "Cassiopeia"}}]

        which stays a column
        GET /crew?select=name,boss_id&id=eq.2
        200 [{"name": "Lee", "boss_id": 1}]
        "#,
        )
        .await;
}

#[tokio::test]
async fn rights_are_the_callers() {
    harbour()
        .await
        .check(
            r#"
        a function that may not be called
        GET /ports?select=id,closed(id)
        403 !42501 permission denied for function closed

        by nobody
        GET /ports?select=id,fleet(id)
        as: nobody
        401 !42501 permission denied for function fleet

        a table that may not be read
        GET /ports?select=id,unseen(id)
        403 !42501 permission denied for table hidden

        rows that the caller does not see
        GET /ports?select=id,remarks(body)&id=eq.1
        200 [{"id": 1, "remarks": [{"body": "mine"}]}]

        of another nothing
        GET /ports?select=id,remarks(body)&id=eq.1
        as: viewer
        200 [{"id": 1, "remarks": []}]

        a function of two arguments
        GET /ports?select=id,within(id)
        400 !PGRST200 Could not find a relationship between 'ports' and 'within' in the schema cache

        a function of another row
        GET /ports?select=id,of_point(id)
        400 !PGRST200

        a function to a type that is no relation
        GET /ports?select=id,to_point(x)
        400 !PGRST200

        a function of another table
        GET /ports?select=id,home(id)
        400 !PGRST200
        "#,
        )
        .await;
}

/// What is declared anew counts from the next look at the catalogue.
#[tokio::test]
async fn as_it_is_declared_now() {
    let harbour = harbour().await;
    harbour
        .check(
            r#"
        many
        GET /ports?select=id,blue(id)&id=eq.1
        200 [{"id": 1, "blue": [{"id": 2}]}]
        "#,
        )
        .await;
    harbour.run("alter function blue(ports) rows 1").await;
    harbour
        .eventually(
            r#"
        one
        GET /ports?select=id,blue(id)&id=eq.1
        200 [{"id": 1, "blue": {"id": 2}}]
        "#,
        )
        .await;
    harbour.run("alter function blue(ports) rename to blues").await;
    harbour
        .check(
            r#"
        by a new name
        GET /ports?select=id,blues(id)&id=eq.1
        200 [{"id": 1, "blues": {"id": 2}}]
        "#,
        )
        .await;
}
