//! What tests stand on: a migrated database per test, rows to begin with, git repositories.
//!
//! All tests of a machine share one server, across processes (nextest gives each test its own): the one named by
//! `PLIMSOLL_TEST_DATABASE_URL` (a superuser on a server that tests may fill), or else a private cluster under
//! `target/` that the first test starts and all later ones find running.

pub mod database;
pub mod git;
pub mod pgbouncer;
pub mod seed;
pub mod server;
pub mod supabase;

pub use database::TestDb;
