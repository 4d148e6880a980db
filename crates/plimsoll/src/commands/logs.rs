use std::io::Write;

use reqwest::Method;
use serde_json::Value;

use crate::cli::{Global, Logs};
use crate::client::Client;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

/// Prints the log as the server stores it: lines already printed are not asked for again after a lost connection.
pub(crate) async fn run(args: &Logs, global: &Global, config: &Config, output: &Output) -> Result<(), Failure> {
    let client = Client::from(global, config)?;
    let id = client.build_id(&args.build).await?;
    if output.is_json() && !args.follow {
        return json_lines(&client, &id).await;
    }
    let color = u8::from(args.color || output.is_terminal());
    let follow = u8::from(args.follow);
    let path = format!("/api/ops/builds/{id}/logs.txt?color={color}&follow={follow}");
    let mut response = client.send(client.request(Method::GET, &path)).await?;
    let mut out = std::io::stdout().lock();
    loop {
        match response.chunk().await {
            Ok(Some(bytes)) => {
                if out.write_all(&bytes).and_then(|()| out.flush()).is_err() {
                    return Ok(());
                }
            }
            Ok(None) => break,
            Err(error) => return Err(Failure::unreachable(format!("the log broke off: {error}"))),
        }
    }
    if !args.follow {
        return Ok(());
    }
    let build = wait_for_end(&client, &id).await?;
    match build["status"].as_str() {
        Some("success") => Ok(()),
        status => Err(Failure::build(format!(
            "{} {}: {}",
            args.build,
            status.unwrap_or("ended"),
            build["error_message"].as_str().unwrap_or("no message")
        ))),
    }
}

/// One JSON object a chunk of lines, until the end of what is stored.
async fn json_lines(client: &Client, id: &str) -> Result<(), Failure> {
    let mut from = 1;
    loop {
        let page = client.get(&format!("/api/ops/builds/{id}/logs?from={from}&limit=5000")).await?;
        let next = page["next_line"].as_i64().unwrap_or(from);
        if next <= from {
            return Ok(());
        }
        if writeln!(std::io::stdout(), "{page}").is_err() {
            return Ok(());
        }
        from = next;
    }
}

/// Waits on the build's own stream for its end, and answers the build as it then is.
pub(crate) async fn wait_for_end(client: &Client, id: &str) -> Result<Value, Failure> {
    loop {
        let detail = client.get(&format!("/api/ops/builds/{id}")).await?;
        let build = detail.get("build").cloned().unwrap_or(detail);
        if matches!(build["status"].as_str(), Some("success" | "failed" | "cancelled")) {
            return Ok(build);
        }
        let path = format!("/api/ops/builds/{id}/logs.txt?follow=1");
        let mut tail = client.send(client.request(Method::GET, &path)).await?;
        while let Ok(Some(_)) = tail.chunk().await {}
    }
}
