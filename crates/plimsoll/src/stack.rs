//! Wiring: database, server, engine and runner into one process, and their orderly end.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use plimsoll_console::ConsoleState;
use plimsoll_core::repo_url::UrlPolicy;
use plimsoll_db::Db;
use plimsoll_engine::{Retention, Settings, Signals};
use plimsoll_gateway::{Gateway, GatewayConfig, GatewayState};
use plimsoll_runner::{Credentials, Runner, RunnerConfig, SandboxChoice};
use plimsoll_server::{AppState, Keys, Rates, ServerConfig};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::failure::Failure;

/// How long open requests may go on at the end.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// A server with its engine, until [`Stack::stop`].
pub(crate) struct Stack {
    pub address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
    engine: JoinHandle<()>,
}

impl Stack {
    /// Starts server and engine on `listener`.
    pub(crate) fn start(
        config: &Config,
        listener: TcpListener,
        db: Db,
        keys: Keys,
        local_repositories: bool,
    ) -> Result<Self, Failure> {
        let address = listener.local_addr()?;
        let artifacts = artifact_store(config)?;
        let stop = CancellationToken::new();
        let Gateway { router: gateway, description } =
            Gateway::new(GatewayState { db: db.clone(), config: gateway_config(config)? });
        let state =
            AppState::new(db.clone(), keys, artifacts, server_config(config, local_repositories)?, stop.clone())
                .describing_gateway(Arc::new(move || {
                    let description = description.clone();
                    Box::pin(async move { description.openapi("/rest/v1").await })
                }));
        let signals = Signals {
            sync: state.wake.sync.clone(),
            webhooks: state.wake.webhooks.clone(),
            queue: state.wake.queue.clone(),
        };
        let settings = Settings {
            local_repositories,
            retention: Retention {
                log_days: config.parse("log_retention_days", "a whole number of days")?,
                sample_days: config.parse("sample_retention_days", "a whole number of days")?,
            },
        };
        let pages = plimsoll_console::router(ConsoleState {
            db: db.clone(),
            publishable_key: Arc::new({
                let state = state.clone();
                move || {
                    let state = state.clone();
                    Box::pin(async move { state.publishable_key().await })
                }
            }),
        });
        let prepared = state.clone();
        tokio::spawn(async move {
            // Where it fails, whoever first needs a key tries again.
            if let Err(error) = prepared.prepare_keys().await {
                tracing::warn!("error.cause" = %error.message(), "the server's keys were not made: {}", error.message());
            }
        });
        let app = plimsoll_server::app(state, pages, gateway);
        let engine = tokio::spawn(plimsoll_engine::run(db, signals, settings, stop.clone()));
        let server = tokio::spawn(plimsoll_server::serve::serve(listener, app, stop.clone(), STOP_DEADLINE));
        Ok(Self { address, stop, server, engine })
    }

    /// Resolves when the server ends by itself, which it should not.
    pub(crate) async fn failed(&mut self) -> Failure {
        match (&mut self.server).await {
            Ok(Ok(())) => Failure::failed("the server ended"),
            Ok(Err(error)) => Failure::failed(format!("the server failed: {error}")),
            Err(error) => Failure::failed(format!("the server panicked: {error}")),
        }
    }

    /// Ends streams and long polls, answers what is under way, and stops the engine.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let (server, engine) = (self.server.abort_handle(), self.engine.abort_handle());
        let ended = async {
            // Panics were logged where they happened; there is nothing left to do with them here.
            let _ = self.server.await;
            let _ = self.engine.await;
        };
        // The server cuts off what is still open after the deadline; this is for an engine task that hangs.
        if tokio::time::timeout(STOP_DEADLINE * 2, ended).await.is_err() {
            server.abort();
            engine.abort();
        }
    }
}

/// A runner in this process, over the same HTTP as one far away.
pub(crate) struct InProcessRunner {
    stop: CancellationToken,
    task: JoinHandle<Result<(), plimsoll_runner::Error>>,
}

