use crate::script::check;

#[tokio::test]
async fn of_reads() {
    check(
        r#"
        one row
        GET /ports?id=eq.3
        Accept: application/vnd.pgrst.object+json
        200 {"id": 3, "name": "Leith", "country": "GB", "depth": null}
        Content-Type: application/vnd.pgrst.object+json; charset=utf-8

        without the suffix
        GET /ports?id=eq.3&select=id
        Accept: application/vnd.pgrst.object
        200 {"id": 3}
        Content-Type: application/vnd.pgrst.object+json; charset=utf-8

        none
        GET /ports?id=eq.99
        Accept: application/vnd.pgrst.object+json
        406 {"code": "PGRST116", "details": "The result contains 0 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}

        many
        GET /ports
        Accept: application/vnd.pgrst.object+json
        406 {"code": "PGRST116", "details": "The result contains 4 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}

        many cut to one
        GET /ports?select=id&order=id&limit=1
        Accept: application/vnd.pgrst.object+json
        200 {"id": 1}

        with what is embedded
        GET /ports?id=eq.2&select=id,ships(id)
        Accept: application/vnd.pgrst.object+json
        200 {"id": 2, "ships": [{"id": 3}]}

        nulls left out
        GET /ports?id=eq.3
        Accept: application/vnd.pgrst.object+json;nulls=stripped
        200 {"id": 3, "name": "Leith", "country": "GB"}
        Content-Type: application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8

        nulls left out of an array
        GET /ports?id=in.(3,4)&order=id
        Accept: application/vnd.pgrst.array+json;nulls=stripped
        200 [{"id": 3, "name": "Leith", "country": "GB"}, {"id": 4, "name": "Nowhere"}]
        Content-Type: application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8
        "#,
    )
    .await;
}

#[tokio::test]
async fn of_writes() {
    check(
        r#"
        one inserted
        POST /only_key
        Accept: application/vnd.pgrst.object+json
        Prefer: return=representation
        [{"id": 10}]
        201 {"id": 10}
        Content-Type: application/vnd.pgrst.object+json; charset=utf-8

        two inserted
        POST /only_key
        Accept: application/vnd.pgrst.object+json
        Prefer: return=representation
        [{"id": 11}, {"id": 12}]
        406 {"code": "PGRST116", "details": "The result contains 2 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}
        db: select count(*) from only_key where id in (11, 12) => 0

        two inserted without representation
        POST /only_key
        Accept: application/vnd.pgrst.object+json
        [{"id": 11}, {"id": 12}]
        406 !PGRST116
        db: select count(*) from only_key where id in (11, 12) => 0

        none inserted
        POST /only_key
        Accept: application/vnd.pgrst.object+json
        []
        406 !PGRST116

        one updated
        PATCH /tokens?id=eq.1&select=label
        Accept: application/vnd.pgrst.object+json
        Prefer: return=representation
        {"label": "uno"}
        200 {"label": "uno"}

        one updated, minimal
        PATCH /tokens?id=eq.1
        Accept: application/vnd.pgrst.object+json
        Prefer: return=minimal
        {"label": "eins"}
        204

        two updated
        PATCH /tokens?id=in.(1,2)
        Accept: application/vnd.pgrst.object+json
        {"weight": 99}
        406 !PGRST116
        db: select count(*) from tokens where weight = 99 => 0

        none updated
        PATCH /tokens?id=eq.99
        Accept: application/vnd.pgrst.object+json
        Prefer: return=representation
        {"weight": 99}
        406 {"code": "PGRST116", "details": "The result contains 0 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}

        one deleted
        DELETE /only_key?id=eq.10
        Accept: application/vnd.pgrst.object+json
        Prefer: return=representation
        200 {"id": 10}

        two deleted
        DELETE /only_key
        Accept: application/vnd.pgrst.object+json
        406 {"code": "PGRST116", "details": "The result contains 2 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}
        db: select count(*) from only_key => 2
        "#,
    )
    .await;
}
