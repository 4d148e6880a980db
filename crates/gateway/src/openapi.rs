//! The description of what is exposed, made from the catalogue: Swagger 2.0 at the root, as PostgREST gives it, and
//! OpenAPI 3.1 for the server's own description to take in.

mod paths;
mod responses;
mod swagger;
mod types;

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use plimsoll_db::DbError;
use plimsoll_db::rest::Catalogue;
use plimsoll_db::rest::catalogue::{Function, Relation};
use serde_json::Value;

use crate::answer::Shared;
use crate::media::Media;
use crate::resolve::Scope;
use crate::respond::of_untold_length;

/// Describes the tables and functions that people may use.
#[derive(Clone)]
pub struct Description(Arc<Shared>);

impl Description {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// `paths` (beginning with `prefix`, like `/rest/v1`) and `components` of an OpenAPI 3.1 document, as the schema is
    /// now.
    ///
    /// # Errors
    /// When the database cannot be asked and never was.
    pub async fn openapi(&self, prefix: &str) -> Result<Value, DbError> {
        let catalogue = self.0.cache.get().await?;
        Ok(paths::describe(&catalogue, prefix))
    }
}

/// `GET /`: what the caller's role may use of the schema.
pub(crate) fn root(scope: Scope<'_>, head: bool) -> Response {
    let body = if head { of_untold_length() } else { Body::from(swagger::describe(scope).to_string()) };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, Media::OpenApi.content_type()),
        (HeaderName::from_static("content-profile"), scope.schema.to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The tables of `schema` that any of `roles` may use, by name.
fn relations<'a>(catalogue: &'a Catalogue, schema: &str, roles: &[&str]) -> Vec<&'a Relation> {
    let mut found: Vec<_> = catalogue
        .relations
        .values()
        .filter(|relation| relation.name.schema == schema && is_open(&relation.open_to, roles))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The functions of `schema` that any of `roles` may call, overloads together, by name.
fn functions<'a>(catalogue: &'a Catalogue, schema: &str, roles: &[&str]) -> Vec<(&'a str, Vec<&'a Function>)> {
    let mut found: Vec<_> = catalogue
        .functions
        .iter()
        .filter(|(name, _)| name.schema == schema)
        .map(|(name, overloads)| {
            let open = overloads.iter().filter(|function| is_open(&function.open_to, roles));
            (name.name.as_str(), open.collect::<Vec<_>>())
        })
        .filter(|(_, overloads)| !overloads.is_empty())
        .collect();
    found.sort_by_key(|(name, _)| *name);
    found
}

fn is_open(open_to: &[String], roles: &[&str]) -> bool {
    open_to.iter().any(|role| roles.contains(&role.as_str()))
}

/// The first line of a comment is its summary, what follows the description.
fn summary(comment: Option<&str>) -> (Option<&str>, Option<&str>) {
    let Some(comment) = comment else { return (None, None) };
    match comment.split_once('\n') {
        Some((summary, rest)) => (Some(summary), Some(rest.trim_start()).filter(|rest| !rest.is_empty())),
        None => (Some(comment), None),
    }
}

#[cfg(test)]
mod tests;
