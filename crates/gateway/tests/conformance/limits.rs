use std::fmt::Write as _;

use plimsoll_gateway::GatewayConfig;
use serde_json::{Value, json};

use crate::harbour::Harbour;

#[tokio::test]
async fn huge_bodies() {
    let config = GatewayConfig { body_limit_bytes: 100_000, ..GatewayConfig::default() };
    let harbour = Harbour::with(config).await;
    let body = |bytes: usize| format!("{{\"id\": 1{}, \"entry\": \"{}\"}}", "", "x".repeat(bytes));
    for (method, path) in
        [("POST", "/no_key"), ("PATCH", "/no_key?a=eq.1"), ("PUT", "/only_key?id=eq.1"), ("POST", "/rpc/greet")]
    {
        let request = harbour.owner(method, path).header("content-type", "application/json").body(body(200_000));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 413, "{method} {path}");
        let error: Value = answer.json().await.unwrap();
        let mut keys: Vec<_> = error.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["code", "details", "hint", "message"], "{method} {path}");
    }
    // Its length is not told beforehand.
    let chunks = (0..300).map(|_| Ok::<_, std::io::Error>("[".repeat(1_000)));
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let answer = harbour.owner("POST", "/no_key").body(stream).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 413);
    assert_eq!(harbour.read("select count(*) from no_key").await, "3");
    let fits = json!({"a": "x".repeat(90_000)});
    assert_eq!(harbour.owner("POST", "/no_key").json(&fits).send().await.unwrap().status().as_u16(), 201);
}

#[tokio::test]
async fn rows_of_an_answer() {
    let config = GatewayConfig { max_rows: Some(2), ..GatewayConfig::default() };
    let harbour = Harbour::with(config).await;
    harbour
        .check(
            r#"
            no more than the server allows
            GET /ports?select=id&order=id
            200 [{"id": 1}, {"id": 2}]
            Content-Range: 0-1/*

            a smaller limit
            GET /ports?select=id&order=id&limit=1
            200 [{"id": 1}]

            a larger limit
            GET /ports?select=id&order=id&limit=3
            200 [{"id": 1}, {"id": 2}]

            the next page
            GET /ports?select=id&order=id&offset=2
            200 [{"id": 3}, {"id": 4}]
            Content-Range: 2-3/*

            a count is of all
            GET /ports?select=id&order=id
            Prefer: count=exact
            206 [{"id": 1}, {"id": 2}]
            Content-Range: 0-1/4

            what is embedded is limited too
            GET /cargo?select=id,ship_cargo(ship_id)&id=eq.1&ship_cargo.order=ship_id
            200 [{"id": 1, "ship_cargo": [{"ship_id": 1}, {"ship_id": 2}]}]

            rows of a function
            GET /rpc/all_ports?select=id
            200 [{"id": 1}, {"id": 2}]

            a write changes all
            PATCH /ports?select=id
            Prefer: return=representation
            {"country": "ZZ"}
            200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
            "#,
        )
        .await;
}

#[tokio::test]
async fn statements_that_are_cancelled() {
    let harbour = Harbour::new().await;
    let nap = tokio::spawn(harbour.owner("POST", "/rpc/nap").json(&json!({"seconds": 15})).send());
    let cancel = "select count(pg_cancel_backend(pid)) from pg_stat_activity
                  where datname = current_database() and wait_event = 'PgSleep' and pid <> pg_backend_pid()";
    while harbour.read(cancel).await == "0" {
        assert!(!nap.is_finished(), "the nap ended by itself");
    }
    let answer = nap.await.unwrap().unwrap();
    assert_eq!(answer.status().as_u16(), 500);
    let error: Value = answer.json().await.unwrap();
    let message = "canceling statement due to user request";
    assert_eq!(error, json!({"code": "57014", "details": null, "hint": null, "message": message}));
    harbour.check("the next request is served\nGET /only_key?id=eq.1\n200 [{\"id\": 1}]").await;
}

#[tokio::test]
async fn many_rows_at_once() {
    let harbour = Harbour::new().await;
    let rows: Vec<Value> = (0..20_000).map(|n| json!({"a": n.to_string(), "b": "bulk"})).collect();
    let answer = harbour.owner("POST", "/no_key").header("prefer", "count=exact").json(&rows).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-range"]), (201, &"*/20000".parse().unwrap()));
    let answer = harbour.owner("GET", "/no_key?select=a&b=eq.bulk").send().await.unwrap();
    assert_eq!(answer.headers()["content-range"], "0-19999/*");
    assert_eq!(answer.json::<Vec<Value>>().await.unwrap().len(), 20_000);
}

/// JSON nested so deep that parsing it must stop.
#[tokio::test]
async fn deep_json() {
    let harbour = Harbour::new().await;
    let deep = |depth: usize| format!("{{\"a\": {}1{}}}", "[".repeat(depth), "]".repeat(depth));
    for (method, path) in [("POST", "/no_key"), ("POST", "/rpc/take_json"), ("PATCH", "/no_key?a=eq.1")] {
        let request = harbour.owner(method, path).header("content-type", "application/json").body(deep(100_000));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{method} {path}");
        let error: Value = answer.json().await.unwrap();
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(4), "{error}");
    }
    let mut columns = String::from("/no_key?select=a");
    for n in 0..2_000 {
        let _ = write!(columns, ",a{n}:a");
    }
    // PostgreSQL's own limit on the columns of a result.
    let answer = harbour.owner("GET", &columns).send().await.unwrap();
    assert!([400, 500].contains(&answer.status().as_u16()), "{}", answer.status());
    harbour.check("still there\nGET /only_key?id=eq.1\n200 [{\"id\": 1}]").await;
}

