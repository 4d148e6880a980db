//! Every documented endpoint, called by nobody, by the owner of another org, and by a viewer of this one. What each must
//! answer stands in `sweep.txt`; an endpoint that is not there fails.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::http::Method;
use plimsoll_testkit::seed;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;

/// `method path nobody foreign viewer [?query | body]`
const EXPECTED: &str = include_str!("sweep.txt");

struct Row<'a> {
    statuses: [&'a str; 3],
    extra: Option<&'a str>,
}

fn rows() -> BTreeMap<(&'static str, &'static str), Row<'static>> {
    let lines = EXPECTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.splitn(6, ' ').map(str::trim);
            let mut next = || fields.next().unwrap_or_else(|| panic!("a field is missing: {line}"));
            let key = (next(), next());
            let statuses = [next(), next(), next()];
            (key, Row { statuses, extra: fields.next() })
        })
        .collect()
}

/// Method, path and the statuses that the description names.
fn documented() -> Vec<(String, String, Vec<String>)> {
    let document = serde_json::to_value(plimsoll_server::openapi_document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item[method].is_object() {
                let statuses = item[method]["responses"].as_object().unwrap().keys().cloned().collect();
                found.push((method.to_uppercase(), path.clone(), statuses));
            }
        }
    }
    found
}

#[tokio::test]
async fn every_endpoint_answers_strangers_and_viewers_as_expected() {
    let app = App::new().await;
    let foreign = seed::org(&app.client, "Elsewhere").await.owner;
    let viewer = seed::member(&app.client, app.org.id, "viewer").await;
    let build = app.queued_build().await;
    let ids = Ids {
        app: &app,
        build,
        artifact: artifact(&app, build).await,
        advisory: advisory(&app).await,
        runner: runner(&app).await,
        token: token(&app).await,
    };
    let rows = rows();
    let mut wrong = String::new();
    let documented = documented();
    for (method, path, described) in &documented {
        let Some(row) = rows.get(&(method.as_str(), path.as_str())) else {
            let _ = writeln!(wrong, "{method} {path}: not in sweep.txt");
            continue;
        };
        for expected in row.statuses.iter().filter(|expected| !described.iter().any(|status| status == *expected)) {
            let _ = writeln!(wrong, "{method} {path}: {expected} is not in the description");
        }
        for (caller, expected) in [None, Some(foreign), Some(viewer)].into_iter().zip(row.statuses) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let query = row.extra.filter(|extra| extra.starts_with('?')).unwrap_or_default();
            let mut call = app.request(method.clone(), &format!("{}{query}", ids.fill(path)));
            if let Some(user_id) = caller {
                call = call.cookie(&app.session(user_id).await);
            }
            if let Some(body) = row.extra.filter(|extra| extra.starts_with('{')) {
                call = call.json(&serde_json::from_str::<Value>(&ids.fill(body)).unwrap());
            }
            let status = call.status().await;
            if status.as_str() != expected {
                let who = if caller.is_none() {
                    "nobody"
                } else if caller == Some(viewer) {
                    "viewer"
                } else {
                    "foreign"
                };
                let _ = writeln!(wrong, "{method} {path} as {who}: {} instead of {expected}", status.as_u16());
            }
        }
    }
    for (method, path) in rows.keys() {
        if !documented.iter().any(|(m, p, _)| m == method && p == path) {
            let _ = writeln!(wrong, "{method} {path}: in sweep.txt, but not documented");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

struct Ids<'a> {
    app: &'a App,
    build: Uuid,
    artifact: Uuid,
    advisory: Uuid,
    runner: Uuid,
    token: Uuid,
}

impl Ids<'_> {
    fn fill(&self, template: &str) -> String {
        let id = |id: Uuid| id.to_string();
        [
            ("{org_id}", id(self.app.org.id)),
            ("{project_id}", id(self.app.project)),
            ("{branch_id}", id(self.app.branch)),
            ("{build_id}", id(self.build)),
            ("{artifact_id}", id(self.artifact)),
            ("{advisory_id}", id(self.advisory)),
            ("{runner_id}", id(self.runner)),
            ("{token_id}", id(self.token)),
            ("{user_id}", id(self.app.org.owner)),
            ("{name}", "API_KEY".to_owned()),
            ("{target}", id(self.app.org.id)),
            ("{org}", "acme".to_owned()),
            ("{project}", "shop".to_owned()),
        ]
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

async fn artifact(app: &App, build: Uuid) -> Uuid {
    let sql = "insert into ops.artifacts (org_id, build_id, type, name, storage_path, size_bytes, sha256)
               values ($1, $2, 'log', 'x', 'x', 1, repeat('0', 64)) returning id";
    app.client.query_one(sql, &[&app.org.id, &build]).await.unwrap().get(0)
}

async fn advisory(app: &App) -> Uuid {
    let sql = "insert into ops.advisories (project_id, title) values ($1, 'Add an index') returning id";
    app.client.query_one(sql, &[&app.project]).await.unwrap().get(0)
}

async fn runner(app: &App) -> Uuid {
    let sql = "insert into ops.runners (org_id, name, token_hash, version, os, arch, host)
               values ($1, 'r', sha256('r'), '1', 'linux', 'x86_64', 'h') returning id";
    app.client.query_one(sql, &[&app.org.id]).await.unwrap().get(0)
}

async fn token(app: &App) -> Uuid {
    let sql = "insert into registry.api_tokens (org_id, name, prefix, token_hash, scopes, created_by)
               values ($1, 't', 'p', sha256('t'), '{read}', $2) returning id";
    app.client.query_one(sql, &[&app.org.id, &app.org.owner]).await.unwrap().get(0)
}
