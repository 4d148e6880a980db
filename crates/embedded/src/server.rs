//! One running server: started or adopted, waited for, stopped.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::account::Account;
use crate::data_dir::{DataDir, is_free};
use crate::error::During;
use crate::postmaster::{self, Found, PidFile};
use crate::probe::{Answer, Door};
use crate::settings::{self, Listening};
use crate::{Binaries, EmbeddedConfig, EmbeddedError, Result, memory};

/// How often a process or a server that gives no signal is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How long a single question to the server may take.
const PATIENCE: Duration = Duration::from_secs(5);
const PORTS_TRIED: u32 = 10;
const SAID_LINES: usize = 8;

/// All that is needed to run a cluster's server, now and again.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub config: EmbeddedConfig,
    pub data_dir: DataDir,
    /// PostgreSQL's data directory, without links.
    pub cluster: PathBuf,
    pub binaries: Binaries,
    pub account: Account,
    pub socket_folder: PathBuf,
    pub superuser_password: String,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub pid: i32,
    pub door: Door,
    /// None: adopted, another process's child.
    child: Option<Child>,
}

/// Why a start did not lead to a server.
enum Failed {
    /// Something that passes stands in the way: a dying server, its shared memory.
    Passing(String),
    /// Another program has the port.
    PortTaken(u16),
    Final(EmbeddedError),
}

impl From<EmbeddedError> for Failed {
    fn from(error: EmbeddedError) -> Self {
        Self::Final(error)
    }
}

impl Plan {
    /// Adopts the server that runs, or starts one; answers once it accepts connections. With `keep_port` it must be
    /// that one.
    pub(crate) async fn bring_up(&self, keep_port: Option<u16>, mut say: impl FnMut(&str)) -> Result<Server> {
        let deadline = Instant::now() + self.config.start_timeout;
        let mut ports_tried = 0;
        loop {
            let attempt = match postmaster::look(&self.cluster)? {
                Found::Running(file) => self.adopt(file, deadline, &mut say).await,
                Found::Nothing => self.start(keep_port.or(self.config.port), deadline, &mut say).await,
            };
            match attempt {
                Ok(server) => return Ok(server),
                Err(Failed::Passing(_)) if Instant::now() < deadline => sleep(POLL).await,
                Err(Failed::Passing(why)) => return Err(self.too_late(&why)),
                Err(Failed::PortTaken(port))
                    if keep_port.or(self.config.port).is_some() || ports_tried >= PORTS_TRIED =>
                {
                    return Err(EmbeddedError::Port(format!("port {port} on 127.0.0.1 is in use by another program")));
                }
                Err(Failed::PortTaken(_)) => ports_tried += 1,
                Err(Failed::Final(error)) => return Err(error),
            }
        }
    }

    async fn adopt(
        &self,
        file: PidFile,
        deadline: Instant,
        say: &mut impl FnMut(&str),
    ) -> std::result::Result<Server, Failed> {
        // A server that has not got as far as writing its port is on its way up, or down.
        let (Some(port), Some(socket_folder)) = (file.port, file.socket_folder) else {
            return Err(Failed::Passing(format!("process {} is starting", file.pid)));
        };
        say(&format!("PostgreSQL is running already (process {}, port {port})", file.pid));
        let door = Door { socket_folder, port, superuser_password: self.superuser_password.clone() };
        let mut server = Server { pid: file.pid, door, child: None };
        self.until_ready(&mut server, deadline, say).await?;
        Ok(server)
    }

    async fn start(
        &self,
        port: Option<u16>,
        deadline: Instant,
        say: &mut impl FnMut(&str),
    ) -> std::result::Result<Server, Failed> {
        if !postmaster::orphans(&self.cluster).is_empty() {
            postmaster::end_orphans(&self.cluster);
            return Err(Failed::Passing("processes of a killed server are ending".to_owned()));
        }
        let port = match port {
            Some(port) if !is_free(port) => return Err(Failed::PortTaken(port)),
            Some(port) => port,
            None => self.data_dir.free_port()?,
        };
        let listening = Listening { port, socket_folder: &self.socket_folder };
        let text = settings::text(&self.config, &self.binaries, &listening, memory::total_bytes());
        settings::write(self.data_dir.root(), &text)?;
        say(&format!("starting PostgreSQL {} on port {port}", self.binaries.version));
        let child = self.spawn()?;
        let pid = child.id().map_or(0, u32::cast_signed);
        let door = Door {
            socket_folder: self.socket_folder.clone(),
            port,
            superuser_password: self.superuser_password.clone(),
        };
        let mut server = Server { pid, door, child: Some(child) };
        self.until_ready(&mut server, deadline, say).await?;
        self.data_dir.keep_port(port)?;
        Ok(server)
    }

