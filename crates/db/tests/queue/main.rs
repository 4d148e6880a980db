//! The queue on a real database: what it promises, and that it does what the model in `plimsoll_core::queue` says.

mod concurrency;
mod enqueue;
mod leases;
mod legacy;
mod model;
mod order;
mod scene;
mod trigger;
mod why;
