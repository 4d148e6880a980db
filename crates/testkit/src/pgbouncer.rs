//! A real PgBouncer in transaction mode in front of a test's database.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::Config;
use tokio_postgres::config::Host;

const START_DEADLINE: Duration = Duration::from_secs(20);

/// Ends with the value.
pub struct PgBouncer {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// Starts one with two server connections, so that a client seldom meets the same one twice.
    pub async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, 2).await
    }

    /// Starts one with `server_connections`, each transaction on the one that rested longest.
    pub async fn start_with(database_url: &str, server_connections: u32) -> Self {
        let to: Config = database_url.parse().expect("a database URL");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, ini(&to, port, server_connections)).expect("write pgbouncer.ini");
        let mut command = Command::new("pgbouncer");
        command.env("PATH", format!("/usr/sbin:/opt/homebrew/bin:{}", std::env::var("PATH").unwrap_or_default()));
        if runs_as_root() {
            // It refuses to run as root, and must read its file as the user it becomes.
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("own folder");
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbouncer is installed (script/test does that)");
        let name = to.get_dbname().expect("a database name");
        let pooler = Self { child, url: format!("postgres://pooled@127.0.0.1:{port}/{name}"), _folder: folder };
        pooler.wait_until_it_answers().await;
        pooler
    }

    /// The same database, through the pooler.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn wait_until_it_answers(&self) {
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            match tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await {
                Ok(_) => return,
                Err(error) => assert!(Instant::now() < deadline, "pgbouncer does not answer: {error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It holds nothing that has to be saved.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The owner of a file we just made tells who we are.
fn runs_as_root() -> bool {
    tempfile::tempfile().and_then(|file| file.metadata()).is_ok_and(|meta| meta.uid() == 0)
}

fn ini(to: &Config, port: u16, server_connections: u32) -> String {
    let host = match to.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "127.0.0.1".to_owned(),
    };
    let password = to.get_password().map(|p| format!(" password={}", String::from_utf8_lossy(p))).unwrap_or_default();
    format!(
        "[databases]\n{name} = host={host} port={to_port} dbname={name} user={user}{password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = transaction\n\
         default_pool_size = {server_connections}\nmax_client_conn = 200\nserver_round_robin = 1\nunix_socket_dir =\nignore_startup_parameters = extra_float_digits\n",
        name = to.get_dbname().expect("a database name"),
        to_port = to.get_ports().first().copied().unwrap_or(5432),
        user = to.get_user().expect("a user"),
    )
}