    /// The server outlives this process if that is killed: its own process group, its output in a file.
    fn spawn(&self) -> Result<Child> {
        let path = self.data_dir.start_log();
        let log = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .during("opening", &path)?;
        let program = self.binaries.program("postgres");
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.cluster);
        command.stdout(log.try_clone().during("opening", &path)?).stderr(log);
        Command::from(command).spawn().during("running", &program)
    }

    async fn until_ready(
        &self,
        server: &mut Server,
        deadline: Instant,
        say: &mut impl FnMut(&str),
    ) -> std::result::Result<(), Failed> {
        let mut said = String::new();
        loop {
            if server.has_ended()? {
                return Err(self.why_it_ended(server));
            }
            match server.door.probe(&self.cluster, PATIENCE).await {
                Answer::Ready => return Ok(()),
                Answer::Wrong(why) => return Err(Failed::Final(EmbeddedError::Server(why))),
                Answer::NotYet(why) if Instant::now() >= deadline => return Err(self.too_late(&why).into()),
                Answer::NotYet(why) => {
                    // Recovery and shutdown take their time; "no such file" is only the moment before the socket.
                    if why.contains("system is") && why != said {
                        say(&format!("PostgreSQL: {why}"));
                        said = why;
                    }
                }
            }
            sleep(POLL).await;
        }
    }

    fn why_it_ended(&self, server: &Server) -> Failed {
        if server.child.is_none() {
            return Failed::Passing("the server that was running has ended".to_owned());
        }
        let said = self.said_by(server.pid);
        if said.contains("pre-existing shared memory block") || said.contains("lock file \"postmaster.pid\"") {
            return Failed::Passing(said);
        }
        if said.contains("Address already in use") || said.contains("could not create any TCP/IP sockets") {
            return Failed::PortTaken(server.door.port);
        }
        Failed::Final(EmbeddedError::Server(format!("PostgreSQL ended while it was starting: {said}")))
    }

    /// The end of what a server said: before its own log began, and there.
    fn said_by(&self, pid: i32) -> String {
        let first = std::fs::read(self.data_dir.start_log()).unwrap_or_default();
        let newest = std::fs::read_dir(self.cluster.join("log"))
            .into_iter()
            .flatten()
            .flatten()
            .max_by_key(|entry| entry.metadata().and_then(|meta| meta.modified()).ok());
        let log = newest.and_then(|entry| std::fs::read(entry.path()).ok()).unwrap_or_default();
        let (first, log) = (String::from_utf8_lossy(&first).into_owned(), String::from_utf8_lossy(&log).into_owned());
        let own = format!("[{pid}]");
        // The log's statements and slow queries are not about starting.
        let grave = |line: &&str| ["FATAL", "PANIC", "ERROR", "HINT", "DETAIL"].iter().any(|word| line.contains(word));
        let lines: Vec<&str> = first
            .lines()
            .filter(|line| !line.contains("logging collector") && !line.contains("Future log output"))
            .chain(log.lines().filter(|line| line.contains(&own)).filter(grave))
            .collect();
        match lines.len() {
            0 => format!("it said nothing; see {}", self.data_dir.start_log().display()),
            count => lines[count.saturating_sub(SAID_LINES)..].join("; "),
        }
    }

    fn too_late(&self, why: &str) -> EmbeddedError {
        EmbeddedError::Timeout(format!(
            "PostgreSQL in {} was not ready after {} s: {why}. Its log is in {}",
            self.data_dir.root().display(),
            self.config.start_timeout.as_secs(),
            self.cluster.join("log").display()
        ))
    }

    /// Whether `pid` still is this cluster's server.
    fn serves(&self, pid: i32) -> bool {
        postmaster::is_server_of(pid, &self.cluster)
    }

    /// Waits until the server is no more and says how it went.
    pub(crate) async fn ended(&self, server: &mut Server) -> String {
        match &mut server.child {
            Some(child) => match child.wait().await {
                Ok(status) => format!("PostgreSQL ended with {status}"),
                Err(error) => format!("PostgreSQL was lost: {error}"),
            },
            None => {
                while self.serves(server.pid) {
                    sleep(POLL * 4).await;
                }
                "PostgreSQL ended".to_owned()
            }
        }
    }

    /// Stops the server: clients are cut off and their transactions rolled back; if that takes longer than
    /// `stop_timeout`, at once, and the next start recovers.
    pub(crate) async fn stop(&self, server: &mut Server) -> Result<()> {
        for signal in [Signal::SIGINT, Signal::SIGQUIT] {
            postmaster::signal(server.pid, signal);
            // One that was suspended would never hear of it.
            postmaster::signal(server.pid, Signal::SIGCONT);
            if timeout(self.config.stop_timeout, self.ended(server)).await.is_ok() {
                if !self.socket_folder.starts_with(self.data_dir.root()) {
                    // Empty now, and made anew by the next start; one that somebody put something into stays.
                    let _ = std::fs::remove_dir(&self.socket_folder);
                }
                return Ok(());
            }
        }
        Err(EmbeddedError::Timeout(format!("PostgreSQL (process {}) does not stop", server.pid)))
    }
}

impl Server {
    fn has_ended(&mut self) -> Result<bool> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait().during("waiting for", Path::new("postgres"))?.is_some()),
            None => Ok(!postmaster::is_alive(self.pid)),
        }
    }
}
