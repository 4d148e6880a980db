use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::Status;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;
use crate::stack;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Printed for people and not for a shell: exported there it would be a setting of the next command.
const NOT_FOR_SHELLS: &str = "JWT_SECRET";

pub(crate) async fn run(args: &Status, config: &Config, output: &Output) -> Result<(), Failure> {
    let runtime = RuntimeFile::running(&config.data_dir)?;
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
    let known = document.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let shown = known.map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    let lines: Vec<_> = if args.env {
        let fit = shown.filter(|(name, _)| *name != NOT_FOR_SHELLS);
        fit.map(|(name, value)| format!("{name}={}", quoted(&value))).collect()
    } else {
        shown.map(|(name, value)| format!("{name}={value}")).collect()
    };
    output.result(&document, lines.join("\n"));
    Ok(())
}

/// As one word of any POSIX shell.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
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

#[cfg(test)]
mod tests {
    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for value in ["", "plain", "two words", "it's", "'", "$(touch /tmp/x) `id` \"$HOME\" \\ *", "a\nb"] {
            let script = format!("X={}; printf %s \"$X\"", super::quoted(value));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&said.stdout), value);
        }
    }
}
