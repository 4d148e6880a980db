//! One command a file.

pub(crate) mod builds;
pub(crate) mod cancel;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod migrate;
pub(crate) mod prove;
pub(crate) mod runner;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod signin_link;
pub(crate) mod status;
pub(crate) mod trigger;
pub(crate) mod up;
