//! What machines speak with the server: runners, streams, function endpoints and webhooks, on a real database.

mod app;
mod artifacts;
mod functions;
mod runners;
mod sse;
mod streams;
mod webhooks;
