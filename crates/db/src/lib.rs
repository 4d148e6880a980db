//! The only crate that speaks SQL.
//!
//! Every call is one statement and one round trip, without named prepared statements or session state, so it works
//! through a transaction pooler. A call for a person runs in a transaction with `set local role authenticated` and that
//! person's claims; row level security then decides what it sees.

pub mod actor;
pub mod advisories;
pub mod audit;
pub mod builds;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod find;
pub mod isolation;
pub mod logs;
pub mod migrate;
pub mod pool;
pub mod projects;
pub mod queue;
pub mod registry;
pub mod rest;
pub mod runners;
pub mod samples;
pub mod watch;
pub mod webhooks;

pub use actor::{Actor, Scope};
pub use error::DbError;
pub use pool::Db;

pub type Result<T> = std::result::Result<T, DbError>;
