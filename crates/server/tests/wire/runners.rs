mod append;
pub mod artifact;
mod attempt;
mod claim;
mod finish;
pub mod register;
mod reports;
