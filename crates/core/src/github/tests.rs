use proptest::prelude::*;
use serde_json::json;

use super::*;

fn payload() -> Value {
    json!({
        "ref": "refs/heads/feature/login", "before": "0".repeat(40), "after": "a".repeat(40), "created": true, "deleted": false, "forced": false,
        "repository": {
            "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git", "ssh_url": "git@github.com:acme/shop.git",
            "git_url": "git://github.com/acme/shop.git", "html_url": "https://github.com/acme/shop", "pushed_at": 1_700_000_000,
            "default_branch": "main"
        },
        "head_commit": {
            "id": "a".repeat(40), "message": "Let people in", "timestamp": "2026-01-01T12:00:00+02:00",
            "author": {"name": "Ada", "email": "ada@example.org", "username": "ada"}
        },
        "commits": []
    })
}

fn pushed(payload: &Value) -> Push {
    match parse("push", payload).unwrap() {
        Event::Push(push) => push,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_push_to_a_branch() {
    let push = pushed(&payload());
    assert_eq!(push.branch, "feature/login");
    assert_eq!(push.sha, "a".repeat(40));
    assert_eq!(push.author.as_deref(), Some("Ada <ada@example.org>"));
    assert_eq!(push.message.as_deref(), Some("Let people in"));
    assert_eq!(push.pushed_at, Some(Timestamp::from_second(1_700_000_000).unwrap()));
    assert_eq!(push.repo_urls.len(), 4);
    assert!(push.created && !push.deleted);
}

#[test]
fn a_deleted_branch_has_no_commit() {
    let mut payload = payload();
    payload["after"] = json!("0".repeat(40));
    payload["deleted"] = json!(true);
    payload["head_commit"] = Value::Null;
    let push = pushed(&payload);
    assert!(push.deleted && push.sha.is_empty() && push.message.is_none() && push.author.is_none());
}

#[test]
fn tags_and_other_events_are_ignored() {
    let mut tag = payload();
    tag["ref"] = json!("refs/tags/v1");
    assert_eq!(parse("push", &tag), Ok(Event::Ignored("the push is to a tag".into())));
    assert_eq!(parse("ping", &json!({"zen": "x"})), Ok(Event::Ping));
    assert!(matches!(parse("issues", &json!({})), Ok(Event::Ignored(_))));
}

#[test]
fn mistakes_are_named() {
    let error = |change: fn(&mut Value)| {
        let mut payload = payload();
        change(&mut payload);
        parse("push", &payload).unwrap_err().to_string()
    };
    assert!(error(|p| p["after"] = json!("abc")).contains("not a commit id"));
    assert!(error(|p| p["ref"] = json!("refs/heads/-x")).contains("option"));
    assert!(error(|p| p["ref"] = json!(3)).contains("expected a string"));
    assert!(error(|p| p["repository"] = json!({})).contains("no repository address"));
    assert!(parse("push", &json!({})).unwrap_err().to_string().contains("missing field"));
    assert!(parse("push", &json!([])).is_err());
}

#[test]
fn other_spellings_of_time_and_author() {
    let mut payload = payload();
    payload["repository"]["pushed_at"] = json!("2026-01-01T10:00:00Z");
    payload["head_commit"]["author"] = json!({"username": "ada"});
    payload["head_commit"]["message"] = json!("x".repeat(5_000));
    let push = pushed(&payload);
    assert!(push.pushed_at.is_some());
    assert_eq!(push.author.as_deref(), Some("ada"));
    assert_eq!(push.message.unwrap().len(), 2_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(reference in ".*", after in ".*", at in any::<i64>(), name in ".*") {
        let mut payload = payload();
        payload["ref"] = json!(format!("refs/heads/{reference}"));
        payload["after"] = json!(after);
        payload["repository"]["pushed_at"] = json!(at);
        payload["head_commit"]["author"]["name"] = json!(name);
        let _ = parse("push", &payload);
    }
}
