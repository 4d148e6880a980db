//! `/rest/v1` against PostgREST 14's documented behaviour, over raw HTTP on the real server and a real database.
//!
//! Cases are written as text, so that they read like the exchange they describe: see [`script`]. Every test has a
//! database of its own with `fixture.sql` and `functions.sql` in it; cases of one test run in their order.

#![allow(unreachable_pub)] // Nothing outside a test binary reaches in; what its modules share is simply `pub`.

mod concurrency;
mod cors;
mod errors;
mod harbour;
mod headers;
mod injection;
mod isolation;
mod limits;
mod negotiation;
mod profiles;
mod reload;
mod root;
mod rpc;
mod script;
mod tables;
mod tokens;
