//! Build secrets: written and named, never read back.

pub(super) mod delete;
pub(super) mod list;
pub(super) mod put;
