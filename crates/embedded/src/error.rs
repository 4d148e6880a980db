//! Why there is no database, in words that say what to do.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No usable programs anywhere.
    #[error("{0}")]
    NoBinaries(String),
    /// The data directory was made by another major version than the programs at hand.
    #[error("{0}")]
    OtherMajor(String),
    /// Another process manages this data directory.
    #[error("{} is in use by process {holder}: stop that one first, or choose another data directory", data_dir.display())]
    Locked { data_dir: PathBuf, holder: String },
    /// The user that PostgreSQL is to run as does not exist or cannot get at the data directory.
    #[error("{0}")]
    Account(String),
    #[error("{what} {}: {cause}", path.display())]
    Io { what: &'static str, path: PathBuf, cause: std::io::Error },
    /// initdb or the server failed; carries the end of what it said.
    #[error("{0}")]
    Server(String),
    /// The server did not get ready, or did not stop, within the time allowed.
    #[error("{0}")]
    Timeout(String),
    #[error("{0}")]
    Port(String),
    #[error("{what}: {cause}")]
    Sql { what: &'static str, cause: String },
}

impl EmbeddedError {
    pub(crate) fn sql(what: &'static str, error: &tokio_postgres::Error) -> Self {
        Self::Sql { what, cause: crate::probe::words(error) }
    }
}

/// Says what was being done to which path.
pub(crate) trait During<T> {
    fn during(self, what: &'static str, path: &std::path::Path) -> crate::Result<T>;
}

impl<T> During<T> for std::io::Result<T> {
    fn during(self, what: &'static str, path: &std::path::Path) -> crate::Result<T> {
        self.map_err(|cause| EmbeddedError::Io { what, path: path.to_owned(), cause })
    }
}
