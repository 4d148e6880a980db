use std::time::Duration;

use plimsoll_testkit::seed;
use serde_json::json;
use uuid::Uuid;

use crate::app::{App, config, http, user_token};
use crate::runners::register::api_token;
use crate::sse::{Event, Events, Lines, PATIENCE};

fn url(address: std::net::SocketAddr, build: Uuid) -> String {
    format!("http://{address}/api/ops/builds/{build}/logs/stream")
}

/// Reads until the end event; answers it.
async fn to_end(events: &mut Events, lines: &mut Lines) -> Event {
    loop {
        let event = events.next().await.expect("the stream ends with an end event");
        lines.take(&event);
        if event.name == "end" {
            return event;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_watched_from_queued_to_its_end() {
    let app = App::new().await;
    let address = app.listen().await;
    let build = app.trigger().await;
    let mut events = Events::open(&http(), &url(address, build), &app.owner(), None).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.id, &first.data["status"]), ("state", None, &json!("queued")));
    let runner = app.runner().await;
    let claim = app.claim(&runner).await.unwrap();
    let mut lines = Lines::default();
    let mut states = Vec::new();
    app.append(&claim, claim.next_line, &["one", "two \u{1b}[31mred\u{1b}[0m", ""]).await.expect(200);
    while lines.last() < claim.next_line + 2 {
        let event = events.next().await.unwrap();
        lines.take(&event);
        if event.name == "state" {
            states.push(event.data["status"].clone());
        }
    }
    assert_eq!(states, [json!("running")]);
    app.append(&claim, claim.next_line + 3, &["three"]).await.expect(200);
    app.finish(&claim, claim.next_line + 4).await.expect(204);
    let end = to_end(&mut events, &mut lines).await;
    assert_eq!((&end.data["status"], end.data["lines"].as_i64()), (&json!("success"), Some(lines.last())));
    assert_eq!(lines.text[lines.text.len() - 4..], ["one", "two \u{1b}[31mred\u{1b}[0m", "", "three"]);
    assert!(events.next().await.is_none(), "nothing after the end");
    drop(events);
    // A finished build is told in the same way.
    let mut again = Lines::default();
    let mut events = Events::open(&http(), &url(address, build), &app.owner(), None).await;
    to_end(&mut events, &mut again).await;
    assert_eq!(again.text, lines.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_resumes_at_another_replica_after_a_restart_without_gap_or_repeat() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let mut lines = Lines::default();
    let mut next = claim.next_line;
    let mut servers = vec![app.replica().await, app.replica().await, app.replica().await];
    let mut sent: Vec<String> = Vec::new();
    while let Some(server) = servers.pop() {
        let address = server.listen().await;
        let last = (lines.last() > 0).then(|| lines.last());
        let mut events = Events::open(&http(), &url(address, claim.build_id), &app.owner(), last).await;
        for round in 0..20 {
            let texts: Vec<String> = (0..7).map(|n| format!("{} {round} {n}", servers.len())).collect();
            let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
            // Half of the lines come through a server that the reader is not connected to.
            let through = if round % 2 == 0 { &app } else { &server };
            through.append(&claim, next, &refs).await.expect(200);
            next += 7;
            sent.extend(texts);
        }
        // Not to the end of what was sent: the stop comes in the middle.
        let until = if servers.is_empty() { next - 1 } else { next - 40 };
        while lines.last() < until {
            let event = events.next().await.unwrap();
            lines.take(&event);
        }
        server.state.shutdown.cancel();
        while let Some(event) = events.next().await {
            assert_ne!(event.name, "end", "a stop is not the build's end");
            lines.take(&event);
        }
    }
    assert_eq!(lines.text[(claim.next_line - 1) as usize..], sent[..]);
    app.finish(&claim, next).await.expect(204);
    let address = app.listen().await;
    let mut events = Events::open(&http(), &url(address, claim.build_id), &app.owner(), Some(lines.last())).await;
    let end = to_end(&mut events, &mut lines).await;
    assert_eq!(end.data["lines"], next - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_inside_a_chunk_is_a_place_to_resume_from() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let texts: Vec<String> = (0..100).map(|n| format!("line {n}")).collect();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    app.append(&claim, claim.next_line, &refs).await.expect(200);
    let next = claim.next_line + 100;
    app.finish(&claim, next).await.expect(204);
    let address = app.listen().await;
    for last in [1, 50, next - 2, next - 1, next + 1000] {
        let mut events = Events::open(&http(), &url(address, claim.build_id), &app.owner(), Some(last)).await;
        let mut seen = last;
        loop {
            let event = events.next().await.unwrap();
            if event.name == "lines" {
                assert_eq!(event.data["first_line"], seen + 1);
                seen = event.id.unwrap();
            } else if event.name == "end" {
                break;
            }
        }
        assert_eq!(seen, last.max(next - 1), "from {last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_watchers_see_every_line_and_one_that_does_not_read_holds_up_nobody() {
    let app = App::new().await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let client = http();
    // Its socket fills up and stays full.
    let sleeper = client.get(url(address, claim.build_id)).bearer_auth(app.owner()).send().await.unwrap();
    let mut watchers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (client, url, bearer) = (client.clone(), url(address, claim.build_id), app.owner());
        watchers.spawn(async move {
            let mut lines = Lines::default();
            let mut events = Events::open(&client, &url, &bearer, None).await;
            to_end(&mut events, &mut lines).await;
            lines.text
        });
    }
    let mut next = claim.next_line;
    let mut sent = Vec::new();
    for round in 0..40 {
        let texts: Vec<String> = (0..100).map(|n| format!("{round}-{n} {}", "x".repeat(400))).collect();
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        app.append(&claim, next, &refs).await.expect(200);
        next += 100;
        sent.extend(texts);
    }
    app.finish(&claim, next).await.expect(204);
    let all = tokio::time::timeout(PATIENCE, watchers.join_all()).await.expect("every watcher comes to the end");
    assert_eq!(all.len(), 200);
    for text in all {
        assert_eq!(text[(claim.next_line - 1) as usize..], sent[..]);
    }
    drop(sleeper);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_everything_when_it_wakes() {
    let app = App::new().await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let mut slow = Events::open(&http(), &url(address, claim.build_id), &app.owner(), None).await;
    let mut lines = Lines::default();
    while lines.last() < claim.next_line - 1 {
        lines.take(&slow.next().await.unwrap());
    }
    // Far more than sockets and the ring of recent lines hold.
    let mut next = claim.next_line;
    let text = "y".repeat(4_000);
    for _ in 0..60 {
        let refs: Vec<&str> = vec![&text; 200];
        app.append(&claim, next, &refs).await.expect(200);
        next += 200;
    }
    app.finish(&claim, next).await.expect(204);
    to_end(&mut slow, &mut lines).await;
    assert_eq!(lines.last(), next - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_was_removed_loses_the_stream() {
    let mut config = config();
    config.stream_pulse = Duration::from_millis(50);
    let app = App::with(config).await;
    let member = seed::member(&app.client, app.org.id, "viewer").await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let mut events = Events::open(&http(), &url(address, claim.build_id), &user_token(member), None).await;
    assert_eq!(events.next().await.unwrap().name, "state");
    app.client
        .execute("update registry.org_members set status = 'removed' where user_id = $1", &[&member])
        .await
        .unwrap();
    while let Some(event) = events.next().await {
        assert_ne!(event.name, "end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_revoked_loses_the_stream() {
    let mut config = config();
    config.stream_pulse = Duration::from_millis(50);
    let app = App::with(config).await;
    let token = api_token(&app, &["read"]).await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let mut events = Events::open(&http(), &url(address, claim.build_id), &token, None).await;
    assert_eq!(events.next().await.unwrap().name, "state");
    app.client.execute("update registry.api_tokens set revoked_at = now()", &[]).await.unwrap();
    while let Some(event) = events.next().await {
        assert_ne!(event.name, "end");
    }
}

#[tokio::test]
async fn a_build_of_another_org_does_not_exist() {
    let app = App::new().await;
    let build = app.trigger().await;
    let stranger = user_token(seed::org(&app.client, "Other").await.owner);
    for what in ["logs", "logs.txt", "logs/stream", "logs/marks", "logs/search?q=x"] {
        let path = format!("/api/ops/builds/{build}/{what}");
        app.get(&path, &stranger).await.expect(404);
        app.get(&path, "").await.expect(401);
        let unknown = format!("/api/ops/builds/{}/{what}", Uuid::new_v4());
        app.get(&unknown, &app.owner()).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reader_ends_with_its_last_subscriber() {
    let app = App::new().await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let client = http();
    let one = Events::open(&client, &url(address, claim.build_id), &app.owner(), None).await;
    let two = Events::open(&client, &url(address, claim.build_id), &app.owner(), None).await;
    assert_eq!(app.state.logs.watched_count(), 1);
    drop((one, two, client));
    let gone = async {
        while app.state.logs.watched_count() > 0 {
            // The server notices a peer that left when it next writes.
            app.append(&claim, claim.next_line, &["x"]).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("nobody reads any more");
}
