//! `/api/ops/…`

mod advisories;
mod branches;
mod builds;
mod keys;
mod me;
mod orgs;
mod password;
mod projects;
