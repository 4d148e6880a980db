//! Who belongs to an org, and as what.

pub(super) mod invite;
pub(super) mod list;
pub(super) mod remove;
pub(super) mod update;
