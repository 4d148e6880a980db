use crate::script::check;

#[tokio::test]
async fn one_row() {
    check(
        r#"
        without representation
        POST /ports
        {"id": 10, "name": "Vlissingen"}
        201
        Content-Range: */*
        Content-Type: -
        Location: -
        Preference-Applied: -
        db: select name from ports where id = 10 => Vlissingen

        minimal
        POST /ports
        Prefer: return=minimal
        {"id": 11, "name": "Delfzijl"}
        201
        Preference-Applied: return=minimal

        with representation
        POST /ports
        Prefer: return=representation
        {"id": 12, "name": "Emden", "depth": 9.5}
        201 [{"id": 12, "name": "Emden", "country": null, "depth": 9.5}]
        Preference-Applied: return=representation
        Content-Profile: public
        Location: -

        representation of some columns
        POST /ports?select=key:id::text
        Prefer: return=representation
        {"id": 13, "name": "Bremen"}
        201 [{"key": "13"}]

        headers only
        POST /tokens
        Prefer: return=headers-only
        {"label": "new"}
        201
        Location: /tokens?id=eq.10
        Preference-Applied: return=headers-only

        headers only with a key of two columns that needs escaping
        POST /berths
        Prefer: return=headers-only
        {"port_id": 1, "number": 7}
        201
        Location: /berths?port_id=eq.1&number=eq.7

        headers only without a key
        POST /no_key
        Prefer: return=headers-only
        {"a": "h"}
        201
        Location: -

        nothing but defaults
        POST /tokens?select=label,weight
        Prefer: return=representation
        {}
        201 [{"label": null, "weight": 1}]

        nulls
        POST /no_key
        Prefer: return=representation
        {"a": null, "b": "x"}
        201 [{"a": null, "b": "x"}]

        white space around
        POST /only_key
         { "id" : 77 }
        201
        db: select count(*) from only_key where id = 77 => 1

        every text comes back as it was sent
        POST /no_key?select=a
        Prefer: return=representation
        {"a": "é ￥ \"q\" \\ ' \n \t ; -- $1 %s"}
        201 [{"a": "é ￥ \"q\" \\ ' \n \t ; -- $1 %s"}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn many_rows() {
    check(
        r#"
        an array
        POST /ports?select=id,name
        Prefer: return=representation
        [{"id": 20, "name": "a"}, {"id": 21, "name": "b"}]
        201 [{"id": 20, "name": "a"}, {"id": 21, "name": "b"}]

        an empty array
        POST /ports
        Prefer: return=representation
        []
        201 []

        an array of empty objects
        POST /tokens
        Prefer: count=exact
        [{}, {}]
        201
        Content-Range: */2

        all or nothing
        POST /ports
        [{"id": 30, "name": "c"}, {"id": 31, "name": "Rotterdam"}]
        409 !23505
        db: select count(*) from ports where id in (30, 31) => 0

        keys that differ
        POST /ports
        [{"id": 32, "name": "d"}, {"id": 33, "name": "e", "depth": 1}]
        400 {"code": "PGRST102", "details": null, "hint": null, "message": "All object keys must match"}

        what is no object among objects
        POST /ports
        [{"id": 34, "name": "f"}, 7]
        400 !PGRST102 All object keys must match

        columns named in the URL leave out other keys
        POST /ports?columns=id,name&select=id,name,depth
        Prefer: return=representation
        [{"id": 35, "name": "g", "depth": 3}, {"id": 36, "name": "h", "nonsense": true}]
        201 [{"id": 35, "name": "g", "depth": null}, {"id": 36, "name": "h", "depth": null}]

        a named column that a row lacks is null
        POST /tokens?columns=label,weight&select=label,weight
        Prefer: return=representation
        [{"label": "l"}]
        201 [{"label": "l", "weight": null}]

        or takes its default where asked
        POST /tokens?columns=label,weight&select=label,weight
        Prefer: return=representation, missing=default
        [{"label": "m"}, {"label": "n", "weight": 4}]
        201 [{"label": "m", "weight": 1}, {"label": "n", "weight": 4}]
        Preference-Applied: missing=default, return=representation

        a named column that does not exist
        POST /ports?columns=id,nope
        {"id": 37}
        400 {"code": "PGRST204", "details": null, "hint": null, "message": "Could not find the 'nope' column of 'ports' in the schema cache"}

        no named column
        POST /ports?columns=
        {"id": 37}
        400 !PGRST100
        "#,
    )
    .await;
}

