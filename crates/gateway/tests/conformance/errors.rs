mod bodies;
mod jwt;
mod sqlstates;
