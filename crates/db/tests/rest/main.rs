//! The database side of the gateway, on real databases.

mod calls;
mod catalogue;
mod computed;
mod embeds;
mod hostile;
mod reads;
mod rows;
mod scene;
mod transactions;
mod writes;
