//! What the layers around every handler may answer, said once and not beside each.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, openapi};

/// Status, name among the components, meaning.
const BAD_REQUEST: (&str, &str, &str) =
    ("400", "BadRequest", "The request is wrong; the message says what would be right.");
const UNAUTHORIZED: (&str, &str, &str) =
    ("401", "Unauthorized", "No credential, or one that is not good: unknown, over or revoked.");
const FORBIDDEN: (&str, &str, &str) =
    ("403", "Forbidden", "The caller's role does not allow it, or a cookie was sent from another site's page.");
const TOO_LARGE: (&str, &str, &str) = ("413", "TooLarge", "The body is over this endpoint's limit.");
const TOO_MANY_REQUESTS: (&str, &str, &str) =
    ("429", "TooManyRequests", "Too many requests of this caller or address; see Retry-After.");
const UNAVAILABLE: (&str, &str, &str) =
    ("503", "Unavailable", "The database cannot be reached, or it took too long; see Retry-After.");

/// Adds them to every operation that does not say something of its own for the status.
pub(super) struct AnyRequest;

impl Modify for AnyRequest {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (_, name, meaning) in [BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, TOO_LARGE, TOO_MANY_REQUESTS, UNAVAILABLE] {
            components.responses.insert(name.to_owned(), RefOr::T(error(meaning)));
        }
        for (changes, operation) in document.paths.paths.values_mut().flat_map(operations) {
            let reads_body = operation.request_body.is_some();
            let reads_anything = reads_body || operation.parameters.as_ref().is_some_and(|list| !list.is_empty());
            let mut add = |applies: bool, (status, name, _): (&str, &str, &str)| {
                let reference = || RefOr::Ref(Ref::from_response_name(name));
                if applies {
                    operation.responses.responses.entry(status.to_owned()).or_insert_with(reference);
                }
            };
            add(reads_anything, BAD_REQUEST);
            add(true, UNAUTHORIZED);
            add(changes, FORBIDDEN);
            add(reads_body, TOO_LARGE);
            add(true, TOO_MANY_REQUESTS);
            add(true, UNAVAILABLE);
        }
    }
}

fn error(meaning: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    ResponseBuilder::new().description(meaning).content("application/json", body).build()
}

/// Each, and whether it is by a method that changes things.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let PathItem { get, head, put, post, delete, patch, .. } = item;
    let reading = [get, head].into_iter().flatten().map(|operation| (false, operation));
    reading.chain([put, post, delete, patch].into_iter().flatten().map(|operation| (true, operation)))
}
