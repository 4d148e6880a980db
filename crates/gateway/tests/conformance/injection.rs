use serde_json::{Value, json};

use crate::harbour::{Harbour, profile};

/// SQL and what ends a string, a name or a comment, in one.
const EVIL: &[&str] = &[
    "'; drop table ports; --",
    "\"; drop table ports; --",
    "1); drop table ports; --",
    "$$; drop table ports; $$",
    "\\'; drop table ports; --",
    "E'\\'' ; drop table ports; --",
    "/* */; drop table ports",
    "x\"\"; drop table ports; --",
    "$1",
    // The database ends what sleeps so long, and that is a 500.
    "pg_sleep(60)",
    "(select pg_sleep(60))",
    "id) or 1=1 --",
    "name::text; drop table ports",
    "public.ports; drop table ports",
];

/// A method, a path and a body with the text in it.
type Place = (&'static str, String, Option<Value>);

/// Every place of a read that takes a text.
fn reads(e: &str) -> Vec<Place> {
    let paths = [
        format!("/{e}"),
        format!("/ports?name=eq.{e}"),
        format!("/ports?name=in.({e})"),
        format!("/ports?name=in.(\"{e}\")"),
        format!("/ports?name=like.{e}"),
        format!("/ports?name=match.{e}"),
        format!("/ports?name=eq(any).{{{e}}}"),
        format!("/ports?id=eq.{e}"),
        format!("/ports?name=is.{e}"),
        format!("/ports?name={e}.x"),
        format!("/ports?{e}=eq.1"),
        format!("/ports?\"{e}\"=eq.1"),
        format!("/ports?or=(name.eq.{e},id.eq.1)"),
        format!("/ports?or=({e}.eq.1)"),
        format!("/ports?limit={e}&offset={e}"),
        format!("/ports?order={e}"),
        format!("/ports?order=id.{e}"),
        format!("/ports?order=\"{e}\".desc"),
        format!("/articles?words=fts({e}).x"),
        format!("/articles?words=wfts.{e}"),
    ];
    paths.into_iter().map(|path| ("GET", path, None)).collect()
}

/// Every place of what is selected.
fn selections(e: &str) -> Vec<Place> {
    let paths = [
        format!("/ports?select={e}"),
        format!("/ports?select=\"{e}\""),
        format!("/ports?select=x:\"{e}\""),
        format!("/ports?select={e}:id"),
        format!("/ports?select=\"{e}\":id"),
        format!("/ports?select=id::{e}"),
        format!("/ports?select=id::\"{e}\""),
        format!("/ports?select=id,{e}(id)"),
        format!("/ports?select=id,ships!{e}(id)"),
        format!("/ports?select=id,\"{e}\":ships(id)"),
        format!("/ports?select=id,ships(id)&ships.{e}=eq.1"),
        format!("/ships?select=papers->{e}"),
        format!("/ships?select=papers->>\"{e}\""),
        format!("/ships?papers->>{e}=eq.1"),
    ];
    paths.into_iter().map(|path| ("GET", path, None)).collect()
}

/// Every place of a call.
fn calls(evil: &str, e: &str) -> Vec<Place> {
    let get = |path: String| ("GET", path, None);
    vec![
        get(format!("/rpc/{e}")),
        get(format!("/rpc/greet?name={e}")),
        get(format!("/rpc/greet?{e}=x")),
        get(format!("/rpc/add?a={e}&b=1")),
        get(format!("/rpc/join_all?words={e}&words={e}")),
        get(format!("/rpc/all_ports?select={e}")),
        get(format!("/rpc/all_ports?order={e}")),
        ("POST", "/rpc/greet".into(), Some(json!({"name": evil}))),
        ("POST", "/rpc/greet".into(), Some(json!({evil: "x"}))),
        ("POST", "/rpc/take_json".into(), Some(json!({evil: evil}))),
        ("POST", format!("/rpc/add?columns={e}"), Some(json!({"a": 1, "b": evil}))),
    ]
}

/// Every place of a write.
fn writes(evil: &str, e: &str) -> Vec<Place> {
    vec![
        ("POST", "/no_key".into(), Some(json!({"a": evil, "b": "evil"}))),
        ("POST", "/no_key".into(), Some(json!({evil: 1}))),
        ("POST", format!("/no_key?columns={e}"), Some(json!({evil: 1}))),
        ("POST", format!("/no_key?columns=\"{e}\""), Some(json!({evil: 1}))),
        ("POST", format!("/no_key?select={e}"), Some(json!({"a": "x", "b": "evil"}))),
        ("POST", format!("/tokens?on_conflict={e}"), Some(json!({"label": "one"}))),
        ("POST", format!("/tokens?on_conflict=\"{e}\""), Some(json!({"label": "one"}))),
        ("PATCH", format!("/no_key?a=eq.{e}"), Some(json!({"b": evil}))),
        ("PATCH", "/no_key?a=eq.1".into(), Some(json!({evil: evil}))),
        ("DELETE", format!("/no_key?a=eq.{e}&b=eq.none"), None),
        ("DELETE", format!("/no_key?{e}=eq.1"), None),
        ("PUT", format!("/only_key?id=eq.{e}"), Some(json!({"id": evil}))),
    ]
}

#[tokio::test]
async fn in_reads_it_is_only_text() {
    sql_is_only_text(|_, e| reads(e)).await;
}

#[tokio::test]
async fn in_selections_it_is_only_text() {
    sql_is_only_text(|_, e| selections(e)).await;
}

#[tokio::test]
async fn in_calls_it_is_only_text() {
    sql_is_only_text(calls).await;
}

#[tokio::test]
async fn in_writes_it_is_only_text() {
    sql_is_only_text(writes).await;
}

async fn sql_is_only_text(places: impl Fn(&str, &str) -> Vec<Place>) {
    let harbour = Harbour::new().await;
    let before = inventory(&harbour).await;
    for evil in EVIL {
        for (method, path, body) in places(evil, &url_encoded(evil)) {
            let mut request = harbour.owner(method, &path).header("prefer", "resolution=merge-duplicates");
            if let Some(body) = &body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            let what = format!("{method} {path} {body:?}");
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            assert!(status < 500, "{what}: {status} {text}");
            // It would say that the text became part of a statement.
            assert!(!text.contains("syntax error at"), "{what}: {text}");
            if status >= 300 {
                let error: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {text}"));
                assert_eq!(error.as_object().map(serde_json::Map::len), Some(4), "{what}: {text}");
            }
        }
    }
    assert_eq!(inventory(&harbour).await, before);
}

#[tokio::test]
async fn in_headers_it_is_only_text() {
    let harbour = Harbour::new().await;
    let before = inventory(&harbour).await;
    let names = [
        "prefer",
        "range",
        "range-unit",
        "accept",
        "content-type",
        "accept-profile",
        "content-profile",
        "cookie",
        "origin",
        "x-client-info",
        "user-agent",
        "x-forwarded-for",
        "if-none-match",
    ];
    for evil in EVIL {
        for name in names {
            for (method, path) in [("GET", "/ports?select=id"), ("POST", "/rpc/greet"), ("PATCH", "/no_key?a=eq.none")]
            {
                let request = harbour.request(method, path).bearer_auth(harbour.bearer("owner").unwrap());
                let request =
                    if name.ends_with("-profile") { request } else { request.header(profile(method), "public") };
                let answer = request.header(name, *evil).body("{}").send().await.unwrap();
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
                assert!(status < 500 && !text.contains("syntax error"), "{name}: {evil} {method}: {status} {text}");
            }
        }
    }
    assert_eq!(inventory(&harbour).await, before);
}

/// A text comes back as it went in, whatever it holds.
#[tokio::test]
async fn text_survives() {
    let harbour = Harbour::new().await;
    for evil in EVIL {
        let answer = harbour.owner("POST", "/rpc/tags_of").json(&json!({"t": [evil]})).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), json!([evil]));
        let path = format!("/rpc/join_all?words={}", url_encoded(evil));
        let answer = harbour.owner("GET", &path).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), json!([evil]), "{path}");
        harbour.owner("POST", "/no_key").json(&json!({"a": evil, "b": "evil"})).send().await.unwrap();
        let path = format!("/no_key?select=a&a=eq.{}", url_encoded(evil));
        let answer = harbour.owner("GET", &path).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), json!([{"a": evil}]), "{path}");
    }
}

/// Names and rows of all tables, functions and roles that a statement of an attacker would change.
async fn inventory(harbour: &Harbour) -> Vec<String> {
    let mut found = Vec::new();
    for sql in [
        "select count(*) from ports",
        "select string_agg(relname, ',' order by relname) from pg_class where relnamespace = 'public'::regnamespace",
        "select count(*) from pg_proc where pronamespace = 'public'::regnamespace",
        "select string_agg(id::text, ',' order by id) from tokens",
        "select string_agg(id::text, ',' order by id) from only_key",
        "select count(*) from no_key where a in ('1', '2') and b = 'x'",
    ] {
        found.push(harbour.read(sql).await);
    }
    found
}

fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
