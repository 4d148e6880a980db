//! What machines speak with the server: runners, streams, function endpoints and webhooks, on a real database.

#![allow(unreachable_pub)] // Nothing outside a test binary reaches in; what its modules share is simply `pub`.

mod app;
mod artifacts;
mod functions;
mod runners;
mod sse;
mod streams;
mod webhooks;
