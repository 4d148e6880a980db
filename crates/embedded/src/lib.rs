//! Finds PostgreSQL and runs a private cluster of it.
//!
//! [`Cluster::start`] brings the cluster of a data directory up, whatever state it was left in: it is made when it is not
//! there, adopted when its server still runs, recovered when server or machine went down. The server then is watched
//! and started again when it dies. It listens on loopback and on a Unix socket that only its own user can reach, and
//! every connection needs a password.
//!
//! The data directory holds:
//!
//! | | |
//! |---|---|
//! | `cluster/` | PostgreSQL's own data |
//! | `lock` | held by the one process that manages the cluster |
//! | `port` | the loopback port, kept from start to start |
//! | `password`, `superuser.password` | of the roles `plimsoll` and `postgres`; mode 0600 |
//! | `run/` | the Unix socket, where the path is short enough for one |
//! | `start.log` | what the server said before its own log in `cluster/log/` began |
//! | `binaries/` | a copy of the server's programs, where its user cannot read the originals |

mod account;
mod binaries;
mod cluster;
mod config;
mod create;
mod data_dir;
mod databases;
mod error;
mod memory;
mod postmaster;
mod probe;
mod server;
mod settings;
mod supervise;

pub use account::can_be_reached;
pub use binaries::{Binaries, Version, tool_folders};
pub use cluster::Cluster;
pub use config::{Durability, EmbeddedConfig};
pub use error::EmbeddedError;
pub use supervise::State;

pub type Result<T> = std::result::Result<T, EmbeddedError>;

/// The oldest major version of PostgreSQL that Plimsoll runs on.
pub const OLDEST_MAJOR: u32 = 15;
