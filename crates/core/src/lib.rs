//! Ids, states, the runner protocol, and the decisions of Plimsoll as pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number: time and chance are arguments.

pub mod log;
pub mod protocol;
pub mod status;
