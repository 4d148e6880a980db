use crate::script::check;

#[tokio::test]
async fn merge_duplicates() {
    check(
        r#"
        new and known rows
        POST /berths
        Prefer: return=representation, resolution=merge-duplicates
        [{"port_id": 1, "number": 1, "note": "changed"}, {"port_id": 3, "number": 1, "note": "new"}]
        201 [{"port_id": 1, "number": 1, "note": "changed"}, {"port_id": 3, "number": 1, "note": "new"}]
        Preference-Applied: resolution=merge-duplicates, return=representation

        known rows alone
        POST /berths
        Prefer: return=representation, resolution=merge-duplicates
        [{"port_id": 1, "number": 1, "note": "again"}]
        200 [{"port_id": 1, "number": 1, "note": "again"}]

        without representation
        POST /berths
        Prefer: resolution=merge-duplicates
        [{"port_id": 1, "number": 1, "note": "quiet"}, {"port_id": 1, "number": 9, "note": "quiet"}]
        201
        Preference-Applied: resolution=merge-duplicates
        db: select count(*) from berths where note = 'quiet' => 2

        no rows
        POST /berths
        Prefer: return=representation, resolution=merge-duplicates
        []
        200 []

        by another unique column
        POST /tokens?on_conflict=label&select=id,label,weight
        Prefer: return=representation, resolution=merge-duplicates
        [{"label": "one", "weight": 11}]
        200 [{"id": 1, "label": "one", "weight": 11}]

        of several columns
        POST /berths?on_conflict=port_id,number
        Prefer: resolution=merge-duplicates
        {"port_id": 2, "number": 1, "note": "named"}
        200
        db: select note from berths where port_id = 2 and number = 1 => named

        by columns that are not unique
        POST /berths?on_conflict=note
        Prefer: resolution=merge-duplicates
        {"port_id": 2, "number": 1, "note": "x"}
        400 !42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification

        the same row twice
        POST /berths
        Prefer: resolution=merge-duplicates
        [{"port_id": 5, "number": 1}, {"port_id": 5, "number": 1}]
        500 !21000

        a table of keys alone
        POST /only_key
        Prefer: return=representation, resolution=merge-duplicates
        [{"id": 1}, {"id": 3}]
        201 [{"id": 1}, {"id": 3}]

        a table without a key inserts, and says so
        POST /no_key
        Prefer: return=representation, resolution=merge-duplicates
        [{"a": "1", "b": "x"}]
        201 [{"a": "1", "b": "x"}]
        Preference-Applied: return=representation

        other columns keep what they have
        POST /ports?select=id,name,country
        Prefer: return=representation, resolution=merge-duplicates
        [{"id": 1, "name": "Rotterdam Centre"}]
        200 [{"id": 1, "name": "Rotterdam Centre", "country": "NL"}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn ignore_duplicates() {
    check(
        r#"
        new and known rows
        POST /berths
        Prefer: return=representation, resolution=ignore-duplicates
        [{"port_id": 1, "number": 1, "note": "ignored"}, {"port_id": 4, "number": 1, "note": "new"}]
        201 [{"port_id": 4, "number": 1, "note": "new"}]
        Preference-Applied: resolution=ignore-duplicates, return=representation
        db: select note from berths where port_id = 1 and number = 1 => deep

        known rows alone
        POST /berths
        Prefer: return=representation, resolution=ignore-duplicates
        [{"port_id": 1, "number": 1, "note": "ignored"}]
        201 []

        by another unique column
        POST /tokens?on_conflict=label&select=label
        Prefer: return=representation, resolution=ignore-duplicates
        [{"label": "one"}, {"label": "three"}]
        201 [{"label": "three"}]

        another constraint still counts
        POST /ports?on_conflict=id
        Prefer: resolution=ignore-duplicates
        [{"id": 60, "name": "Rotterdam"}]
        409 !23505
        "#,
    )
    .await;
}
