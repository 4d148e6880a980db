//! GitHub's webhook deliveries: what of them matters here. The signature was checked before.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::repo_url::{check_branch_name, check_commit_sha};

/// Longest commit message that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 2_000;
/// Longest author that is kept, in characters.
const MAX_AUTHOR_CHARS: usize = 200;

/// What a delivery means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Push(Push),
    /// Sent when the hook is made: nothing to do but to answer.
    Ping,
    /// Nothing to do; says why.
    Ignored(String),
}

/// A push to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Every address the provider gives for the repository.
    pub repo_urls: Vec<String>,
    pub branch: String,
    /// The newest commit; empty where the branch was deleted.
    pub sha: String,
    pub message: Option<String>,
    pub author: Option<String>,
    /// When it happened, if the provider says so.
    pub pushed_at: Option<Timestamp>,
    pub created: bool,
    pub deleted: bool,
}

/// A delivery that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPayload {
    #[error("the {event} delivery is not as GitHub sends it: {why}")]
    Shape { event: String, why: String },
    #[error("the push names no repository address")]
    NoRepository,
    #[error("the push is not usable: {0}")]
    Ref(String),
}

/// Reads a delivery of this `X-GitHub-Event`.
pub fn parse(event: &str, payload: &Value) -> Result<Event, BadPayload> {
    match event {
        "push" => push(payload),
        "ping" => Ok(Event::Ping),
        other => {
            Ok(Event::Ignored(format!("nothing is done on {:?} events", other.chars().take(60).collect::<String>())))
        }
    }
}

#[derive(Deserialize)]
struct PushPayload {
    #[serde(rename = "ref")]
    reference: String,
    after: String,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    head_commit: Option<Commit>,
    repository: Repository,
}

#[derive(Deserialize)]
struct Commit {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    author: Option<Author>,
}

#[derive(Deserialize)]
struct Author {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    username: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    #[serde(default)]
    clone_url: Option<String>,
    #[serde(default)]
    ssh_url: Option<String>,
    #[serde(default)]
    git_url: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    /// Seconds since the epoch in `push`, a date in other events.
    #[serde(default)]
    pushed_at: Value,
}

fn push(payload: &Value) -> Result<Event, BadPayload> {
    let push = PushPayload::deserialize(payload)
        .map_err(|error| BadPayload::Shape { event: "push".into(), why: error.to_string() })?;
    let Some(branch) = push.reference.strip_prefix("refs/heads/") else {
        let what = if push.reference.starts_with("refs/tags/") { "a tag" } else { "something that is no branch" };
        return Ok(Event::Ignored(format!("the push is to {what}")));
    };
    check_branch_name(branch).map_err(|error| BadPayload::Ref(error.to_string()))?;
    let gone = push.deleted || (!push.after.is_empty() && push.after.bytes().all(|b| b == b'0'));
    let sha = if gone {
        String::new()
    } else {
        check_commit_sha(&push.after).map_err(|error| BadPayload::Ref(error.to_string()))?
    };
    let repository = push.repository;
    let urls = [repository.clone_url, repository.ssh_url, repository.git_url, repository.html_url];
    let repo_urls: Vec<String> = urls.into_iter().flatten().filter(|url| !url.trim().is_empty()).collect();
    if repo_urls.is_empty() {
        return Err(BadPayload::NoRepository);
    }
    let (message, author) = push.head_commit.map_or((None, None), |commit| (commit.message, commit.author));
    Ok(Event::Push(Push {
        repo_urls,
        branch: branch.to_owned(),
        sha,
        message: message.map(|text| text.chars().take(MAX_MESSAGE_CHARS).collect()),
        author: author.and_then(shown),
        pushed_at: moment(&repository.pushed_at),
        created: push.created,
        deleted: gone,
    }))
}

/// `Name <email>`, as git shows an author; whatever of it is there.
fn shown(author: Author) -> Option<String> {
    let name = author.name.or(author.username).filter(|name| !name.trim().is_empty());
    let email = author.email.filter(|email| !email.trim().is_empty());
    let text = match (name, email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    Some(text.chars().filter(|c| !c.is_control()).take(MAX_AUTHOR_CHARS).collect())
}

fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_second(seconds.as_i64()?).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
