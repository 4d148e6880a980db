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
    let mut path = "/ports?select=id".to_owned();
    for n in 0..3_000 {
        let _ = write!(path, "&id=neq.{}", n + 2);
    }
    harbour.check(&format!("three thousand filters\nGET {path}\n200 [{{\"id\": 1}}]")).await;
    let list: Vec<String> = (1..6_000).map(|n| n.to_string()).collect();
    let path = format!("/ports?select=id&order=id&id=in.({})", list.join(","));
    harbour.check(&format!("six thousand values\nGET {path}\n200 [{{\"id\":1}},{{\"id\":2}},{{\"id\":3}},{{\"id\":4}}]")).await;
}

/// However deep: an answer, never a stack that overflows; and the server is there afterwards.
#[tokio::test]
async fn deep_trees() {
    let harbour = Harbour::new().await;
    let tree = |depth: usize| format!("{}id.eq.1{}", "and(".repeat(depth), ")".repeat(depth));
    harbour.check(&format!("twenty deep\nGET /ports?select=id&or=({})\n200 [{{\"id\":1}}]", tree(20))).await;
    for depth in [1_000, 10_000] {
        let answer = harbour.owner("GET", &format!("/ports?select=id&or=({})", tree(depth))).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!([200, 400, 414, 431, 500].contains(&status), "{depth} deep answered {status}");
    }
    let embeds = format!("{}id{}", "ships(ports(".repeat(500), "))".repeat(500));
    let answer = harbour.owner("GET", &format!("/ports?select={embeds}")).send().await.unwrap();
    assert!(answer.status().is_client_error() || answer.status().as_u16() == 500, "{}", answer.status());
    harbour.check("still there\nGET /ports?select=id&id=eq.1\n200 [{\"id\":1}]").await;
}
