//! What Supabase has and we do not.

use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn services_that_are_not_here_say_what_is_to_anybody() {
    let app = App::new().await;
    for (path, instead) in [
        ("/storage/v1/bucket", "/api/ops/artifacts/{artifact_id}"),
        ("/storage/v1/object/public/a/b.png", "/api/ops/builds/{build_id}/artifacts"),
        ("/graphql/v1", "/rest/v1"),
        ("/realtime/v1/websocket?apikey=x&vsn=1.0.0", "/api/ops/events/stream"),
        ("/realtime/v1/api/broadcast", "/api/ops/events/stream"),
    ] {
        for call in [app.get(path), app.post(path).json(&json!({})), app.get(path).header("accept", "text/html")] {
            let answer = call.header("apikey", "wrong").send().await.expect(404);
            let body = answer.json();
            assert_eq!(body["error"], "not_found", "{path}");
            assert!(body["message"].as_str().unwrap().contains(instead), "{path}: {body}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "a page elsewhere may read it");
        }
        let preflight =
            app.request("OPTIONS".parse().unwrap(), path).header("access-control-request-headers", "apikey");
        let allowed = preflight.send().await.expect(204);
        assert_eq!(allowed.header("access-control-allow-headers"), Some("apikey"));
    }
    app.get("/storage").header("accept", "text/html").send().await.expect(303);
}

#[tokio::test]
async fn ways_to_sign_in_that_are_not_here_say_which_are() {
    let app = App::new().await;
    for path in ["/auth/v1/recover", "/auth/v1/otp", "/auth/v1/magiclink", "/auth/v1/admin/users"] {
        let body = app.post(path).json(&json!({"email": "a@example.test"})).send().await.expect(404).json();
        assert_eq!(body["error_code"], "not_found");
        assert!(body["msg"].as_str().unwrap().contains("POST /api/ops/orgs/{org_id}/members"), "{path}: {body}");
    }
}
