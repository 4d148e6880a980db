//! A real `plimsoll up` in a data directory of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ring::hmac;
use serde_json::Value;

pub(crate) struct Instance {
    pub(crate) url: String,
    /// As superuser.
    pub(crate) db_url: String,
    pub(crate) service_key: String,
    jwt_secret: String,
    pub(crate) ready_after: Duration,
    server: Server,
    dir: tempfile::TempDir,
}

impl Instance {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("plimsoll-bench").tempdir().expect("a temporary folder");
        Self::start_in(dir).await
    }

    /// Starts on what is there already in `dir`.
    pub(crate) async fn start_in(dir: tempfile::TempDir) -> Self {
        // PostgreSQL's own user must pass through when this runs as root.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("own folder");
        let address = free_address();
        let url = format!("http://{address}");
        let started = Instant::now();
        let server = plimsoll(dir.path())
            .args(["up", "--no-open", "--no-runner", "--listen", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(dir.path().join("log")).expect("a log file")))
            .spawn()
            .map(Server)
            .expect("plimsoll starts");
        wait_until_ready(&url, dir.path()).await;
        let ready_after = started.elapsed();
        let status = status(dir.path()).await;
        let text = |name: &str| status[name].as_str().expect("status prints it").to_owned();
        let db_url = as_superuser(&text("DB_URL"), &dir.path().join("data/postgres/superuser.password"));
        Self {
            url,
            db_url,
            service_key: text("SERVICE_ROLE_KEY"),
            jwt_secret: text("JWT_SECRET"),
            ready_after,
            server,
            dir,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.server.0.id()
    }

    /// A token of a person that is good for an hour.
    pub(crate) fn user_token(&self, user_id: &str) -> String {
        let in_an_hour = jiff::Timestamp::now().as_second() + 3600;
        let claims = serde_json::json!({"sub": user_id, "role": "authenticated", "exp": in_an_hour});
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&serde_json::json!({"alg": "HS256", "typ": "JWT"})), encode(&claims));
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.jwt_secret.as_bytes()), text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Stops it and leaves the data directory for another start.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        let server = self.server;
        tokio::task::spawn_blocking(move || drop(server)).await.expect("waits");
        self.dir
    }
}

/// Ended with its value, so that a bench that fails leaves nothing running.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Our own child, not waited for yet: its number is still its own.
        let _ = kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// The bench makes databases and switches triggers off to fill them.
fn as_superuser(db_url: &str, password_file: &std::path::Path) -> String {
    let mut url: url::Url = db_url.parse().expect("a URL");
    let password = std::fs::read_to_string(password_file).expect("the embedded cluster keeps it there");
    url.set_username("postgres").expect("a name fits");
    url.set_password(Some(password.trim())).expect("a password fits");
    url.into()
}

fn plimsoll(dir: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.arg("--data-dir").arg(dir.join("data"));
    command
}

async fn status(dir: &std::path::Path) -> Value {
    // The file that `status` reads is written a moment after the first answer.
    for _ in 0..100 {
        let output = plimsoll(dir).args(["--json", "status"]).output().expect("plimsoll status runs");
        if output.status.success() {
            return serde_json::from_slice(&output.stdout).expect("status prints JSON");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no status: {}", std::fs::read_to_string(dir.join("log")).unwrap_or_default());
}

async fn wait_until_ready(url: &str, dir: &std::path::Path) {
    let http = reqwest::Client::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if matches!(http.get(format!("{url}/readyz")).send().await, Ok(r) if r.status().is_success()) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "not ready: {}",
            std::fs::read_to_string(dir.join("log")).unwrap_or_default()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").to_string()
}