impl InProcessRunner {
    pub(crate) fn start(config: RunnerConfig) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(Runner::run(config, stop.clone()));
        Self { stop, task }
    }

    /// Resolves when the runner ends by itself.
    pub(crate) async fn failed(&mut self) -> Failure {
        match (&mut self.task).await {
            Ok(Ok(())) => Failure::failed("the runner ended"),
            Ok(Err(error)) => Failure::failed(format!("the runner failed: {error}")),
            Err(error) => Failure::failed(format!("the runner panicked: {error}")),
        }
    }

    /// Hands what it runs back to the queue and ends.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!(error = %error, "the runner did not end cleanly");
        }
    }
}

/// The runner's settings for a server at `url`.
pub(crate) fn runner_config(
    config: &Config,
    url: &str,
    credentials: Credentials,
    local_repositories: bool,
) -> Result<Option<RunnerConfig>, Failure> {
    let slots: u32 = config.parse("runner_slots", "a whole number")?;
    if slots == 0 {
        return Ok(None);
    }
    let url = url.parse().map_err(|e| Failure::usage(format!("{url:?} is not a URL: {e}")))?;
    let home = config.data_dir.join("runner");
    let mut runner = RunnerConfig::new(url, credentials, home.join("work"), home.join("cache"));
    runner.slots = slots;
    runner.sandbox = match config.text("runner_sandbox") {
        "auto" => SandboxChoice::Auto,
        "bubblewrap" => SandboxChoice::Bubblewrap,
        "none" => SandboxChoice::None,
        other => return Err(Failure::usage(format!("runner_sandbox is {other:?}: expected auto, bubblewrap or none"))),
    };
    runner.pass_env = config
        .given("runner_pass_env")
        .map(|names| names.split(',').map(|n| n.trim().to_owned()).collect())
        .unwrap_or_default();
    runner.local_repositories = local_repositories;
    runner.hidden_paths =
        ["postgres", "keys", "artifacts", "runtime.json"].iter().map(|name| config.data_dir.join(name)).collect();
    runner.max_artifact_bytes = config.parse("artifact_max_bytes", "a number of bytes")?;
    Ok(Some(runner))
}

/// Whether projects may name folders of this machine: as configured, else as fits the command.
pub(crate) fn local_repositories(config: &Config, unless_configured: bool) -> Result<bool, Failure> {
    match config.given("local_repositories") {
        Some(_) => Ok(config.parse("local_repositories", "true or false")?),
        None => Ok(unless_configured),
    }
}

/// Keys in the data directory, made on first start; what is configured stands above them.
pub(crate) fn keys(config: &Config) -> Result<Keys, Failure> {
    let fail = |e: plimsoll_server::KeysError| Failure::failed(e.to_string());
    let given = |name: &str| config.given(name).map(str::to_owned);
    let keys = match (given("jwt_secret"), given("seal_key")) {
        (None, None) if given("jwt_secret_previous").is_some() => {
            return Err(Failure::usage("jwt_secret_previous is set and jwt_secret is not: set both, or neither"));
        }
        (None, None) => Keys::load_or_create(&config.data_dir.join("keys")),
        _ => Keys::from_variables(
            |name| match name {
                "JWT_SECRET" => given("jwt_secret"),
                "JWT_SECRET_PREVIOUS" => given("jwt_secret_previous"),
                _ => given("seal_key"),
            },
            jiff::Timestamp::now(),
        ),
    };
    let keys = keys
        .and_then(|keys| {
            keys.with_function_tokens(config.given("ops_ingest_token"), config.given("ops_advisory_scan_token"))
        })
        .map_err(fail)?;
    match config.given("jwt_jwks") {
        Some(source) => keys.with_jwks(source).map_err(fail),
        None => Ok(keys),
    }
}

