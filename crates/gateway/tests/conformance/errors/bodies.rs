use serde_json::Value;

use crate::harbour::{Harbour, profile};

/// Whatever goes wrong: four keys, as JSON, with a message that gives nothing away.
#[tokio::test]
async fn have_four_keys() {
    let harbour = Harbour::new().await;
    let requests: &[(&str, &str, Option<&str>)] = &[
        ("GET", "/nope", None),
        ("GET", "/ports?select=nope", None),
        ("GET", "/ports?id=1", None),
        ("GET", "/ports?limit=-1", None),
        ("GET", "/routes?select=ports(id)", None),
        ("GET", "/ports?select=tokens(id)", None),
        ("GET", "/rpc/nope", None),
        ("GET", "/rpc/pick?arg=1", None),
        ("GET", "/rpc/write_log?entry=x", None),
        ("GET", "/ports/1/2", None),
        ("GET", "/hidden", None),
        ("POST", "/ports", Some("{")),
        ("POST", "/ports", Some("{\"id\": 1, \"name\": \"x\"}")),
        ("POST", "/ports?columns=nope", Some("{}")),
        ("POST", "/rpc/complain", Some("{}")),
        ("PUT", "/no_key", Some("{}")),
        ("PURGE", "/ports", None),
        ("DELETE", "/rpc/add", None),
    ];
    for who in ["owner", "nobody", "service"] {
        for (method, path, body) in requests {
            let mut request = harbour.request(method, path).header(profile(method), "public");
            if let Some(token) = harbour.bearer(who) {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(*body);
            }
            let answer = request.send().await.unwrap();
            let what = format!("{who}: {method} {path}");
            let status = answer.status().as_u16();
            // What the service may read is no error.
            if status < 300 && who == "service" {
                continue;
            }
            assert!((300..500).contains(&status), "{what}: {status}");
            assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8", "{what}");
            let text = answer.text().await.unwrap();
            let error: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {text}"));
            let mut keys: Vec<_> = error.as_object().unwrap().keys().collect();
            keys.sort();
            assert_eq!(keys, ["code", "details", "hint", "message"], "{what}: {text}");
            for leak in ["pgrst_", "set_config", "begin;", "/crates/", "panicked", "json_agg"] {
                assert!(!text.contains(leak), "{what} shows {leak}: {text}");
            }
        }
    }
}

/// An error has its length, and HEAD has the same status and headers without the body.
#[tokio::test]
async fn by_head() {
    let harbour = Harbour::new().await;
    for path in ["/nope", "/ports?id=1", "/ports?select=nope", "/rpc/nope", "/hidden"] {
        let get = harbour.owner("GET", path).send().await.unwrap();
        let head = harbour.owner("HEAD", path).send().await.unwrap();
        assert_eq!(get.status(), head.status(), "{path}");
        assert!(get.status().is_client_error(), "{path}");
        assert_eq!(head.headers()["content-type"], "application/json; charset=utf-8", "{path}");
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
}
