//! The runner against a server made for tests, real repositories and real processes.

mod bad_input;
mod builds;
mod checkout;
mod processes;
mod resilience;
mod rig;
mod sandbox;
mod server;