/// Makes the data directory: only its owner looks in, except as root, where PostgreSQL's own user must pass through.
pub(crate) fn prepare_data_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if nix::unistd::geteuid().is_root() { 0o711 } else { 0o700 };
    std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::set_permissions(dir, std::fs::Permissions::from_mode(mode)))
        .map_err(|e| {
            Failure::failed(format!(
                "cannot use the data directory {}: {e}. Choose another with --data-dir",
                dir.display()
            ))
        })
}

pub(crate) fn listen_address(config: &Config) -> Result<SocketAddr, Failure> {
    Ok(config.parse("listen", "an address and port such as 127.0.0.1:4400")?)
}

pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|e| {
        Failure::failed(match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("{address} is in use by another program: choose another with --listen 127.0.0.1:PORT")
            }
            _ => format!("cannot listen on {address}: {e}"),
        })
    })
}

/// The address as a URL that a browser on this machine can open.
pub(crate) fn base_url(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}

/// SIGINT and SIGTERM, heard from the moment this is made: one that comes while things start is obeyed once they stand.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves when one of them came.
    pub(crate) async fn came(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn server_config(config: &Config, local_repositories: bool) -> Result<ServerConfig, Failure> {
    let requests_per_second: NonZeroU32 = config.parse("requests_per_second", "a whole number above 0")?;
    Ok(ServerConfig {
        public_url: config.given("public_url").map(|u| u.trim_end_matches('/').to_owned()),
        trust_proxy: config.parse("trust_proxy", "true or false")?,
        repositories: UrlPolicy { local_paths: local_repositories, plain_http: false },
        lease_seconds: config.parse("lease_seconds", "a whole number of seconds")?,
        rates: Rates::of_requests(f64::from(requests_per_second.get())),
        max_log_bytes: config.parse("log_max_bytes", "a number of bytes")?,
        max_artifact_bytes: config.parse("artifact_max_bytes", "a number of bytes")?,
        ..ServerConfig::default()
    })
}

fn gateway_config(config: &Config) -> Result<GatewayConfig, Failure> {
    let max_rows = match config.given("rest_max_rows") {
        Some(_) => Some(config.parse("rest_max_rows", "a whole number of rows")?),
        None => None,
    };
    let schemas = config.text("rest_schemas").split(',').map(|name| name.trim().to_owned()).collect();
    // Half of the pool, so that there is always a connection for somebody else.
    let connections: usize = config.parse("database_connections", "a whole number")?;
    let statements_per_caller = (connections / 2).max(1);
    Ok(GatewayConfig { schemas, max_rows, statements_per_caller, ..GatewayConfig::default() })
}

fn artifact_store(config: &Config) -> Result<Arc<dyn ObjectStore>, Failure> {
    let Some(url) = config.given("artifacts_url") else {
        let folder: PathBuf = config.data_dir.join("artifacts");
        std::fs::create_dir_all(&folder)?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(&folder)
            .map_err(|e| Failure::failed(format!("artifacts in {}: {e}", folder.display())))?;
        return Ok(Arc::new(store));
    };
    let url: url::Url = url.parse().map_err(|e| Failure::usage(format!("artifacts_url {url:?}: {e}")))?;
    // Credentials and region come from the variables that S3 tools read (AWS_ACCESS_KEY_ID, AWS_ENDPOINT, …).
    let (store, prefix) =
        object_store::parse_url_opts(&url, std::env::vars().map(|(k, v)| (k.to_ascii_lowercase(), v)))
            .map_err(|e| Failure::usage(format!("artifacts_url {url}: {e}")))?;
    Ok(Arc::new(object_store::prefix::PrefixStore::new(store, prefix)))
}

/// Diagnostics on standard error: what happened, with the values as fields. `RUST_LOG` chooses more or less.
pub(crate) fn log_to_stderr(config: &Config) -> Result<(), Failure> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,plimsoll=info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr);
    let started = match config.text("log_format") {
        "text" => builder.with_target(false).try_init(),
        "json" => builder.json().try_init(),
        other => return Err(Failure::usage(format!("log_format is {other:?}: expected text or json"))),
    };
    started.map_err(|e| Failure::failed(e.to_string()))
}
