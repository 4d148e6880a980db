//! `plimsoll up`: everything on this machine, with one command.

use std::path::Path;

use plimsoll_db::{Db, migrate};
use plimsoll_embedded::{Cluster, EmbeddedConfig};
use plimsoll_runner::Credentials;
use serde_json::json;

use crate::cli::{Global, Up};
use crate::client::Client;
use crate::commands::signin_link;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;
use crate::stack::{self, InProcessRunner, Stack, StopSignals};

mod repository;

/// Email of the owner the first start makes; a person changes it by inviting themselves.
pub(crate) const OWNER_EMAIL: &str = "owner@localhost";
pub(crate) const ORG_NAME: &str = "My team";

pub(crate) async fn run(args: &Up, config: Config, output: &Output) -> Result<(), Failure> {
    stack::log_to_stderr(&config)?;
    let mut signals = StopSignals::listen()?;
    if let Some(runtime) = RuntimeFile::read(&config.data_dir).filter(RuntimeFile::is_alive)
        && answers(&runtime.api_url).await
    {
        return add_to_running(args, &config, runtime, output).await;
    }
    stack::prepare_data_dir(&config.data_dir)?;
    let listener = stack::listen(stack::listen_address(&config)?).await?;
    let keys = stack::keys(&config)?;
    let local = stack::local_repositories(&config, true)?;

    let cluster = Cluster::start(embedded_config(&config), |step| output.progress(format!("· {step}")))
        .await
        .map_err(|e| Failure::failed(e.to_string()))?;
    let result = serve_until_told(
        args,
        &config,
        output,
        &cluster,
        Door { listener, keys, local_repositories: local },
        &mut signals,
    )
    .await;
    RuntimeFile::remove(&config.data_dir);
    output.progress("· stopping PostgreSQL");
    cluster.stop().await.map_err(|e| Failure::failed(e.to_string()))?;
    result
}

/// What was checked before PostgreSQL was started, so that a mistake costs nothing.
struct Door {
    listener: tokio::net::TcpListener,
    keys: plimsoll_server::Keys,
    local_repositories: bool,
}

async fn serve_until_told(
    args: &Up,
    config: &Config,
    output: &Output,
    cluster: &Cluster,
    door: Door,
    signals: &mut StopSignals,
) -> Result<(), Failure> {
    let Door { listener, keys, local_repositories: local } = door;
    let connections = config.parse("database_connections", "a whole number")?;
    let db = Db::open(&cluster.url(), connections)?;
    let report = migrate::apply(&db, migrate::Options { set_search_path: true, ..Default::default() }).await?;
    output.progress(format!("· {}", report.to_string().lines().last().unwrap_or_default()));
    db.ensure_log_partitions(4).await?;
    db.ensure_sample_partitions(4).await?;
    let owner = db.ensure_owner(OWNER_EMAIL, ORG_NAME).await?;

    let service_key = keys.service_role_key();
    let mut stack = Stack::start(config, listener, db.clone(), keys, local)?;
    let url = stack::base_url(stack.address);
    RuntimeFile {
        pid: std::process::id() as i32,
        api_url: url.clone(),
        db_url: cluster.url(),
        plimsoll_version: env!("CARGO_PKG_VERSION").to_owned(),
        postgres_version: cluster.version().to_string(),
    }
    .write(&config.data_dir)?;

    let credentials = Credentials::Registration(service_key);
    let mut runner = stack::runner_config(config, &url, credentials, local)?.map(InProcessRunner::start);
    let repository = match &args.repo {
        Some(repo) => Some(repository::add(&local_client(config)?, owner.org_id, repo, output).await),
        None => None,
    };
    let link = signin_link::make(&db, owner.user_id, &url).await?;
    announce(args, output, &url, &link, repository)?;

    let ended = tokio::select! {
        () = signals.came() => Ok(()),
        failure = stack.failed() => Err(failure),
        failure = runner_failed(&mut runner) => Err(failure),
    };
    output.progress("· stopping");
    if let Some(runner) = runner {
        runner.stop().await;
    }
    stack.stop().await;
    ended
}

async fn runner_failed(runner: &mut Option<InProcessRunner>) -> Failure {
    match runner {
        Some(runner) => runner.failed().await,
        None => std::future::pending().await,
    }
}

/// A second `up` on the same data directory: the server is there, so only the repository is new.
async fn add_to_running(args: &Up, config: &Config, runtime: RuntimeFile, output: &Output) -> Result<(), Failure> {
    output.progress(format!("· already running as process {} at {}", runtime.pid, runtime.api_url));
    let db = Db::open(&runtime.db_url, 2)?;
    let owner = db.ensure_owner(OWNER_EMAIL, ORG_NAME).await?;
    let repository = match &args.repo {
        Some(repo) => Some(repository::add(&local_client(config)?, owner.org_id, repo, output).await),
        None => None,
    };
    let link = signin_link::make(&db, owner.user_id, &runtime.api_url).await?;
    announce(args, output, &runtime.api_url, &link, repository)
}

/// Says where everything is. A repository that could not be added is an error of its own: the server still runs.
fn announce(
    args: &Up,
    output: &Output,
    url: &str,
    link: &str,
    repository: Option<Result<repository::Added, Failure>>,
) -> Result<(), Failure> {
    let mut text = String::from("\n");
    let mut document = json!({"console_url": url, "signin_url": link, "owner": OWNER_EMAIL});
    match repository {
        Some(Ok(added)) => {
            document["repository"] = json!(added);
            text.push_str(&format!("  {}\n", added.sentence()));
            if let Some(build) = &added.build_id {
                text.push_str(&format!("  watch it   {url}/builds/{build}\n"));
            }
        }
        Some(Err(failure)) => {
            document["repository_error"] = json!(failure.message);
            text.push_str(&format!("  the repository was not added: {}\n", failure.message));
        }
        None => {}
    }
    text.push_str(&format!(
        "  sign in    {link}\n             (as {OWNER_EMAIL}; once, within the hour; `plimsoll signin-link` prints another)\n"
    ));
    text.push_str("  stop       Ctrl-C\n");
    output.result(&document, text);
    if !args.no_open && output.is_terminal() {
        open_browser(link);
    }
    Ok(())
}

fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    // A machine without a browser is no error: the link was printed.
    let _ = std::process::Command::new(opener)
        .arg(url)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
}

fn embedded_config(config: &Config) -> EmbeddedConfig {
    let mut embedded = EmbeddedConfig::new(config.data_dir.join("postgres"));
    embedded.binaries = config.given("postgres_binaries").map(|p| Path::new(p).to_owned());
    embedded.run_as = config.given("postgres_user").map(str::to_owned);
    embedded
}

fn local_client(config: &Config) -> Result<Client, Failure> {
    let global = Global { json: false, data_dir: None, config: None, url: None, token: None };
    Client::from(&global, config)
}

async fn answers(url: &str) -> bool {
    let request = reqwest::Client::new().get(format!("{url}/healthz")).timeout(std::time::Duration::from_secs(3));
    matches!(request.send().await, Ok(response) if response.status().is_success())
}
