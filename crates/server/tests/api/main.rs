//! The console's API and everything that every request passes, on a real database. The modules mirror the paths.

mod app;
mod credentials;
mod docs;
mod every_request;
mod healthz;
mod ops;
mod pages;
mod readyz;
mod serve;
mod signin;
mod signout;
mod sweep;
