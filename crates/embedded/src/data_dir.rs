//! The folder that is all of one cluster's, and the lock that keeps two managers apart.

use std::fs::{File, OpenOptions, TryLockError};
use std::hash::Hasher;
use std::io::{Read, Seek, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::During;
use crate::{EmbeddedError, Result};

/// Loopback ports are taken from here: below the ports that systems hand to outgoing connections.
const PORTS: std::ops::Range<u16> = 15_432..16_432;
/// A socket's whole path is limited to 103 bytes on macOS and 107 on Linux.
const SOCKET_PATH_MAX_BYTES: usize = 103;

#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    root: PathBuf,
}

impl DataDir {
    pub(crate) fn open(path: &Path, account: &Account) -> Result<Self> {
        std::fs::create_dir_all(path).during("creating", path)?;
        let root = path.canonicalize().during("finding", path)?;
        if account.is_other() {
            // The server's user passes through, and sees nothing that is not its own.
            std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o711)).during("opening", &root)?;
            account.require_way_to(&root)?;
        }
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    pub(crate) fn start_log(&self) -> PathBuf {
        self.root.join("start.log")
    }

    /// The major version that made the cluster; None when there is none yet.
    pub(crate) fn major(&self) -> Result<Option<u32>> {
        let path = self.cluster().join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(major) => Ok(Some(major)),
                Err(_) => Err(EmbeddedError::Server(format!("{} does not hold a version", path.display()))),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(EmbeddedError::Io { what: "reading", path, cause }),
        }
    }

    /// Takes the lock, which goes with this process however it ends. Waits for nobody.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.root.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .during("opening", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                return Err(EmbeddedError::Locked { data_dir: self.root.clone(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(cause)) => return Err(EmbeddedError::Io { what: "locking", path, cause }),
        }
        file.set_len(0).during("writing", &path)?;
        file.rewind().during("writing", &path)?;
        writeln!(file, "{}", std::process::id()).during("writing", &path)?;
        Ok(file)
    }

    /// The password kept in `file`, made if there is none.
    pub(crate) fn password(&self, file: &str) -> Result<String> {
        let path = self.root.join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(EmbeddedError::Io { what: "reading", path, cause }),
        }
        let password = random_hex()?;
        write_private(&path, &password)?;
        Ok(password)
    }

    /// The port kept from earlier starts.
    pub(crate) fn kept_port(&self) -> Option<u16> {
        std::fs::read_to_string(self.root.join("port")).ok()?.trim().parse().ok()
    }

    pub(crate) fn keep_port(&self, port: u16) -> Result<()> {
        let path = self.root.join("port");
        std::fs::write(&path, format!("{port}\n")).during("writing", &path)
    }

    /// A port nobody listens on: the kept one if it is free, else one of [`PORTS`], at a place of this folder's own so
    /// that clusters starting together rarely meet.
    pub(crate) fn free_port(&self) -> Result<u16> {
        let start = (self.hash() % PORTS.len() as u64) as usize;
        let candidates = PORTS.cycle_from(start);
        self.kept_port().into_iter().chain(candidates).find(|port| is_free(*port)).ok_or_else(|| {
            EmbeddedError::Port(format!("no port between {} and {} is free on 127.0.0.1", PORTS.start, PORTS.end - 1))
        })
    }

    /// The folder of the Unix socket: below the data directory, or in the system's temporary folder when that path is
    /// too long for a socket.
    pub(crate) fn socket_folder(&self, account: &Account) -> Result<PathBuf> {
        let name_bytes = "/.s.PGSQL.65535".len();
        let mut folder = self.root.join("run");
        if folder.as_os_str().len() + name_bytes > SOCKET_PATH_MAX_BYTES {
            folder = PathBuf::from(format!("/tmp/plimsoll-{:016x}", self.hash()));
        }
        match std::fs::symlink_metadata(&folder) {
            // Somebody else's folder there could hand us somebody else's server.
            Ok(meta) if !meta.is_dir() || ![account.uid(), nix::unistd::geteuid().as_raw()].contains(&meta.uid()) => {
                return Err(EmbeddedError::Account(format!(
                    "{} belongs to another user; remove it, or choose a shorter data directory",
                    folder.display()
                )));
            }
            _ => account.private_folder(&folder)?,
        }
        Ok(folder)
    }

    fn hash(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(self.root.as_os_str().as_encoded_bytes());
        hasher.finish()
    }
}

trait CycleFrom {
    fn cycle_from(self, start: usize) -> impl Iterator<Item = u16>;
}

impl CycleFrom for std::ops::Range<u16> {
    fn cycle_from(self, start: usize) -> impl Iterator<Item = u16> {
        self.clone().skip(start).chain(self.take(start))
    }
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .during("creating", &unfinished)?;
    writeln!(file, "{text}").during("writing", &unfinished)?;
    file.sync_all().during("writing", &unfinished)?;
    std::fs::rename(&unfinished, path).during("moving into place", path)
}

/// 192 bits from the system's generator.
fn random_hex() -> Result<String> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 24];
    File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).during("reading", source)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