#[tokio::test]
async fn other_bodies() {
    check(
        r#"
        a form
        POST /ports?select=id,name,country
        Content-Type: application/x-www-form-urlencoded
        Prefer: return=representation
        id=40&name=Den+Helder&country=N%4C
        201 [{"id": 40, "name": "Den Helder", "country": "NL"}]

        CSV
        POST /ports?select=id,name,depth
        Content-Type: text/csv
        Prefer: return=representation
        id,name,depth
        41,Harlingen,4.5
        42,"Eems, Haven",NULL
        201 [{"id": 41, "name": "Harlingen", "depth": 4.5}, {"id": 42, "name": "Eems, Haven", "depth": null}]

        CSV with a short line
        POST /ports
        Content-Type: text/csv
        id,name
        43
        400 {"code": "PGRST102", "details": null, "hint": null, "message": "All lines must have same number of fields"}
        db: select count(*) from ports where id = 43 => 0

        no content type is JSON
        POST /only_key
        Content-Type: -
        {"id": 44}
        201
        db: select count(*) from only_key where id = 44 => 1

        a content type that is none of these
        POST /only_key
        Content-Type: application/xml
        <id>45</id>
        400 {"code": "PGRST102", "details": null, "hint": null, "message": "Content-Type not acceptable: application/xml"}

        no JSON
        POST /ports
        }{ x = 2
        400 {"code": "PGRST102", "details": null, "hint": null, "message": "Empty or invalid json"}

        cut short
        POST /ports
        {"id": 46, "name":
        400 !PGRST102 Empty or invalid json

        words after the end
        POST /ports
        {"id": 46, "name": "x"} drop
        400 !PGRST102 Empty or invalid json

        no body
        POST /ports
        400 !PGRST102 Empty or invalid json
        "#,
    )
    .await;
}

#[tokio::test]
async fn refused_by_the_database() {
    check(
        r#"
        an unknown column
        POST /ports
        {"id": 50, "name": "x", "nope": 1}
        400 {"code": "PGRST204", "details": null, "hint": null, "message": "Could not find the 'nope' column of 'ports' in the schema cache"}

        a unique key twice
        POST /ports
        {"id": 1, "name": "again"}
        409 {"code": "23505", "details": "Key (id)=(1) already exists.", "hint": null, "message": "duplicate key value violates unique constraint \"ports_pkey\""}

        a foreign key to nowhere
        POST /ships
        {"name": "Lost", "home_port": 999}
        409 {"code": "23503", "details": "Key (home_port)=(999) is not present in table \"ports\".", "hint": null, "message": "insert or update on table \"ships\" violates foreign key constraint \"ships_home_port_fkey\""}

        null where none may be
        POST /ports
        {"id": 51}
        400 {"code": "23502", "details": "Failing row contains (51, null, null, null).", "hint": null, "message": "null value in column \"name\" of relation \"ports\" violates not-null constraint"}

        a domain's check
        POST /tokens
        {"weight": -1}
        400 !23514

        a word for a number
        POST /ports
        {"id": "one", "name": "x"}
        400 !22P02 invalid input syntax for type integer: "one"

        a label that the enumeration lacks
        POST /ships
        {"name": "x", "flag": "purple"}
        400 !22P02

        a generated column
        POST /ships
        {"name": "x", "area": 5}
        400 !428C9

        an identity that is always generated
        POST /logbook
        {"id": 5, "entry": "x"}
        400 !428C9

        a null byte in a text
        POST /no_key
        {"a": "x\u0000y"}
        400 !22P05

        half a surrogate
        POST /no_key
        {"a": "x\ud800y"}
        400 !22P02

        a column that may not be written
        POST /half_hidden
        {"id": 9, "kept": "x"}
        403 {"code": "42501", "details": null, "hint": null, "message": "permission denied for table half_hidden"}
        db: select count(*) from half_hidden where id = 9 => 0
        "#,
    )
    .await;
}
