use serde_json::Value;

use crate::cli::{Builds, Global};
use crate::client::Client;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, table};

pub(crate) async fn run(args: &Builds, global: &Global, config: &Config, output: &Output) -> Result<(), Failure> {
    let client = Client::from(global, config)?;
    let projects = match &args.project {
        Some(given) => vec![client.project(given).await?],
        None => client.get("/api/ops/projects").await?.as_array().cloned().unwrap_or_default(),
    };
    let mut query = format!("limit={}", args.limit);
    if let Some(status) = &args.status {
        query.push_str(&format!("&status={status}"));
    }
    let mut builds: Vec<(String, Value)> = Vec::new();
    for project in &projects {
        let id = project["id"].as_str().unwrap_or_default();
        let slug = project["slug"].as_str().unwrap_or_default();
        let answer = client.get(&format!("/api/ops/projects/{id}/builds?{query}")).await?;
        builds.extend(answer.as_array().cloned().unwrap_or_default().into_iter().map(|b| (slug.to_owned(), b)));
    }
    // RFC 3339 in UTC sorts as text.
    builds.sort_by(|(_, a), (_, b)| b["created_at"].as_str().cmp(&a["created_at"].as_str()));
    builds.truncate(args.limit as usize);

    let rows: Vec<_> = builds.iter().map(|(slug, build)| row(slug, build)).collect();
    let text = if rows.is_empty() {
        "no builds yet: queue one with `plimsoll trigger PROJECT`".to_owned()
    } else {
        table(&["BUILD", "BRANCH", "STATUS", "COMMIT", "SECONDS", "CREATED", "MESSAGE"], &rows)
    };
    let documents: Vec<_> = builds.iter().map(|(_, b)| b).collect();
    output.result(&documents, text);
    Ok(())
}

fn row(slug: &str, build: &Value) -> Vec<String> {
    let text = |name: &str| build[name].as_str().unwrap_or("-").to_owned();
    let first_line = |message: &str| message.lines().next().unwrap_or_default().chars().take(60).collect::<String>();
    vec![
        format!("{slug}#{}", build["build_number"]),
        text("branch_name"),
        text("status"),
        text("commit_sha").chars().take(9).collect(),
        build["duration_seconds"].as_i64().map_or("-".into(), |s| s.to_string()),
        text("created_at").chars().take(19).collect(),
        first_line(build["commit_message"].as_str().unwrap_or_default()),
    ]
}
