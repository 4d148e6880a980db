use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{Global, Trigger};
use crate::client::Client;
use crate::commands::logs;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn run(args: &Trigger, global: &Global, config: &Config, output: &Output) -> Result<(), Failure> {
    let client = Client::from(global, config)?;
    let project = client.project(&args.project).await?;
    let project_id = project["id"].as_str().unwrap_or_default().to_owned();
    let branch = args.branch.as_deref().or(project["default_branch"].as_str()).unwrap_or("main");
    let branches = client.get(&format!("/api/ops/projects/{project_id}/branches")).await?;
    let branch_id = branch_id(&branches, branch)?;

    let body = json!({"branch_id": branch_id, "commit_sha": args.commit});
    let mut request = client.request(Method::POST, &format!("/api/ops/projects/{project_id}/trigger")).json(&body);
    if let Some(key) = &args.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    let build = client.json(request).await?;
    let id = build["build_id"].as_str().unwrap_or_default();
    let key = build["queue_key"].as_str().unwrap_or(id);
    if !args.wait {
        output.result(&build, format!("{key} queued: {}/builds/{id}", client.base()));
        return Ok(());
    }
    output.progress(format!("{key} queued: {}/builds/{id}", client.base()));
    let ended = logs::wait_for_end(&client, id).await?;
    output.result(&ended, format!("{key} {}", ended["status"].as_str().unwrap_or("ended")));
    match ended["status"].as_str() {
        Some("success") => Ok(()),
        _ => Err(Failure::build(ended["error_message"].as_str().unwrap_or("the build did not succeed"))),
    }
}

fn branch_id(branches: &Value, name: &str) -> Result<String, Failure> {
    let all = branches.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|b| b["name"] == name).and_then(|b| b["id"].as_str()).map(str::to_owned).ok_or_else(|| {
        let names: Vec<_> = all.iter().filter_map(|b| b["name"].as_str()).collect();
        Failure::failed(format!("no branch {name:?}; there are: {}", names.join(", ")))
    })
}
