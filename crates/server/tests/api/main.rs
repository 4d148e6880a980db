//! The console's API and everything that every request passes, on a real database. The modules mirror the paths.

mod absent;
mod apikey;
mod app;
mod auth_v1;
mod bearers;
mod credentials;
mod docs;
mod every_request;
mod healthz;
mod ops;
mod pages;
mod readyz;
mod rest_v1;
mod serve;
mod signin;
mod signout;
mod sweep;
