//! Ids, states, the runner protocol, and the decisions of Plimsoll as pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number: time and chance are arguments.

pub mod build_file;
pub mod github;
pub mod junit;
pub mod lease;
pub mod lines;
mod local_path;
pub mod log;
pub mod mask;
pub mod protocol;
pub mod queue;
pub mod recipe;
pub mod repo_url;
pub mod retry;
pub mod status;

pub use local_path::local_path;
