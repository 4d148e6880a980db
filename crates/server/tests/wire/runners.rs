mod append;
pub mod artifact;
mod attempt;
mod claim;
mod finish;
mod register;
mod reports;
