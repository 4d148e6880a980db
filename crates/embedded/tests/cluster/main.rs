//! Clusters brought up from every state that they can be left in, with real servers and real signals.
//!
//! `PLIMSOLL_POSTGRES_BINARIES` names the programs; without it, those found first.

mod lifecycle;
mod other_process;
mod place;
mod refusals;
mod survival;
