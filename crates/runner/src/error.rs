//! Why a runner cannot go on. What goes wrong inside one build is that build's outcome, not one of these.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} is in use by another runner: give this one its own work directory", .0.display())]
    WorkDirInUse(PathBuf),
    #[error("{what} {}: {source}", path.display())]
    Io { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the server refused the {what} ({message}): {hint}")]
    Refused { what: &'static str, message: String, hint: &'static str },
    #[error("bubblewrap is required by configuration but does not work here: {0}")]
    NoSandbox(String),
    #[error("the runner needs git 2.38 or later: {0}")]
    NoGit(String),
    #[error("a runner needs at least one slot")]
    NoSlots,
    #[error("cannot set up HTTP: {0}")]
    Http(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names the path an I/O error happened on.
pub(crate) trait At<T> {
    fn at(self, what: &'static str, path: &std::path::Path) -> Result<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, what: &'static str, path: &std::path::Path) -> Result<T> {
        self.map_err(|source| Error::Io { what, path: path.to_owned(), source })
    }
}
