//! Real processes of the binary, for tests of the whole.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// Longest any one thing is waited for. Reached only when something is broken.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// A client; TLS wants its provider chosen once a process.
pub(crate) fn http() -> reqwest::Client {
    // A second call finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// A data directory that PostgreSQL's own user can pass through when tests run as root.
pub(crate) fn data_dir() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("plimsoll-e2e").tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    dir
}

pub(crate) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

pub(crate) fn plimsoll(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.arg("--data-dir").arg(data_dir).stdin(Stdio::null());
    command
}

/// Runs a command with `--json` and answers its document; panics with what it said otherwise.
pub(crate) fn json(command: &mut Command) -> Value {
    let output = command.arg("--json").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed: {err}{out}");
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{command:?} printed no JSON: {e}: {out}"))
}

/// A process of ours that is ended with the test, whatever happens.
pub(crate) struct Process {
    child: Child,
    pub log: PathBuf,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command, log: PathBuf) -> Self {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, log }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// SIGKILL, and the end of it awaited.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        self.wait();
    }

    /// SIGTERM, and the end of it awaited.
    pub(crate) fn stop(&mut self) -> std::process::ExitStatus {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.is_running() {
            let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGCONT);
            self.signal(Signal::SIGTERM);
            let (ended, end) = mpsc::channel();
            let pid = Pid::from_raw(self.child.id() as i32);
            // A server that does not end cleanly must not hang the test.
            std::thread::spawn(move || {
                if end.recv_timeout(Duration::from_secs(20)).is_err() {
                    let _ = kill(pid, Signal::SIGKILL);
                }
            });
            self.wait();
            let _ = ended.send(());
        }
        if std::thread::panicking() {
            eprintln!("--- {} ---\n{}", self.log.display(), tail(&self.log, 60));
        }
    }
}

fn tail(path: &Path, lines: usize) -> String {
    let Ok(file) = std::fs::File::open(path) else { return String::new() };
    let all: Vec<_> = BufReader::new(file).lines().map_while(Result::ok).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A `plimsoll up`, or `plimsoll serve`, with its data directory.
pub(crate) struct Up {
    command: &'static str,
    pub process: Process,
    pub url: String,
    pub address: String,
    pub dir: tempfile::TempDir,
}

impl Up {
    pub(crate) async fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::run("up", args, env).await
    }

    /// `plimsoll serve`, on the database that `env` names.
    pub(crate) async fn serve(env: &[(&str, &str)]) -> Self {
        Self::run("serve", &[], env).await
    }

    async fn run(command: &'static str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let (dir, address) = (data_dir(), free_address());
        let process = Self::spawn(command, &dir, &address, args, env);
        let up = Self { command, process, url: format!("http://{address}"), address, dir };
        up.wait_until_ready().await;
        up
    }

    fn spawn(command: &str, dir: &tempfile::TempDir, address: &str, args: &[&str], env: &[(&str, &str)]) -> Process {
        let mut process = plimsoll(&dir.path().join("data"));
        process.args([command, "--listen", address]).args(args).envs(env.iter().copied());
        if command == "up" {
            process.arg("--no-open");
        }
        Process::spawn(&mut process, dir.path().join(format!("{command}.log")))
    }

    /// Starts again on the same data and address after the process ended.
    pub(crate) async fn start_again(&mut self, args: &[&str], env: &[(&str, &str)]) {
        self.process = Self::spawn(self.command, &self.dir, &self.address, args, env);
        self.wait_until_ready().await;
    }

    /// A runner elsewhere, with two slots.
    pub(crate) fn runner(&self, name: &str, token: &str) -> Process {
        let dir = self.dir.path().join(name);
        let mut command = plimsoll(&dir);
        command.args(["runner", "--name", name, "--slots", "2"]);
        command.env("PLIMSOLL_URL", &self.url).env("PLIMSOLL_TOKEN", token).env("PLIMSOLL_LOCAL_REPOSITORIES", "true");
        Process::spawn(&mut command, dir.with_extension("log"))
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        plimsoll(&self.data_dir())
    }

    pub(crate) async fn wait_until_ready(&self) {
        let http = http();
        until(&format!("{} is ready", self.url), async || {
            let answer = http.get(format!("{}/readyz", self.url)).send().await;
            // `status` reads a file that is written a moment after the first answer.
            matches!(answer, Ok(a) if a.status().is_success()) && self.data_dir().join("runtime.json").exists()
        })
        .await;
    }

    pub(crate) fn status(&self) -> Value {
        json(self.command().arg("status"))
    }

    /// The API as the service role.
    pub(crate) fn api(&self) -> Api {
        self.api_as(self.status()["SERVICE_ROLE_KEY"].as_str().unwrap())
    }

    /// The API as who holds `key`.
    pub(crate) fn api_as(&self, key: &str) -> Api {
        Api { base: self.url.clone(), key: key.to_owned(), http: http() }
    }

    pub(crate) async fn database(&self) -> tokio_postgres::Client {
        let url = self.status()["DB_URL"].as_str().unwrap().to_owned();
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// The running postmaster.
    pub(crate) fn postmaster(&self) -> Option<Pid> {
        let file = find(&self.data_dir(), "postmaster.pid")?;
        std::fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok().map(Pid::from_raw)
    }
}

fn find(dir: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            if entry.file_name() == name {
                return Some(entry.path());
            }
            if entry.file_type().is_ok_and(|t| t.is_dir())
                && !["base", "pg_wal", "runner"].iter().any(|n| entry.file_name() == *n)
            {
                folders.push(entry.path());
            }
        }
    }
    None
}

pub(crate) struct Api {
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Api {
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.key).send().await.unwrap();
        Self::read(path, answer).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.try_post(path, body).await.unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// An error where the server could not be reached or refused.
    pub(crate) async fn try_post(&self, path: &str, body: Value) -> Result<Value, String> {
        let answer = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.key).json(&body).send().await;
        let answer = answer.map_err(|e| e.to_string())?;
        let (status, text) = (answer.status(), answer.text().await.map_err(|e| e.to_string())?);
        if status.is_success() { Ok(serde_json::from_str(&text).unwrap_or(Value::Null)) } else { Err(text) }
    }

    async fn read(path: &str, answer: reqwest::Response) -> Value {
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

/// Looks again and again, soon, until `done`; panics with `what` after the deadline.
pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !done().await {
        assert!(Instant::now() < deadline, "waited {} s in vain: {what}", DEADLINE.as_secs());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
