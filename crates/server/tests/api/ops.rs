//! `/api/ops/…`

mod advisories;
mod branches;
mod builds;
mod me;
mod orgs;
mod password;
mod projects;
