use crate::script::check;

#[tokio::test]
async fn orders() {
    check(
        r#"
        by a column of the embedded row
        GET /ships?select=id,ports(name)&order=ports(name).asc.nullslast,id
        200 [{"id": 3, "ports": {"name": "Hamburg"}}, {"id": 1, "ports": {"name": "Rotterdam"}}, {"id": 2, "ports": {"name": "Rotterdam"}}, {"id": 4, "ports": null}]

        by an alias
        GET /ships?select=id,home:ports()&order=home(name).desc.nullslast,id.desc
        200 [{"id": 2}, {"id": 1}, {"id": 3}, {"id": 4}]

        not by one of many
        GET /ports?select=id,ships(id)&order=ships(id)
        400 {"code": "PGRST118", "details": "'ports' and 'ships' do not form a many-to-one or one-to-one relationship", "hint": null, "message": "A related order on 'ships' is not possible"}

        not by what is not embedded
        GET /ships?select=id&order=ports(name)
        400 {"code": "PGRST108", "details": null, "hint": "Verify that 'ports' is included in the 'select' query parameter.", "message": "'ports' is not an embedded resource in this request"}
        "#,
    )
    .await;
}

#[tokio::test]
async fn presence() {
    check(
        r#"
        rows with a match
        GET /ships?select=id,ports()&ports=not.is.null&order=id
        200 [{"id": 1}, {"id": 2}, {"id": 3}]

        rows without one
        GET /ships?select=id,ports()&ports=is.null
        200 [{"id": 4}]

        rows with one of many
        GET /ports?select=id,ships()&ships=not.is.null&order=id
        200 [{"id": 1}, {"id": 2}]

        rows without any of many
        GET /ports?select=id,ships()&ships=is.null&order=id
        200 [{"id": 3}, {"id": 4}]

        or across two
        GET /ships?select=id,ports(),captains()&ports.country=eq.DE&captains.name=eq.Ada&or=(ports.not.is.null,captains.not.is.null)&order=id
        200 [{"id": 1}, {"id": 3}]

        counted
        GET /ships?select=id,ports()&ports=is.null
        Prefer: count=exact
        200 [{"id": 4}]
        Content-Range: 0-0/1

        another operator
        GET /ships?select=id,ports()&ports=eq.1
        400 {"code": "PGRST120", "details": "Only is null or not is null filters are allowed on embedded resources", "hint": null, "message": "Bad operator on the 'ports' embedded resource"}
        "#,
    )
    .await;
}
