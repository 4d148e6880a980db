use std::time::Duration;

use plimsoll_testkit::seed;
use serde_json::Value;
use uuid::Uuid;

use crate::app::{App, config, http, user_token};
use crate::sse::Events;

async fn open(app: &App, bearer: &str) -> Events {
    let address = app.listen().await;
    Events::open(&http(), &format!("http://{address}/api/ops/events/stream"), bearer, None).await
}

/// Reads until `build` is told to have `status`; answers what was told of it.
async fn until(events: &mut Events, build: Uuid, status: &str) -> Value {
    loop {
        let event = events.next().await.expect("the stream goes on");
        let told = match event.name.as_str() {
            "build" => vec![event.data],
            "builds" => event.data["builds"].as_array().unwrap().clone(),
            other => panic!("unexpected {other}"),
        };
        let build = build.to_string();
        if let Some(found) = told.into_iter().find(|told| told["id"] == *build && told["status"] == status) {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_told_of_from_queued_to_its_end() {
    let app = App::new().await;
    let known = app.trigger().await;
    let mut events = open(&app, &app.owner()).await;
    until(&mut events, known, "queued").await;
    // Through another replica, which cannot signal this one.
    let replica = app.replica().await;
    let runner = replica.runner().await;
    let claim = replica.claim(&runner).await.unwrap();
    until(&mut events, known, "running").await;
    app.finish(&claim, claim.next_line).await.expect(204);
    let end = until(&mut events, known, "success").await;
    assert_eq!((&end["attempt"], &end["build_number"]), (&1.into(), &1.into()));
    let second = app.trigger().await;
    until(&mut events, second, "queued").await;
    app.state.shutdown.cancel();
    while events.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_another_org() {
    let app = App::new().await;
    let other = seed::org(&app.client, "Other").await;
    let project = seed::project(&app.client, other.id, "theirs", "https://git.example/x.git").await;
    let branch = seed::branch(&app.client, project, "main", "production").await;
    let address = app.listen().await;
    let url = format!("http://{address}/api/ops/events/stream");
    let mut ours = Events::open(&http(), &url, &app.owner(), None).await;
    let mut theirs = Events::open(&http(), &url, &user_token(other.owner), None).await;
    let all = ours.next().await.unwrap();
    assert_eq!((all.name.as_str(), &all.data["builds"]), ("builds", &serde_json::json!([])));
    let foreign = seed::build(&app.client, branch).await;
    until(&mut theirs, foreign, "queued").await;
    let own = app.trigger().await;
    let event = ours.next().await.unwrap();
    assert_eq!(event.data["id"], own.to_string(), "the first thing heard is of our own build: {event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_was_removed_hears_nothing_more() {
    let mut config = config();
    config.stream_pulse = Duration::from_millis(50);
    let app = App::with(config).await;
    let member = seed::member(&app.client, app.org.id, "viewer").await;
    let build = app.trigger().await;
    let mut events = open(&app, &user_token(member)).await;
    until(&mut events, build, "queued").await;
    app.client
        .execute("update registry.org_members set status = 'removed' where user_id = $1", &[&member])
        .await
        .unwrap();
    loop {
        let event = events.next().await.unwrap();
        if event.name == "builds" && event.data["builds"] == serde_json::json!([]) {
            break;
        }
    }
}
