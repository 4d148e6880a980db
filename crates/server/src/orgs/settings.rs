//! What an org has set.

pub(super) mod limit;
pub(super) mod webhook_secret;
