use plimsoll_testkit::seed;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;

async fn advisory(app: &App, severity: &str, title: &str) -> Uuid {
    let sql = "insert into ops.advisories (project_id, severity, category, title, recommendation, evidence, fix_sql)
               values ($1, $2, 'performance', $3, 'Add it.', '{\"scans\": 7}', 'create index') returning id";
    app.client.query_one(sql, &[&app.project, &severity, &title]).await.unwrap().get(0)
}

async fn list(app: &App) -> Vec<Value> {
    let path = format!("/api/ops/projects/{}/advisories", app.project);
    let answer = app.get(&path).cookie(&app.owner().await).send().await.expect(200);
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_projects_advisories_are_listed_critical_first() {
    let app = App::new().await;
    advisory(&app, "info", "Small").await;
    let critical = advisory(&app, "critical", "Large").await;
    let listed = list(&app).await;
    assert_eq!(listed.iter().map(|a| &a["title"]).collect::<Vec<_>>(), ["Large", "Small"]);
    let names: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "category",
            "created_at",
            "evidence",
            "fix_sql",
            "id",
            "key",
            "project_id",
            "recommendation",
            "resolved_at",
            "resolved_by",
            "severity",
            "snoozed_until",
            "status",
            "title",
            "updated_at"
        ]
    );
    assert_eq!(listed[0]["id"], json!(critical));
    assert_eq!(listed[0]["evidence"], json!({"scans": 7}));
    let unknown = format!("/api/ops/projects/{}/advisories", Uuid::new_v4());
    app.get(&unknown).cookie(&app.owner().await).send().await.expect(404);
}

#[tokio::test]
async fn a_developer_resolves_snoozes_and_dismisses() {
    let app = App::new().await;
    let (user_id, cookie) = app.member("developer").await;
    let post = |id: Uuid, what: &str| app.post(&format!("/api/ops/advisories/{id}/{what}")).cookie(&cookie);
    let (resolved, snoozed, dismissed) =
        (advisory(&app, "info", "A").await, advisory(&app, "info", "B").await, advisory(&app, "info", "C").await);
    post(resolved, "resolve").send().await.expect(204);
    post(resolved, "resolve").send().await.expect(204);
    post(snoozed, "snooze").json(&json!({"until": "9998-12-31T23:59:59Z"})).send().await.expect(204);
    post(dismissed, "dismiss").send().await.expect(204);
    let listed = list(&app).await;
    let of = |id: Uuid| listed.iter().find(|a| a["id"] == json!(id)).unwrap().clone();
    assert_eq!((&of(resolved)["status"], &of(resolved)["resolved_by"]), (&json!("resolved"), &json!(user_id)));
    assert_eq!(of(snoozed)["snoozed_until"], json!("9998-12-31T23:59:59Z"));
    post(snoozed, "snooze").json(&json!({"until": "9998-12-24"})).send().await.expect(204);
    let listed = list(&app).await;
    let again = listed.iter().find(|a| a["id"] == json!(snoozed)).unwrap();
    assert_eq!(again["snoozed_until"], json!("9998-12-24T00:00:00Z"), "a date alone is its midnight in UTC");
    assert_eq!(of(dismissed)["status"], json!("dismissed"));

    for (refused, says) in [
        (post(resolved, "dismiss").send().await.expect(409), "is resolved and cannot become dismissed"),
        (post(dismissed, "resolve").send().await.expect(409), "is dismissed and cannot become resolved"),
        (
            post(dismissed, "snooze").json(&json!({"until": "9998-12-31T23:59:59Z"})).send().await.expect(409),
            "is dismissed and cannot become snoozed",
        ),
        (
            post(snoozed, "snooze").json(&json!({"until": "2020-01-01T00:00:00Z"})).send().await.expect(400),
            "until must be a time in the future such as \"2026-12-24T09:00:00Z\"",
        ),
        (post(snoozed, "snooze").json(&json!({"until": "tomorrow"})).send().await.expect(400), "until must be a time"),
        (post(snoozed, "snooze").json(&json!({"until": 1798102800})).send().await.expect(400), "until must be a time"),
        (
            post(snoozed, "snooze").json(&json!({"until": "2020-01-01"})).send().await.expect(400),
            "until must be a time",
        ),
        (post(snoozed, "snooze").json(&json!({})).send().await.expect(400), "until"),
        (
            post(snoozed, "snooze").json(&json!({"until": "9999-06-01T00:00:00Z"})).send().await.expect(400),
            "not a time to come back at",
        ),
    ] {
        assert!(refused.error().contains(says), "{}", refused.error());
    }
}

#[tokio::test]
async fn another_orgs_advisory_is_not_there() {
    let app = App::new().await;
    let id = advisory(&app, "info", "Ours").await;
    let stranger = app.session(seed::org(&app.client, "Elsewhere").await.owner).await;
    let snooze = json!({"until": "9998-12-31T23:59:59Z"});
    for what in ["resolve", "dismiss", "snooze"] {
        for target in [id, Uuid::new_v4()] {
            let path = format!("/api/ops/advisories/{target}/{what}");
            let refused = app.post(&path).cookie(&stranger).json(&snooze).send().await.expect(404);
            assert_eq!(refused.error(), "there is no such advisory");
        }
    }
    assert_eq!(list(&app).await[0]["status"], json!("open"));
}
