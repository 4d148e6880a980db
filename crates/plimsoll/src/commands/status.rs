use std::time::Duration;

use serde_json::{Value, json};

use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;
use crate::stack;

const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn run(config: &Config, output: &Output) -> Result<(), Failure> {
    let runtime = RuntimeFile::read(&config.data_dir).filter(RuntimeFile::is_alive).ok_or_else(|| {
        Failure::unreachable(format!("nothing runs from {}: start it with `plimsoll up`", config.data_dir.display()))
    })?;
    let ready = readiness(&runtime.api_url).await;
    let keys = stack::keys(config)?;
    let url = &runtime.api_url;
    let made = server_keys(url, &keys.service_role_key()).await;
    let key = |kind: &str| in_use(made.as_ref(), kind);
    // The names Supabase's command line and its edge functions have, so what was written for them goes on working. What
    // the server does not say, as it is not ready, is null.
    let document = json!({
        "API_URL": url,
        "REST_URL": format!("{url}/rest/v1"),
        "FUNCTIONS_URL": format!("{url}/functions/v1"),
        "JWKS_URL": format!("{url}/auth/v1/.well-known/jwks.json"),
        "DB_URL": runtime.db_url,
        "ANON_KEY": keys.anon_key(),
        "SERVICE_ROLE_KEY": keys.service_role_key(),
        "PUBLISHABLE_KEY": key("publishable"),
        "SECRET_KEY": key("secret"),
        "JWT_SECRET": keys.jwt_secret(),
        "OPS_INGEST_TOKEN": key("ingest"),
        "OPS_ADVISORY_TOKEN": key("advisory"),
        "CONSOLE_URL": url,
        "PLIMSOLL_VERSION": runtime.plimsoll_version,
        "POSTGRES_VERSION": runtime.postgres_version,
        "PID": runtime.pid,
        "READY": ready,
    });
    let text = document
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect::<Vec<_>>()
        .join("\n");
    output.result(&document, text);
    Ok(())
}

/// The installation's keys, as the server lists them.
async fn server_keys(url: &str, service_key: &str) -> Option<Value> {
    let request = reqwest::Client::new().get(format!("{url}/api/ops/keys")).bearer_auth(service_key).timeout(TIMEOUT);
    request.send().await.ok()?.error_for_status().ok()?.json().await.ok()
}

fn in_use<'a>(keys: Option<&'a Value>, kind: &str) -> Option<&'a str> {
    let of_kind = |key: &&Value| key["kind"] == kind && key["in_use"] == true;
    keys?.as_array()?.iter().find(of_kind)?["key"].as_str()
}

async fn readiness(url: &str) -> bool {
    let request = reqwest::Client::new().get(format!("{url}/readyz")).timeout(TIMEOUT);
    matches!(request.send().await, Ok(response) if response.status().is_success())
}
