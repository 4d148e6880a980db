//! What the Supabase-compatible gateway asks of the database: a description of what is exposed, and statements that are
//! built from a typed [`plan`] and run in one transaction with the caller's role and claims.
//!
//! The gateway crate reads HTTP into a plan and never sees SQL; this module renders plans and never sees HTTP.

pub mod catalogue;
pub mod columns;
mod load;
pub mod plan;
mod render;
mod rows;
mod run;
mod transaction;

pub use catalogue::Catalogue;
pub use plan::{Action, Statement};
pub use run::{Outcome, RestError, Session};
