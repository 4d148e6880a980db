//! The proof that no tenant sees or changes what is another's, run on the connected database.
//!
//! Two organisations of the same make are put into a transaction that is never committed. In it, everybody tries every
//! command on every object that the catalogue knows, each try undone at once, and how it ends is compared with what
//! `db/isolation/expectations.toml` states. Then the database is broken on purpose, one change at a time, to show that a
//! trial notices each: a proof that cannot fail proves nothing.

mod actors;
mod catalogue;
mod expectations;
mod functions;
mod objects;
mod proof;
mod relations;
mod report;
mod trials;

pub use proof::{Options, prove};
pub use report::{Count, Failure, Mutation, Mutations, Report};
