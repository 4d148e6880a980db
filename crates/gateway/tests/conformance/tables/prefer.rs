use crate::script::check;

#[tokio::test]
async fn handling() {
    check(
        r#"
        unknown preferences are ignored
        GET /only_key?id=eq.1
        Prefer: anything, return=everything
        200 [{"id": 1}]
        Preference-Applied: -

        and refused where asked
        GET /only_key
        Prefer: handling=strict, anything
        400 {"code": "PGRST122", "details": "Invalid preferences: anything", "hint": null, "message": "Invalid preferences given with handling=strict"}

        in several headers
        GET /only_key
        Prefer: handling=strict
        Prefer: something, else
        400 {"code": "PGRST122", "details": "Invalid preferences: something, else", "hint": null, "message": "Invalid preferences given with handling=strict"}

        refused before anything is written
        POST /only_key
        Prefer: handling=strict, anything
        {"id": 50}
        400 !PGRST122
        db: select count(*) from only_key where id = 50 => 0

        strict with what is known
        GET /only_key?id=eq.1
        Prefer: handling=strict, count=exact
        200 [{"id": 1}]
        Preference-Applied: count=exact, handling=strict

        lenient
        GET /only_key?id=eq.1
        Prefer: handling=lenient, anything
        200 [{"id": 1}]
        Preference-Applied: handling=lenient

        of a function
        POST /rpc/greet
        Prefer: handling=strict, anything
        {}
        400 !PGRST122

        the first of two counts
        GET /only_key?id=eq.1
        Prefer: return=representation, count=exact, count=planned
        200 [{"id": 1}]
        Content-Range: 0-0/1

        many at once
        POST /berths?select=number
        Prefer: return=representation, count=exact, missing=default, resolution=merge-duplicates, handling=lenient
        [{"port_id": 4, "number": 4}]
        201 [{"number": 4}]
        Content-Range: */1
        Preference-Applied: resolution=merge-duplicates, missing=default, return=representation, count=exact, handling=lenient

        a transaction is committed whatever the client prefers
        POST /only_key
        Prefer: tx=rollback
        {"id": 51}
        201
        Preference-Applied: -
        db: select count(*) from only_key where id = 51 => 1

        SQL as a preference
        GET /only_key?id=eq.1
        Prefer: count='; drop table only_key; --
        200 [{"id": 1}]
        db: select count(*) from only_key => 3
        "#,
    )
    .await;
}

#[tokio::test]
async fn max_affected() {
    check(
        r#"
        more than allowed are not deleted
        DELETE /ship_cargo
        Prefer: handling=strict, max-affected=2
        400 {"code": "PGRST124", "details": "The query affects 3 rows", "hint": null, "message": "Query result exceeds max-affected preference constraint"}
        db: select count(*) from ship_cargo => 3

        more than allowed are not updated
        PATCH /tokens
        Prefer: handling=strict, max-affected=1
        {"weight": 77}
        400 !PGRST124 Query result exceeds max-affected preference constraint
        db: select count(*) from tokens where weight = 77 => 0

        as many as allowed
        PATCH /tokens
        Prefer: handling=strict, max-affected=2
        {"weight": 78}
        204
        Preference-Applied: handling=strict, max-affected=2
        db: select count(*) from tokens where weight = 78 => 2

        only where strict
        DELETE /ship_cargo
        Prefer: handling=lenient, max-affected=1
        204
        Preference-Applied: handling=lenient
        db: select count(*) from ship_cargo => 0

        of a function's rows
        POST /rpc/rename_ports
        Prefer: handling=strict, max-affected=1
        {"low": 1, "high": 2, "name": "port"}
        400 {"code": "PGRST124", "details": "The query affects 2 rows", "hint": null, "message": "Query result exceeds max-affected preference constraint"}
        db: select count(*) from ports where name like 'port%' => 0

        of a function that returns no rows
        POST /rpc/log_twice
        Prefer: handling=strict, max-affected=1
        {}
        400 {"code": "PGRST128", "details": null, "hint": null, "message": "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"}
        db: select count(*) from logbook => 0
        "#,
    )
    .await;
}

#[tokio::test]
async fn timezone() {
    check(
        r#"
        a zone
        GET /ships?select=launched&id=eq.2
        Prefer: timezone=America/New_York
        200 [{"launched": "2009-12-31T19:00:00-05:00"}]
        Preference-Applied: timezone=America/New_York

        a zone that does not exist is ignored
        GET /ships?select=launched&id=eq.2
        Prefer: timezone=Mars/Olympus
        200 [{"launched": "2010-01-01T00:00:00+00:00"}]
        Preference-Applied: -

        and refused where asked
        GET /ships?select=launched&id=eq.2
        Prefer: handling=strict, timezone=Mars/Olympus
        400 {"code": "PGRST122", "details": "Invalid preferences: timezone=Mars/Olympus", "hint": null, "message": "Invalid preferences given with handling=strict"}

        SQL as a zone
        GET /ships?select=launched&id=eq.2
        Prefer: timezone='UTC'; drop table ships
        200 [{"launched": "2010-01-01T00:00:00+00:00"}]
        db: select count(*) from ships => 4

        one request's zone is not another's
        GET /ships?select=launched&id=eq.2
        200 [{"launched": "2010-01-01T00:00:00+00:00"}]
        "#,
    )
    .await;
}
