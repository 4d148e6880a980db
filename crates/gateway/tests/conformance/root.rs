use serde_json::Value;

use crate::harbour::Harbour;
use crate::script::check;

/// The root describes what the caller may use.
#[tokio::test]
async fn description() {
    let harbour = Harbour::new().await;
    let describe = async |who: &str| {
        let mut request = harbour.request("GET", "/").header("accept-profile", "public");
        if let Some(token) = harbour.bearer(who) {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{who}");
        assert_eq!(answer.headers()["content-type"], "application/openapi+json; charset=utf-8", "{who}");
        assert_eq!(answer.headers()["content-profile"], "public", "{who}");
        answer.json::<Value>().await.unwrap()
    };
    let owner = describe("owner").await;
    assert_eq!(owner["swagger"], "2.0");
    for path in ["/ports", "/blue_ships", "/rpc/add", "/rpc/all_ports"] {
        assert!(owner["paths"].get(path).is_some(), "{path}");
    }
    for path in ["/hidden", "/nope", "/rpc/stamp", "/rpc/two_unnamed", "/projects"] {
        assert!(owner["paths"].get(path).is_none(), "{path}");
    }
    let ports = &owner["definitions"]["ports"];
    assert_eq!(ports["properties"]["id"]["format"], "integer");
    assert_eq!(ports["properties"]["id"]["type"], "integer");
    assert!(ports["properties"]["id"]["description"].as_str().unwrap().contains("<pk/>"));
    let required: Vec<_> = ports["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(required, ["id", "name"]);
    let ships = &owner["definitions"]["ships"]["properties"];
    assert_eq!(ships["flag"]["enum"], serde_json::json!(["red", "blue", "green"]));
    assert!(ships["home_port"]["description"].as_str().unwrap().contains("<fk table='ports' column='id'/>"));
    let nobody = describe("nobody").await;
    assert!(nobody["paths"].get("/ports").is_some());
    assert!(nobody["paths"].get("/ships").is_none(), "what is not granted is not described");
    assert!(nobody["paths"].get("/rpc/one_port").is_none());
}

#[tokio::test]
async fn what_it_answers_to() {
    check(
        r#"
        HEAD
        HEAD /
        200
        Content-Type: application/openapi+json; charset=utf-8

        OPTIONS
        OPTIONS /
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD

        a schema that is not exposed
        GET /
        Accept-Profile: auth
        406 !PGRST106

        a media type that it has not
        GET /
        Accept: text/csv
        406 !PGRST107 None of these media types are available: text/csv

        a write
        POST /
        {}
        405 !PGRST117
        "#,
    )
    .await;
}
