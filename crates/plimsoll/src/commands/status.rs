use serde_json::json;

use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;
use crate::stack;

pub(crate) async fn run(config: &Config, output: &Output) -> Result<(), Failure> {
    let runtime = RuntimeFile::read(&config.data_dir).filter(RuntimeFile::is_alive).ok_or_else(|| {
        Failure::unreachable(format!("nothing runs from {}: start it with `plimsoll up`", config.data_dir.display()))
    })?;
    let ready = readiness(&runtime.api_url).await;
    let keys = stack::keys(config)?;
    // The names Supabase's command line prints, so scripts written for it go on working.
    let document = json!({
        "API_URL": runtime.api_url,
        "DB_URL": runtime.db_url,
        "ANON_KEY": keys.anon_key(),
        "SERVICE_ROLE_KEY": keys.service_role_key(),
        "JWT_SECRET": keys.jwt_secret(),
        "CONSOLE_URL": runtime.api_url,
        "PLIMSOLL_VERSION": runtime.plimsoll_version,
        "POSTGRES_VERSION": runtime.postgres_version,
        "PID": runtime.pid,
        "READY": ready,
    });
    let text = document
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect::<Vec<_>>()
        .join("\n");
    output.result(&document, text);
    Ok(())
}

async fn readiness(url: &str) -> bool {
    let request = reqwest::Client::new().get(format!("{url}/readyz")).timeout(std::time::Duration::from_secs(5));
    matches!(request.send().await, Ok(response) if response.status().is_success())
}
