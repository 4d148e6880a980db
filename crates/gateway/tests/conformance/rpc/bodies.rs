use crate::harbour::Harbour;
use crate::script::check;

#[tokio::test]
async fn whole() {
    check(
        r#"
        an object as it stands
        POST /rpc/take_json
        {"b": 1, "a": [2]}
        200 {"b": 1, "a": [2]}

        an array as it stands
        POST /rpc/take_json
        [{"a": 1}, {"a": 2}]
        200 [{"a": 1}, {"a": 2}]

        text
        POST /rpc/take_text
        Content-Type: text/plain
        {"not": "JSON", but text
        200 "{\"not\": \"JSON\", but text"

        no function that takes text
        POST /rpc/take_int
        Content-Type: text/plain
        text
        404 {"code": "PGRST202", "details": "Searched for the function public.take_int with a single unnamed text parameter, but no matches were found in the schema cache.", "hint": null, "message": "Could not find the function public.take_int in the schema cache"}

        no function that takes bytes
        POST /rpc/take_int
        Content-Type: application/octet-stream
        text
        404 {"code": "PGRST202", "details": "Searched for the function public.take_int with a single unnamed bytea parameter, but no matches were found in the schema cache.", "hint": null, "message": "Could not find the function public.take_int in the schema cache"}

        no function that takes JSON
        POST /rpc/take_int
        {"x": 1, "y": 2}
        404 {"code": "PGRST202", "details": "Searched for the function public.take_int with parameters x, y or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.", "hint": null, "message": "Could not find the function public.take_int(x, y) in the schema cache"}

        names come before the whole
        POST /rpc/whole
        {"x": 1, "y": 2}
        200 "named"

        the whole where no names fit
        POST /rpc/whole
        {"z": 1}
        200 "json"

        text where text is sent
        POST /rpc/whole
        Content-Type: text/plain
        x
        200 "text"

        no arguments
        POST /rpc/whole
        {}
        200 "none"

        GET never takes the whole
        GET /rpc/whole
        Content-Type: text/plain
        200 "none"
        "#,
    )
    .await;
}

#[tokio::test]
async fn bytes() {
    let harbour = Harbour::new().await;
    let request = harbour.owner("POST", "/rpc/take_bytes").header("content-type", "application/octet-stream");
    let answer = request.body(vec![0, 255, 39, 92, 10, 128]).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "6"));
}

#[tokio::test]
async fn text_that_is_none() {
    let harbour = Harbour::new().await;
    for (what, body) in [("invalid UTF-8", &b"\xff\xfe"[..]), ("a null byte", &b"a\0b"[..])] {
        let request = harbour.owner("POST", "/rpc/take_text").header("content-type", "text/plain").body(body);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(status, 400, "{what}: {text}");
        let error: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {text}"));
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(4), "{what}: {text}");
    }
}
