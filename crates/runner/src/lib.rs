//! Claims builds over HTTP and executes them.
//!
//! A runner knows the wire protocol and nothing of the database. One build is one *attempt* (`attempt.rs`): a heartbeat
//! that keeps the lease, a journal that numbers lines and spools them to disk, an uploader, and the steps, whose
//! processes carry a mark by which all of them can be found and killed (`spawn.rs`, `family.rs`).
//!
//! What always holds: no process of an attempt outlives it; nothing is written after the lease may have ended; no line
//! is sent under two numbers; what leaves the runner is masked.

mod api;
mod artifacts;
mod attempt;
mod checkout;
mod collect;
mod config;
mod environment;
mod error;
mod execute;
mod family;
mod git;
mod heartbeat;
mod host;
mod identity;
mod journal;
mod keep;
mod minder;
mod output;
mod plan;
mod progress;
mod reports;
mod retrying;
mod runner;
mod sandbox;
mod spawn;
mod spool;
mod steps;
mod stop;
mod upload;
mod workdir;

pub use config::{Credentials, RunnerConfig, SandboxChoice};
pub use error::{Error, Result};
pub use runner::Runner;
