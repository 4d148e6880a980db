//! The server's own keys, through its API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{Global, KEY_KINDS, Keys, KeysCommand};
use crate::client::Client;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, table};

pub(crate) async fn run(args: &Keys, global: &Global, config: &Config, output: &Output) -> Result<(), Failure> {
    let client = Client::from(global, config)?;
    match &args.command {
        None | Some(KeysCommand::List) => {
            let keys = client.get("/api/ops/keys").await?;
            output.result(&keys, listed(&keys));
        }
        Some(KeysCommand::Rotate { kind }) => {
            let made = client.post("/api/ops/keys", &json!({"kind": kind})).await?;
            let shown = made["key"].as_str().unwrap_or_default();
            let name = name(kind);
            let note = format!("a new {name} is in use; the one before stays good until the next change");
            output.result(&made, [shown, &note].join("\n").trim_start());
        }
        Some(KeysCommand::Revoke { id, force }) => {
            let mut path = url::Url::parse("http://path/api/ops/keys/").map_err(|e| Failure::failed(e.to_string()))?;
            path.path_segments_mut().map_err(|()| Failure::failed("no path"))?.pop_if_empty().push(id);
            let replaced = if *force { in_use(&client.get("/api/ops/keys").await?, id) } else { None };
            let query = if *force { "?force=true" } else { "" };
            client.json(client.request(Method::DELETE, &format!("{}{query}", path.path()))).await?;
            let mut text = format!("{id} is good no more");
            if let Some(kind) = replaced {
                let name = name(&kind);
                text.push_str(&format!("; a new {name} has taken its place: `plimsoll keys` shows it"));
            }
            output.result(&json!({"revoked": id}), text);
        }
    }
    Ok(())
}

fn name(kind: &str) -> &str {
    KEY_KINDS.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, name)| *name)
}

/// The kind of the key of this id, where it is the one in use.
fn in_use(keys: &Value, id: &str) -> Option<String> {
    let key = keys.as_array()?.iter().find(|key| key["id"] == id && key["in_use"] == true)?;
    key["kind"].as_str().map(str::to_owned)
}

fn listed(keys: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let rows: Vec<_> = keys
        .as_array()
        .into_iter()
        .flatten()
        .map(|key| {
            let state = match (key["managed"] == true, key["in_use"] == true) {
                (true, true) => "in use",
                (true, false) => "before",
                (false, true) => "in use, from settings",
                (false, false) => "before, from settings",
            };
            vec![
                text(&key["kind"]),
                text(&key["id"]),
                state.to_owned(),
                text(&key["created_at"]),
                text(&key["last_used_at"]),
                text(&key["key"]),
            ]
        })
        .collect();
    table(&["KIND", "ID", "STATE", "CREATED", "LAST USED", "KEY"], &rows)
}
