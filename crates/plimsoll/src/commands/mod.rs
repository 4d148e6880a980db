//! One command a file.

pub mod builds;
pub mod cancel;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod logs;
pub mod migrate;
pub mod runner;
pub mod seed;
pub mod serve;
pub mod signin_link;
pub mod status;
pub mod trigger;
pub mod up;
