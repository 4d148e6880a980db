//! A private cluster, from the caller's side.

use std::fs::File;

use tokio::sync::{mpsc, oneshot, watch};

use crate::account::Account;
use crate::data_dir::DataDir;
use crate::error::During;
use crate::probe::Door;
use crate::server::Plan;
use crate::supervise::{self, State, Stop};
use crate::{Binaries, EmbeddedConfig, EmbeddedError, Result, Version, create, databases, postmaster};

/// A running cluster. Its server is watched, and started again when it dies, as long as the value lives; dropping the
/// value leaves the server running, for the next start to adopt.
#[derive(Debug)]
pub struct Cluster {
    door: Door,
    password: String,
    version: Version,
    state: watch::Receiver<State>,
    orders: mpsc::Sender<Stop>,
    /// Held as long as this process manages the cluster.
    _lock: File,
}

impl Cluster {
    /// Brings the cluster in `config.data_dir` up, whatever state it was left in, and answers once it accepts
    /// connections and holds the application's database. `progress` is told each step, in words for people.
    ///
    /// # Errors
    /// Every error says what to do. After [`EmbeddedError::Timeout`] the server may still be recovering; it is left to it, and
    /// the next start adopts it.
    pub async fn start(config: EmbeddedConfig, mut progress: impl FnMut(&str)) -> Result<Self> {
        let account = Account::choose(config.run_as.as_deref())?;
        let data_dir = DataDir::open(&config.data_dir, &account)?;
        let lock = data_dir.lock()?;
        let existing = data_dir.major()?;
        let binaries = Binaries::find(&config, existing)?;
        let binaries = account.reachable(binaries, data_dir.root())?;
        let superuser_password = superuser_password(&data_dir, existing.is_some())?;
        if existing.is_none() {
            progress(&format!(
                "creating a database cluster in {} with PostgreSQL {} from {}",
                data_dir.root().display(),
                binaries.version,
                binaries.folder.display()
            ));
            create::cluster(&config, &data_dir, &binaries, &account, &superuser_password).await?;
        }
        let cluster = data_dir.cluster().canonicalize().during("finding", &data_dir.cluster())?;
        let socket_folder = data_dir.socket_folder(&account)?;
        let password = data_dir.password("password")?;
        let plan = Plan { config, data_dir, cluster, binaries, account, socket_folder, superuser_password };

        let mut server = plan.bring_up(None, &mut progress).await?;
        let door = server.door.clone();
        if let Err(error) = databases::ensure(&door, door.port, &password).await {
            plan.stop(&mut server).await?;
            return Err(error);
        }
        let version = plan.binaries.version.clone();
        let (state_sender, state) = watch::channel(State::Running { pid: server.pid, restarts: 0 });
        let (orders, orders_receiver) = mpsc::channel(1);
        tokio::spawn(supervise::run(plan, server, state_sender, orders_receiver));
        Ok(Self { door, password, version, state, orders, _lock: lock })
    }

    /// URL of the application's database for its login role, over loopback; holds the password.
    pub fn url(&self) -> String {
        format!("postgresql://plimsoll:{}@127.0.0.1:{}/plimsoll", percent(&self.password), self.door.port)
    }

    /// [`Cluster::url`] over the Unix socket.
    pub fn socket_url(&self) -> String {
        let folder = percent(&self.door.socket_folder.display().to_string());
        format!("postgresql://plimsoll:{}@{folder}:{}/plimsoll", percent(&self.password), self.door.port)
    }

    /// URL of the server's `postgres` database for the superuser, over loopback; holds the password.
    pub fn superuser_url(&self) -> String {
        format!(
            "postgresql://postgres:{}@127.0.0.1:{}/postgres",
            percent(&self.door.superuser_password),
            self.door.port
        )
    }

    pub const fn version(&self) -> &Version {
        &self.version
    }

    pub const fn port(&self) -> u16 {
        self.door.port
    }

    /// How the server is, now and at every change.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Stops the server. Clients are cut off.
    ///
    /// # Errors
    /// [`EmbeddedError::Timeout`] when it does not end.
    pub async fn stop(self) -> Result<()> {
        let (answer, stopped) = oneshot::channel();
        let unsupervised = || EmbeddedError::Server("nothing watches over PostgreSQL any more".to_owned());
        self.orders.send(answer).await.map_err(|_| unsupervised())?;
        stopped.await.map_err(|_| unsupervised())?
    }

    /// Stops a server that an earlier process left running, without starting one. True when there was one.
    pub async fn stop_left(config: EmbeddedConfig) -> Result<bool> {
        if !config.data_dir.join("cluster/PG_VERSION").exists() {
            return Ok(false);
        }
        let running = {
            let cluster = config.data_dir.join("cluster").canonicalize().during("finding", &config.data_dir)?;
            postmaster::look(&cluster)? != postmaster::Found::Nothing
        };
        if running {
            Self::start(config, |_| {}).await?.stop().await?;
        }
        Ok(running)
    }
}

/// A password made anew would not open a cluster that has another.
fn superuser_password(data_dir: &DataDir, cluster_exists: bool) -> Result<String> {
    const FILE: &str = "superuser.password";
    let path = data_dir.root().join(FILE);
    if cluster_exists && !path.exists() {
        return Err(EmbeddedError::Server(format!(
            "{} is missing, without which the cluster beside it cannot be opened: restore the file, or write a new password \
             into it and set the same for the role postgres (with `postgres --single`)",
            path.display()
        )));
    }
    data_dir.password(FILE)
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
