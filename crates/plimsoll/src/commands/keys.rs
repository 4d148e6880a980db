//! The server's own keys, through its API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{Global, Keys, KeysCommand};
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
            let note = format!("a new {kind} is in use; the one before stays good until the next change");
            output.result(&made, [shown, &note].join("\n").trim_start());
        }
        Some(KeysCommand::Revoke { id }) => {
            let mut path = url::Url::parse("http://path/api/ops/keys/").map_err(|e| Failure::failed(e.to_string()))?;
            path.path_segments_mut().map_err(|()| Failure::failed("no path"))?.pop_if_empty().push(id);
            client.json(client.request(Method::DELETE, path.path())).await?;
            output.result(&json!({"revoked": id}), format!("{id} is good no more"));
        }
    }
    Ok(())
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
