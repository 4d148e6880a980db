use std::fmt::Write as _;

use crate::harbour::Harbour;
use crate::script::check;

#[tokio::test]
async fn and_or_not() {
    check(
        r#"
        or
        GET /ports?select=id&or=(id.eq.1,name.eq.Leith)&order=id
        200 [{"id": 1}, {"id": 3}]

        and
        GET /ports?select=id&and=(id.gt.1,id.lt.3)
        200 [{"id": 2}]

        not or
        GET /ports?select=id&not.or=(id.eq.1,id.eq.2)&order=id
        200 [{"id": 3}, {"id": 4}]

        not and
        GET /ports?select=id&not.and=(id.gt.1,id.lt.4)&order=id
        200 [{"id": 1}, {"id": 4}]

        nested
        GET /ports?select=id&or=(and(id.gt.1,id.lt.3),not.and(id.lt.4,name.like.*e*))&order=id
        200 [{"id": 2}, {"id": 4}]

        beside a filter
        GET /ports?select=id&or=(id.eq.1,id.eq.2)&country=eq.DE
        200 [{"id": 2}]

        an operator with not inside
        GET /ports?select=id&or=(id.not.lt.4,country.not.in.(NL,DE))&order=id
        200 [{"id": 3}, {"id": 4}]

        in and is inside
        GET /ports?select=id&or=(id.in.(1,2),country.is.null)&order=id
        200 [{"id": 1}, {"id": 2}, {"id": 4}]

        a quoted value with a comma and parentheses
        GET /ports?select=id&or=(name.eq."a,(b)",id.eq.3)
        200 [{"id": 3}]

        an array's literal inside
        GET /ships?select=id&or=(tags.cs.{fast,old},id.eq.4)&order=id
        200 [{"id": 1}, {"id": 4}]

        white space
        GET /ports?select=id&and=( or ( id.eq.1 , id.eq.2 ) , id.gt.1 )
        200 [{"id": 2}]

        one condition
        GET /ports?select=id&or=(id.eq.1)
        200 [{"id": 1}]

        a path into JSON inside
        GET /ships?select=id&or=(papers->owner->>name.eq.Ann,papers->owner->>name.eq.Bob)&order=id
        200 [{"id": 1}, {"id": 2}]

        quantified inside
        GET /ports?select=id&and=(id.eq(any).{1,2},name.like(all).{*o*,*m*})
        200 [{"id": 1}]

        no condition
        GET /ports?or=()
        400 {"code": "PGRST100", "details": "…", "hint": null, "message": "…"}

        not closed
        GET /ports?or=(id.eq.1
        400 !PGRST100

        no parentheses
        GET /ports?or=id.eq.1
        400 !PGRST100

        an unknown column inside
        GET /ports?or=(nope.eq.1,id.eq.1)
        400 !42703
        "#,
    )
    .await;
}

#[tokio::test]
async fn thousands_of_filters() {
    let harbour = Harbour::new().await;
    let filters = |count: usize| {
        (0..count).fold("/ports?select=id".to_owned(), |mut path, n| {
            let _ = write!(path, "&id=neq.{}", n + 2);
            path
        })
    };
    let values: Vec<String> = (1..6_000).map(|n| n.to_string()).collect();
    let values = values.join(",");
    harbour
        .check(&format!(
            r#"
            nine hundred filters
            GET {}
            200 [{{"id": 1}}]

            three thousand
            GET {}
            400 !PGRST100

            six thousand values
            GET /ports?select=id&order=id&id=in.({values})
            200 [{{"id": 1}}, {{"id": 2}}, {{"id": 3}}, {{"id": 4}}]
            "#,
            filters(900),
            filters(3_000),
        ))
        .await;
}

/// However deep: an answer, never a stack that overflows; and the server is there afterwards.
#[tokio::test]
async fn deep_trees() {
    let harbour = Harbour::new().await;
    let tree = |depth: usize| format!("{}id.eq.1{}", "and(".repeat(depth), ")".repeat(depth));
    let embeds = |depth: usize| format!("{}id{}", "ships(ports(".repeat(depth), "))".repeat(depth));
    harbour
        .check(&format!(
            r#"
            ten deep
            GET /ports?select=id&or=({})
            200 [{{"id": 1}}]

            a thousand deep
            GET /ports?select=id&or=({})
            400 !PGRST100

            ten thousand deep
            GET /ports?select=id&or=({})
            400 !PGRST100

            a thousand tables within each other
            GET /ports?select={}
            400 !PGRST100

            still there
            GET /ports?select=id&id=eq.1
            200 [{{"id": 1}}]
            "#,
            tree(10),
            tree(1_000),
            tree(10_000),
            embeds(500),
        ))
        .await;
}
