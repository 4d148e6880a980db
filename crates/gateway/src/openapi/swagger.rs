//! Swagger 2.0, as PostgREST writes it.

use plimsoll_db::rest::catalogue::{Function, Relation, Volatility};
use serde_json::{Map, Value, json};

use super::schema;
use crate::resolve::Scope;

pub(super) fn describe(scope: Scope<'_>) -> Value {
    json!({"swagger": "2.0", "schema": scope.schema, "x": schema::of_type("text")})
}