/// Bodies and addresses that are no text.
#[tokio::test]
async fn what_is_no_text() {
    let harbour = Harbour::new().await;
    let bodies: [(&str, &[u8]); 4] = [
        ("invalid UTF-8", b"{\"a\": \"\xff\xfe\"}"),
        ("an overlong slash", b"{\"a\": \"\xc0\xaf\"}"),
        ("a raw null byte", b"{\"a\": \"x\0y\"}"),
        ("a null byte by itself", b"\0"),
    ];
    for (what, body) in bodies {
        for (method, path) in [("POST", "/no_key"), ("POST", "/rpc/take_json"), ("PATCH", "/no_key?a=eq.1")] {
            let request = harbour.owner(method, path).header("content-type", "application/json").body(body);
            assert_four_keys(&format!("{what}: {method} {path}"), request.send().await.unwrap(), 400).await;
        }
    }
    for (path, status) in [
        ("/ports?name=eq.%FF", 400),
        ("/ports?name=eq.a%00b", 400),
        ("/ports?name=in.(a%00b)", 400),
        ("/ports?name=like.%00*", 400),
        ("/ports?na%00me=eq.a", 400),
        ("/ports?select=%00", 400),
        ("/ports?order=id%00", 400),
        ("/ports%00", 400),
        ("/ports%FF", 400),
        ("/rpc/greet%00", 400),
        ("/rpc/greet?name=a%00b", 400),
        ("/rpc/greet?na%00me=a", 400),
    ] {
        assert_four_keys(path, harbour.owner("GET", path).send().await.unwrap(), status).await;
    }
    assert_eq!(harbour.read("select count(*) from no_key").await, "3");
}

async fn assert_four_keys(what: &str, answer: reqwest::Response, status: u16) {
    let found = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    assert_eq!(found, status, "{what}: {text}");
    let error: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {text}"));
    let mut keys: Vec<_> = error.as_object().unwrap_or_else(|| panic!("{what}: {text}")).keys().collect();
    keys.sort();
    assert_eq!(keys, ["code", "details", "hint", "message"], "{what}");
}
