//! Reads the branches of repositories: `git ls-remote`, nothing is cloned.

use std::process::Stdio;
use std::time::Duration;

use plimsoll_core::repo_url::{GIT_ENV, GIT_ENV_REMOVE, RepoUrl, Transport, UrlPolicy, explain_git_failure, git_args};
use plimsoll_db::{Db, DbError};
use serde::Serialize;
use tokio::process::Command;

/// A repository that does not answer for this long is reported as such.
const LS_REMOTE_TIMEOUT: Duration = Duration::from_secs(60);
/// Most branches taken from one repository.
const MAX_BRANCHES: usize = 2_000;
/// Projects handled in one go.
const BATCH: i64 = 20;

/// A repository's branches as the remote names them.
#[derive(Debug, PartialEq, Eq)]
pub struct RemoteBranches {
    /// What HEAD points at, where the remote says.
    pub default_branch: Option<String>,
    pub branches: Vec<RemoteBranch>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct RemoteBranch {
    pub name: String,
    pub sha: String,
}

/// Reads the branches of every project that asked for it; a repository that cannot be read gets its reason stored.
pub async fn read_branches(db: Db, policy: UrlPolicy) -> Result<usize, DbError> {
    let projects = db.projects_to_sync(BATCH).await?;
    let count = projects.len();
    for project in projects {
        match list_remote(&project.repo_url, policy).await {
            Ok(remote) => {
                let default = remote.default_branch.as_deref().unwrap_or(&project.default_branch);
                let branches = serde_json::json!(remote.branches);
                db.sync_branches(project.id, default, &branches).await?;
            }
            Err(reason) => {
                tracing::info!(project.id = %project.id, "branches of {} not read: {reason}", project.id);
                db.record_sync_error(project.id, &reason).await?;
            }
        }
    }
    Ok(count)
}

/// Asks the repository for its branches; the error says what to do.
pub async fn list_remote(repo_url: &str, policy: UrlPolicy) -> Result<RemoteBranches, String> {
    let url = RepoUrl::parse(repo_url, policy).map_err(|e| e.to_string())?;
    let mut git = Command::new("git");
    for name in GIT_ENV_REMOVE {
        git.env_remove(name);
    }
    if url.transport() == Transport::Local {
        // The policy allows this machine's folders, whoever owns them.
        git.args(["-c", &format!("safe.directory={}", url.path())]);
    }
    git.envs(GIT_ENV.iter().copied())
        .args(git_args(policy))
        .args(["ls-remote", "--symref", "--", url.for_git(), "HEAD", "refs/heads/*"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = tokio::time::timeout(LS_REMOTE_TIMEOUT, git.output())
        .await
        .map_err(|_| format!("{url} did not answer within {} s", LS_REMOTE_TIMEOUT.as_secs()))?
        .map_err(|e| format!("git could not be started: {e}. Install git on the server"))?;
    if !output.status.success() {
        return Err(explain_git_failure(&String::from_utf8_lossy(&output.stderr)));
    }
    let remote = parse_ls_remote(&String::from_utf8_lossy(&output.stdout));
    if remote.branches.is_empty() {
        return Err(format!("{url} has no branches yet: push a commit, then sync again"));
    }
    Ok(remote)
}

fn parse_ls_remote(text: &str) -> RemoteBranches {
    let mut remote = RemoteBranches { default_branch: None, branches: Vec::new() };
    for line in text.lines() {
        let Some((left, name)) = line.split_once('\t') else { continue };
        if let Some(target) = left.strip_prefix("ref: refs/heads/") {
            if name == "HEAD" {
                remote.default_branch = Some(target.to_owned());
            }
        } else if let Some(branch) = name.strip_prefix("refs/heads/")
            && remote.branches.len() < MAX_BRANCHES
        {
            remote.branches.push(RemoteBranch { name: branch.to_owned(), sha: left.to_owned() });
        }
    }
    remote
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: UrlPolicy = UrlPolicy { local_paths: true, plain_http: false };

    #[test]
    fn reads_head_and_branches_and_nothing_else() {
        let text = "ref: refs/heads/trunk\tHEAD\n\
            1111111111111111111111111111111111111111\tHEAD\n\
            1111111111111111111111111111111111111111\trefs/heads/trunk\n\
            2222222222222222222222222222222222222222\trefs/heads/feature/a\n";
        let remote = parse_ls_remote(text);
        assert_eq!(remote.default_branch.as_deref(), Some("trunk"));
        let names: Vec<_> = remote.branches.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["trunk", "feature/a"]);
    }

    #[tokio::test]
    async fn a_path_that_is_no_repository_says_so() {
        let dir = std::env::temp_dir();
        let error = list_remote(dir.to_str().unwrap(), LOCAL).await.unwrap_err();
        assert!(error.contains("repository"), "{error}");
        let refused = list_remote(dir.to_str().unwrap(), UrlPolicy::default()).await.unwrap_err();
        assert!(refused.contains("not allowed"), "{refused}");
    }

    #[tokio::test]
    async fn lists_a_real_repository() {
        let repo = plimsoll_testkit::git::Repo::new();
        let sha = repo.commit(&[("a.txt", "a")], "first");
        repo.branch("feature/x");
        let remote = list_remote(repo.path().to_str().unwrap(), LOCAL).await.unwrap();
        assert!(remote.branches.iter().any(|b| b.name == "feature/x" && b.sha == sha));
        assert!(remote.default_branch.is_some());
    }
}
