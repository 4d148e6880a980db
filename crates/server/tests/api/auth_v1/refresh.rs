use serde_json::json;

use super::{access, refreshed, refusal, signed_in};
use crate::app::{App, claims};

#[tokio::test]
async fn each_refresh_token_is_for_one_use() {
    let app = App::new().await;
    let first = signed_in(&app).await;
    let second = refreshed(&app, &first).await.expect(200).json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(claims(access(&first)).1["session_id"], claims(access(&second)).1["session_id"]);
    assert_eq!(second["user"]["id"], json!(app.org.owner));
    // Asked twice, as a client does whose answer was lost: the same token follows.
    let repeated = refreshed(&app, &first).await.expect(200).json();
    assert_eq!(repeated["refresh_token"], second["refresh_token"]);
    let third = refreshed(&app, &second).await.expect(200).json();
    assert_ne!(third["refresh_token"], second["refresh_token"]);
}

#[tokio::test]
async fn two_at_once_get_the_same_token() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let (one, two, three) =
        futures::join!(refreshed(&app, &session), refreshed(&app, &session), refreshed(&app, &session));
    let next = one.expect(200).json()["refresh_token"].clone();
    assert_eq!(two.expect(200).json()["refresh_token"], next);
    assert_eq!(three.expect(200).json()["refresh_token"], next);
    assert_eq!(app.count("registry.refresh_tokens").await, 2);
}

#[tokio::test]
async fn one_that_comes_back_later_ends_the_session_for_whoever_holds_it() {
    let app = App::new().await;
    let first = signed_in(&app).await;
    let second = refreshed(&app, &first).await.expect(200).json();
    let later =
        "update registry.refresh_tokens set used_at = used_at - interval '11 seconds' where used_at is not null";
    app.client.execute(later, &[]).await.unwrap();
    let reused = refreshed(&app, &first).await.expect(400);
    assert_eq!(refusal(&reused), "refresh_token_already_used");
    let ended = refreshed(&app, &second).await.expect(400);
    assert_eq!(refusal(&ended), "refresh_token_not_found");
    let gone = app.get("/auth/v1/user").bearer(access(&second)).send().await.expect(403);
    assert_eq!(refusal(&gone), "session_not_found");
}

#[tokio::test]
async fn unknown_cut_and_expired_ones_are_refused_alike() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let token = session["refresh_token"].as_str().unwrap();
    for bad in
        ["unknown-token", &token[..30], &plimsoll_server::tokens::generate(plimsoll_server::tokens::Kind::Refresh)]
    {
        let answer = refreshed(&app, &json!({"refresh_token": bad})).await.expect(400);
        assert_eq!(refusal(&answer), "refresh_token_not_found", "{bad}");
    }
    app.client
        .execute("update registry.auth_sessions set expires_at = now() - interval '1 second'", &[])
        .await
        .unwrap();
    assert_eq!(refusal(&refreshed(&app, &session).await.expect(400)), "refresh_token_not_found");
}
