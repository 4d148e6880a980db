//! The machines that build for an org.

pub(super) mod list;
pub(super) mod remove;
