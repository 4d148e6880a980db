//! An org's projects.

pub(super) mod create;
pub(super) mod list;
