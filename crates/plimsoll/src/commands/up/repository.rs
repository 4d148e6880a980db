//! `up --repo`: register a repository, read its branches, build its newest commit.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use plimsoll_core::repo_url::{RepoUrl, UrlPolicy};
use plimsoll_engine::sync::list_remote;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;

/// How long the branches may take to be read.
const SYNC_DEADLINE: Duration = Duration::from_secs(90);

/// What was done, to say so.
#[derive(Debug, Serialize)]
pub(crate) struct Added {
    pub project: String,
    pub branches: usize,
    pub branch: String,
    pub build_id: Option<String>,
    pub queue_key: Option<String>,
    /// The commit already has a build that is waiting, running or done well.
    pub already_built: bool,
}

impl Added {
    pub(crate) fn sentence(&self) -> String {
        let branches = if self.branches == 1 { "1 branch".to_owned() } else { format!("{} branches", self.branches) };
        let key = self.queue_key.as_deref().unwrap_or(&self.branch);
        if self.already_built {
            format!("{} has {branches}; {key} already builds its newest commit", self.project)
        } else {
            format!("{} has {branches}; {key} is queued", self.project)
        }
    }
}

/// A repository as given: what to clone, and what HEAD is where it lies on this machine.
struct Given {
    url: String,
    name: String,
    branch: Option<String>,
    commit: Option<String>,
}

pub(crate) async fn add(client: &Client, org_id: Uuid, repo: &str, output: &Output) -> Result<Added, Failure> {
    let given = look_at(repo).await?;
    let project = match existing(client, org_id, &given.url).await? {
        Some(project) => {
            let id = text(&project, "id");
            client.post(&format!("/api/ops/projects/{id}/sync"), &json!({})).await?;
            project
        }
        None => {
            output.progress(format!("· registering {}", given.url));
            let body = json!({"name": given.name, "repo_url": given.url});
            client.post(&format!("/api/ops/orgs/{org_id}/projects"), &body).await?
        }
    };
    let project_id = text(&project, "id");
    let project = wait_for_sync(client, &project_id).await?;
    let branches = client.get(&format!("/api/ops/projects/{project_id}/branches")).await?;
    let branches = branches.as_array().cloned().unwrap_or_default();
    let branch = choose(&branches, &given, &text(&project, "default_branch"))?;
    build(client, &project, branches.len(), branch, given.commit).await
}

async fn build(
    client: &Client,
    project: &Value,
    branches: usize,
    branch: &Value,
    commit: Option<String>,
) -> Result<Added, Failure> {
    let (project_id, branch_id) = (text(project, "id"), text(branch, "id"));
    let mut added = Added {
        project: text(project, "slug"),
        branches,
        branch: text(branch, "name"),
        build_id: None,
        queue_key: None,
        already_built: false,
    };
    let builds = client.get(&format!("/api/ops/projects/{project_id}/builds?branch_id={branch_id}&limit=20")).await?;
    let same = builds.as_array().into_iter().flatten().find(|b| {
        commit.is_some()
            && b["commit_sha"].as_str() == commit.as_deref()
            && matches!(b["status"].as_str(), Some("queued" | "running" | "success"))
    });
    if let Some(same) = same {
        added.already_built = true;
        added.build_id = Some(text(same, "id"));
        added.queue_key = Some(format!("{}/{}#{}", added.project, added.branch, same["build_number"]));
        return Ok(added);
    }
    let body = json!({"branch_id": branch_id, "commit_sha": commit});
    let queued = client.post(&format!("/api/ops/projects/{project_id}/trigger"), &body).await?;
    added.build_id = Some(text(&queued, "build_id"));
    added.queue_key = Some(text(&queued, "queue_key"));
    Ok(added)
}

async fn existing(client: &Client, org_id: Uuid, url: &str) -> Result<Option<Value>, Failure> {
    let projects = client.get("/api/ops/projects").await?;
    let org = org_id.to_string();
    let mut all = projects.as_array().cloned().unwrap_or_default().into_iter();
    Ok(all.find(|p| p["repo_url"] == url && p["org_id"] == org.as_str() && p["status"] != "archived"))
}

/// The engine reads the branches; its answer or its reason stands on the project.
async fn wait_for_sync(client: &Client, project_id: &str) -> Result<Value, Failure> {
    let deadline = tokio::time::Instant::now() + SYNC_DEADLINE;
    loop {
        let project = client.get(&format!("/api/ops/projects/{project_id}")).await?;
        // A failed reading is tried again later by itself; here its reason is the answer.
        if let Some(reason) = project["sync_error"].as_str() {
            return Err(Failure::failed(reason));
        }
        if project["sync_requested_at"].is_null() {
            return Ok(project);
        }
        if tokio::time::Instant::now() > deadline {
            return Err(Failure::failed(format!("its branches were not read within {} s", SYNC_DEADLINE.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The branch that is checked out; with a detached HEAD, or a branch nobody else can see, the default one.
fn choose<'a>(branches: &'a [Value], given: &Given, default: &str) -> Result<&'a Value, Failure> {
    let named = |name: &str| branches.iter().find(|b| b["name"] == name);
    given
        .branch
        .as_deref()
        .and_then(named)
        .or_else(|| named(default))
        .or_else(|| branches.iter().find(|b| b["status"] != "archived"))
        .ok_or_else(|| Failure::failed("the repository has no branches yet: push a commit"))
}

async fn look_at(repo: &str) -> Result<Given, Failure> {
    let path = Path::new(repo);
    if !path.exists() {
        return look_at_remote(repo).await;
    }
    let root = match git(path, &["rev-parse", "--show-toplevel"]) {
        Ok(root) => root,
        // A bare repository has no work tree.
        Err(_) => git(path, &["rev-parse", "--absolute-git-dir"]).map_err(|e| {
            Failure::usage(format!("{repo} is not a git repository ({e}): give a repository's path or URL"))
        })?,
    };
    let root = std::fs::canonicalize(root)?;
    let name = root.file_stem().map_or_else(|| "repository".to_owned(), |n| n.to_string_lossy().into_owned());
    Ok(Given {
        url: root.to_string_lossy().into_owned(),
        name,
        branch: git(&root, &["symbolic-ref", "--short", "-q", "HEAD"]).ok(),
        commit: git(&root, &["rev-parse", "HEAD"]).ok().filter(|sha| sha.len() >= 40),
    })
}

/// What HEAD of a remote repository is; one that cannot be read is not registered.
async fn look_at_remote(url: &str) -> Result<Given, Failure> {
    let policy = UrlPolicy { local_paths: true, plain_http: false };
    let name = RepoUrl::parse(url, policy).map_err(|e| Failure::usage(e.to_string()))?.name().to_owned();
    let remote = list_remote(url, policy).await.map_err(Failure::failed)?;
    let head = remote.branches.iter().find(|b| remote.default_branch.as_ref() == Some(&b.name));
    Ok(Given { url: url.to_owned(), name, branch: remote.default_branch.clone(), commit: head.map(|b| b.sha.clone()) })
}

fn git(dir: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        // The person named this folder, so it may belong to somebody else.
        .args(["-c", "safe.directory=*", "-C"])
        .arg(dir)
        .args(args)
        .output()
        .map_err(|e| format!("git could not be started: {e}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
