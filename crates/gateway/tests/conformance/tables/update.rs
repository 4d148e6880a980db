use crate::script::check;

#[tokio::test]
async fn rows() {
    check(
        r#"
        one row
        PATCH /ports?id=eq.1
        {"depth": 25}
        204
        Content-Range: 0-0/*
        Content-Type: -
        Preference-Applied: -
        db: select depth from ports where id = 1 => 25

        several
        PATCH /ports?id=in.(1,2)
        Prefer: return=minimal
        {"country": "XX"}
        204
        Content-Range: 0-1/*
        Preference-Applied: return=minimal

        with representation
        PATCH /ports?id=eq.3&select=id,country
        Prefer: return=representation
        {"country": "SC"}
        200 [{"id": 3, "country": "SC"}]
        Content-Range: 0-0/*
        Preference-Applied: return=representation

        to null
        PATCH /ports?id=eq.3&select=country
        Prefer: return=representation
        {"country": null}
        200 [{"country": null}]

        none found
        PATCH /ports?id=eq.99
        {"country": "XX"}
        204
        Content-Range: */*

        none found, with representation
        PATCH /ports?id=eq.99
        Prefer: return=representation
        {"country": "XX"}
        200 []

        by a tree of conditions
        PATCH /ports?or=(id.eq.1,id.eq.4)&select=id&order=id
        Prefer: return=representation
        {"country": "YY"}
        200 [{"id": 1}, {"id": 4}]

        of an array of one
        PATCH /ports?id=eq.1&select=country
        Prefer: return=representation
        [{"country": "ZZ"}]
        200 [{"country": "ZZ"}]

        all rows
        PATCH /berths
        {"note": "all"}
        204
        Content-Range: 0-2/*
        db: select count(*) from berths where note = 'all' => 3
        "#,
    )
    .await;
}

#[tokio::test]
async fn bodies() {
    check(
        r#"
        an empty object changes nothing
        PATCH /ports?id=eq.1
        {}
        204
        Content-Range: */*

        an empty array likewise
        PATCH /ports?id=eq.1
        []
        204
        Content-Range: */*

        nothing to change, with representation
        PATCH /ports?id=eq.1
        Prefer: return=representation
        {}
        200 []

        columns named in the URL
        PATCH /ports?id=eq.2&columns=country&select=country,depth
        Prefer: return=representation
        {"country": "CC", "depth": 1, "nonsense": 2}
        200 [{"country": "CC", "depth": 15.1}]

        a default where the body lacks one
        PATCH /tokens?id=eq.1&columns=label,weight&select=label,weight
        Prefer: return=representation, missing=default
        {"label": "reset"}
        200 [{"label": "reset", "weight": 1}]
        Preference-Applied: missing=default, return=representation

        an unknown named column
        PATCH /ports?id=eq.1&columns=nope
        {"nope": 1}
        400 !PGRST204 Could not find the 'nope' column of 'ports' in the schema cache

        an unknown column
        PATCH /ports?id=eq.1
        {"nope": 1}
        400 !PGRST204 Could not find the 'nope' column of 'ports' in the schema cache

        an unknown column in the filter
        PATCH /ports?nope=eq.1
        {"depth": 1}
        400 !42703

        no body
        PATCH /ports?id=eq.1
        400 !PGRST102 Empty or invalid json

        no JSON
        PATCH /ports?id=eq.1
        }{
        400 !PGRST102 Empty or invalid json

        a table that does not exist
        PATCH /nope?id=eq.1
        {"a": 1}
        404 !PGRST205

        a view that cannot be written, where PostgREST answers 500
        PATCH /ships_per_port?home_port=eq.1
        {"ships": 9}
        405 !55000
        "#,
    )
    .await;
}

#[tokio::test]
async fn refused() {
    check(
        r#"
        a unique key twice
        PATCH /ports?id=eq.1
        {"name": "Hamburg"}
        409 !23505

        a key that others point to
        PATCH /ports?id=eq.1
        {"id": 100}
        409 !23503
        db: select count(*) from ports where id = 100 => 0

        a generated column
        PATCH /ships?id=eq.1
        {"area": 1}
        400 !428C9

        a column that may not be written
        PATCH /half_hidden?id=eq.1
        {"kept": "x"}
        403 !42501
        db: select kept from half_hidden where id = 1 => unseen

        columns that may not be read back
        PATCH /half_hidden?id=eq.1
        Prefer: return=representation
        {"shown": "x"}
        403 !42501
        db: select shown from half_hidden where id = 1 => seen

        those that may
        PATCH /half_hidden?id=eq.1&select=id,shown
        Prefer: return=representation
        {"shown": "x"}
        200 [{"id": 1, "shown": "x"}]
        "#,
    )
    .await;
}
