use crate::script::check;

#[tokio::test]
async fn to_one() {
    check(
        r#"
        the table it points to
        GET /ships?select=name,ports(name)&order=id&limit=2
        200 [{"name": "Aurora", "ports": {"name": "Rotterdam"}}, {"name": "Borealis", "ports": {"name": "Rotterdam"}}]

        nothing is null
        GET /ships?select=name,ports(name)&id=eq.4
        200 [{"name": "Draco", "ports": null}]

        under another name
        GET /ships?select=name,home:ports(id,name)&id=eq.3
        200 [{"name": "Cassiopeia", "home": {"id": 2, "name": "Hamburg"}}]

        all its columns
        GET /crew?select=id,ships(*)&id=eq.4
        200 [{"id": 4, "ships": {"id": 3, "name": "Cassiopeia", "home_port": 2, "flag": "blue", "tags": [], "load": "[5,8)", "papers": null, "launched": null, "draught": 7.5, "length": 50, "beam": 10, "area": 500}}]

        by the column of the foreign key
        GET /ships?select=name,home_port(name)&id=eq.1
        200 [{"name": "Aurora", "home_port": {"name": "Rotterdam"}}]

        by the foreign key
        GET /ships?select=name,ships_home_port_fkey(name)&id=eq.1
        200 [{"name": "Aurora", "ships_home_port_fkey": {"name": "Rotterdam"}}]

        with a hint of the column
        GET /ships?select=name,ports!home_port(name)&id=eq.1
        200 [{"name": "Aurora", "ports": {"name": "Rotterdam"}}]

        a cast and an alias inside
        GET /ships?select=ports(key:id::text)&id=eq.1
        200 [{"ports": {"key": "1"}}]

        one to one, from the key
        GET /captains?select=name,ships(name)&order=id
        200 [{"name": "Ada", "ships": {"name": "Aurora"}}, {"name": "Ben", "ships": {"name": "Borealis"}}, {"name": "Cid", "ships": null}]

        one to one, from the other side, is an object too
        GET /ships?select=name,captains(name)&order=id&limit=3
        200 [{"name": "Aurora", "captains": {"name": "Ada"}}, {"name": "Borealis", "captains": {"name": "Ben"}}, {"name": "Cassiopeia", "captains": null}]

        an inner join leaves out rows without a match
        GET /ships?select=id,ports!inner(name)&order=id
        200 [{"id": 1, "ports": {"name": "Rotterdam"}}, {"id": 2, "ports": {"name": "Rotterdam"}}, {"id": 3, "ports": {"name": "Hamburg"}}]

        an inner join with a filter
        GET /ships?select=id,ports!inner(name)&ports.country=eq.DE
        200 [{"id": 3, "ports": {"name": "Hamburg"}}]

        a filter without an inner join empties the embedded row alone
        GET /ships?select=id,ports(name)&ports.country=eq.DE&order=id
        200 [{"id": 1, "ports": null}, {"id": 2, "ports": null}, {"id": 3, "ports": {"name": "Hamburg"}}, {"id": 4, "ports": null}]

        hint and inner join together
        GET /ships?select=id,home:ports!home_port!inner(name)&home.name=eq.Hamburg
        200 [{"id": 3, "home": {"name": "Hamburg"}}]

        nothing of it, for its condition alone
        GET /ships?select=id,ports!inner()&ports.id=eq.2
        200 [{"id": 3}]

        spread into the row
        GET /ships?select=name,...ports(port:name,country)&order=id&limit=1
        200 [{"name": "Aurora", "port": "Rotterdam", "country": "NL"}]

        spread of nothing
        GET /ships?select=name,...ports(country)&id=eq.4
        200 [{"name": "Draco", "country": null}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn to_many() {
    check(
        r#"
        arrays within arrays within arrays
        GET /ports?select=ships(ports(ships(ports(ships(id)))))
        400 !PGRST100 Too many resources embedded within each other

        arrays within an array
        GET /ports?select=ships(ports(ships(id)))&id=eq.3&ships.id=lt.0
        200 [{"ships": []}]

        the rows that point here
        GET /ports?select=name,ships(name)&id=in.(1,3)&order=id&ships.order=name
        200 [{"name": "Rotterdam", "ships": [{"name": "Aurora"}, {"name": "Borealis"}]}, {"name": "Leith", "ships": []}]

        ordered and limited inside
        GET /ports?select=id,ships(name)&id=eq.1&ships.order=name.desc&ships.limit=1
        200 [{"id": 1, "ships": [{"name": "Borealis"}]}]

        with an offset inside
        GET /ports?select=id,ships(name)&id=eq.1&ships.order=name&ships.offset=1
        200 [{"id": 1, "ships": [{"name": "Borealis"}]}]

        filtered inside
        GET /ports?select=id,ships(name)&ships.flag=eq.red&order=id&limit=2
        200 [{"id": 1, "ships": [{"name": "Aurora"}]}, {"id": 2, "ships": []}]

        logic inside
        GET /ports?select=id,ships(id)&ships.or=(flag.eq.red,length.gt.100)&ships.order=id&id=eq.1
        200 [{"id": 1, "ships": [{"id": 1}, {"id": 2}]}]

        an alias in conditions
        GET /ports?select=id,fleet:ships(id)&fleet.length=gt.100&id=eq.1
        200 [{"id": 1, "fleet": [{"id": 2}]}]

        twice under two names
        GET /ports?select=id,red:ships(id),blue:ships(id)&red.flag=eq.red&blue.flag=eq.blue&id=eq.1
        200 [{"id": 1, "red": [{"id": 1}], "blue": [{"id": 2}]}]

        an inner join
        GET /ports?select=id,ships!inner(id)&ships.flag=eq.red
        200 [{"id": 1, "ships": [{"id": 1}]}]

        through a table in between
        GET /ships?select=name,cargo(name)&order=id&limit=3&cargo.order=name
        200 [{"name": "Aurora", "cargo": [{"name": "coal"}, {"name": "grain"}]}, {"name": "Borealis", "cargo": [{"name": "coal"}]}, {"name": "Cassiopeia", "cargo": []}]

        through it, the other way
        GET /cargo?select=name,ships(name)&order=id&ships.order=name
        200 [{"name": "coal", "ships": [{"name": "Aurora"}, {"name": "Borealis"}]}, {"name": "grain", "ships": [{"name": "Aurora"}]}, {"name": "tea", "ships": []}]

        the table in between itself
        GET /ships?select=id,ship_cargo(tons)&id=eq.1&ship_cargo.order=tons
        200 [{"id": 1, "ship_cargo": [{"tons": 300}, {"tons": 500}]}]

        two levels
        GET /ports?select=id,ships(id,crew(name))&id=eq.1&ships.order=id&ships.crew.order=id
        200 [{"id": 1, "ships": [{"id": 1, "crew": [{"name": "Kim"}, {"name": "Lee"}]}, {"id": 2, "crew": [{"name": "Max"}]}]}]

        spread of many makes arrays
        GET /ports?select=id,...ships(ship:name)&id=in.(1,4)&order=id&ships.order=name
        200 [{"id": 1, "ship": ["Aurora", "Borealis"]}, {"id": 4, "ship": []}]
        "#,
    )
    .await;
}

/// Embedded rows are `jsonb`: spaces after colons and commas, short keys first, and each key once.
#[tokio::test]
async fn to_the_byte() {
    check(
        r#"
        one
        GET /ships?select=name,ports(name,id)&id=in.(1,4)&order=id
        200 = [{"name":"Aurora","ports":{"id": 1, "name": "Rotterdam"}}, \n {"name":"Draco","ports":null}]

        many
        GET /ports?select=id,ships(name,id)&id=in.(1,4)&order=id&ships.order=id
        200 = [{"id":1,"ships":[{"id": 1, "name": "Aurora"}, {"id": 2, "name": "Borealis"}]}, \n {"id":4,"ships":[]}]

        a key twice
        GET /ships?select=ports(id,id:name)&id=eq.1
        200 = [{"ports":{"id": "Rotterdam"}}]

        JSON in it
        GET /ship_cargo?select=ships(papers)&ship_id=eq.1&cargo_id=eq.1
        200 = [{"ships":{"papers": {"marks": [1, 2, 3], "owner": {"name": "Ann", "since": 1990}}}}]

        spread of many
        GET /ports?select=id,...ships(ship:name)&id=eq.1&ships.order=name
        200 = [{"id":1,"ship":["Aurora", "Borealis"]}]

        as one object
        GET /ports?select=ships(name,id)&id=eq.2
        Accept: application/vnd.pgrst.object+json
        200 = {"ships":[{"id": 3, "name": "Cassiopeia"}]}

        without nulls
        GET /ports?select=ships(id,papers)&id=eq.2
        Accept: application/vnd.pgrst.object+json;nulls=stripped
        200 = {"ships":[{"id":3}]}

        many in CSV stand in one line
        GET /ports?select=id,ships(id)&id=eq.1&ships.order=id
        Accept: text/csv
        200 = id,ships\n1,"[{""id"": 1}, {""id"": 2}]"

        after an insert
        POST /ships?select=name,ports(name,id)
        Prefer: return=representation
        {"name": "Elara", "home_port": 3}
        201 = [{"name":"Elara","ports":{"id": 3, "name": "Leith"}}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn the_table_itself() {
    check(
        r#"
        to the one above, by the column
        GET /crew?select=name,boss:boss_id(name)&order=id&limit=2
        200 [{"name": "Kim", "boss": null}, {"name": "Lee", "boss": {"name": "Kim"}}]

        to those below, by the foreign key
        GET /crew?select=name,below:crew!boss_id(name)&id=in.(1,2)&order=id&below.order=id
        200 [{"name": "Kim", "below": [{"name": "Lee"}, {"name": "Max"}]}, {"name": "Lee", "below": []}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn ambiguous_and_unknown() {
    check(
        r#"
        two foreign keys between the same tables
        GET /routes?select=name,ports(name)
        300 {"code": "PGRST201",
             "details": [
               {"cardinality": "many-to-one", "embedding": "routes with ports", "relationship": "routes_destination_fkey using routes(destination) and ports(id)"},
               {"cardinality": "many-to-one", "embedding": "routes with ports", "relationship": "routes_origin_fkey using routes(origin) and ports(id)"}],
             "hint": "Try changing 'ports' to one of the following: 'ports!routes_destination_fkey', 'ports!routes_origin_fkey'. Find the desired relationship in the 'details' key.",
             "message": "Could not embed because more than one relationship was found for 'routes' and 'ports'"}

        told apart by the foreign key
        GET /routes?select=name,from:ports!routes_origin_fkey(name),to:ports!routes_destination_fkey(name)&id=eq.1
        200 [{"name": "north", "from": {"name": "Rotterdam"}, "to": {"name": "Leith"}}]

        told apart by the column
        GET /routes?select=name,origin(name),destination(name)&id=eq.2
        200 [{"name": "east", "origin": {"name": "Rotterdam"}, "destination": {"name": "Hamburg"}}]

        the other way
        GET /ports?select=name,departures:routes!origin(name),arrivals:routes!destination(name)&id=eq.3
        200 [{"name": "Leith", "departures": [], "arrivals": [{"name": "north"}]}]

        tables without a relationship
        GET /ports?select=id,tokens(id)
        400 {"code": "PGRST200", "details": "Searched for a foreign key relationship between 'ports' and 'tokens' in the schema 'public', but no matches were found.", "hint": "…", "message": "Could not find a relationship between 'ports' and 'tokens' in the schema cache"}

        a hint that fits nothing
        GET /ships?select=id,ports!nope(id)
        400 {"code": "PGRST200", "details": "Searched for a foreign key relationship between 'ships' and 'ports' using the hint 'nope' in the schema 'public', but no matches were found.", "hint": null, "message": "Could not find a relationship between 'ships' and 'ports' in the schema cache"}

        a table that is nearly one
        GET /ports?select=id,shipz(id)
        400 {"code": "PGRST200", "details": "…", "hint": "Perhaps you meant 'ships' instead of 'shipz'.", "message": "Could not find a relationship between 'ports' and 'shipz' in the schema cache"}

        a condition on what is not embedded
        GET /ports?select=id&ships.id=eq.1
        400 {"code": "PGRST108", "details": null, "hint": "Verify that 'ships' is included in the 'select' query parameter.", "message": "'ships' is not an embedded resource in this request"}

        an order of what is not embedded
        GET /ports?select=id&ships.order=id
        400 !PGRST108 'ships' is not an embedded resource in this request

        a limit of what is not embedded
        GET /ports?select=id&ships.limit=1
        400 !PGRST108

        an unknown column of what is embedded
        GET /ports?select=id,ships(nope)
        400 !42703
        "#,
    )
    .await;
}

#[tokio::test]
async fn with_writes() {
    check(
        r#"
        after an insert
        POST /ships?select=name,ports(name)
        Prefer: return=representation
        {"name": "Elara", "home_port": 3}
        201 [{"name": "Elara", "ports": {"name": "Leith"}}]

        after an update
        PATCH /ships?id=eq.4&select=name,ports(name)
        Prefer: return=representation
        {"home_port": 2}
        200 [{"name": "Draco", "ports": {"name": "Hamburg"}}]

        many after an update
        PATCH /ports?id=eq.1&select=name,ships(id)&ships.order=id
        Prefer: return=representation
        {"depth": 25}
        200 [{"name": "Rotterdam", "ships": [{"id": 1}, {"id": 2}]}]

        after a delete
        DELETE /captains?id=eq.2&select=name,ships(name)
        Prefer: return=representation
        200 [{"name": "Ben", "ships": {"name": "Borealis"}}]

        in the rows of a function
        GET /rpc/all_ports?select=id,ships(id)&id=eq.1&ships.order=id
        200 [{"id": 1, "ships": [{"id": 1}, {"id": 2}]}]

        in the one row of a function
        POST /rpc/one_port?select=name,ships(id)&ships.order=id
        {"port": 1}
        200 {"name": "Rotterdam", "ships": [{"id": 1}, {"id": 2}]}
        "#,
    )
    .await;
}
