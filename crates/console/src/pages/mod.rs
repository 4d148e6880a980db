//! One page a file: its view model, its template, and its handler.

pub mod audit;
pub mod branches;
pub mod build;
pub mod builds;
pub(crate) mod find;
pub mod keys;
pub mod new_project;
pub mod no_org;
pub mod password;
pub mod projects;
pub mod runners;
pub mod settings;
pub mod sign_in;
