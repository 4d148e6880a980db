//! From a request to its reply.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use plimsoll_db::rest::{Catalogue, Session};
use plimsoll_db::{Actor, Db};

use crate::GatewayConfig;
use crate::cache::CatalogueCache;
use crate::cors;
use crate::database_error;
use crate::error::ApiError;
use crate::media::accepts_description;
use crate::request::{Request, Target, Verb};
use crate::resolve::{self, ReplyKind, Scope};
use crate::respond;
use crate::shares::Shares;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) db: Db,
    pub(crate) config: GatewayConfig,
    pub(crate) cache: CatalogueCache,
    pub(crate) shares: Shares,
}

pub(crate) async fn handle(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = if cors::is_preflight(&parts.method, &parts.headers) {
        cors::preflight(&parts.headers)
    } else {
        shared.answer(&parts, body).await.unwrap_or_else(IntoResponse::into_response)
    };
    cors::allow_any_origin(response.headers_mut());
    response
}

impl Shared {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response, ApiError> {
        let mut catalogue = self.catalogue().await?;
        let mut request = Request::read(parts, &catalogue, &self.config.schemas)?;
        if request.verb.has_body() {
            request.body = read_body(body, self.config.body_limit_bytes).await?;
        }
        let actor = parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
        let mut may_look_again = true;
        loop {
            let error = match self.attempt(&catalogue, &request, &actor).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            if !(may_look_again && error.may_be_stale()) {
                return Err(error);
            }
            catalogue = self.cache.newer(&catalogue).await.ok_or(error)?;
            may_look_again = false;
        }
    }

    pub(crate) async fn catalogue(&self) -> Result<Arc<Catalogue>, ApiError> {
        self.cache.get().await.map_err(|error| {
            ApiError::unavailable("PGRST002", "Could not query the database for the schema cache. Retrying.")
                .cause(error.to_string())
        })
    }

    async fn attempt(&self, catalogue: &Catalogue, request: &Request, actor: &Actor) -> Result<Response, ApiError> {
        let schema = resolve::home(catalogue, &request.schema, &request.target);
        let scope = Scope { catalogue, schema, role: actor.role(), max_rows: self.config.max_rows };
        match (&request.target, request.verb) {
            (Target::Root, Verb::Options) => return Ok(respond::allow("OPTIONS,GET,HEAD")),
            (Target::Root, verb) => {
                accepts_description(&request.accepted)?;
                return Ok(crate::openapi::root(scope, verb == Verb::Read { head: true }));
            }
            (Target::Table(name), Verb::Options) => {
                let relation = scope.relation(name)?;
                return Ok(respond::allow(&resolve::allowed_methods(relation)));
            }
            (Target::Function(name), Verb::Options) => {
                return Ok(respond::allow(resolve::function::allowed(scope, name)?));
            }
            _ => {}
        }
        let planned = resolve::plan(scope, request)?;
        let session = Session {
            schema,
            method: &request.session.method,
            path: &request.session.path,
            headers: &request.session.headers,
            cookies: &request.session.cookies,
            time_zone: request.preferences.time_zone.as_deref(),
        };
        let _share = self.shares.enter(actor).await?;
        let outcome = self.db.run_rest(actor, &session, &planned.statement).await.map_err(|error| {
            let is_put = matches!(planned.reply.kind, ReplyKind::Put { .. });
            match error {
                plimsoll_db::rest::RestError::NotSingular { .. } if is_put => ApiError::put_does_not_match(),
                error => database_error::reply(error, actor),
            }
        })?;
        respond::reply(request, &planned.reply, outcome)
    }
}

/// The whole body, or 413 as soon as it is known to be too large.
async fn read_body(body: Body, limit_bytes: usize) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::body_too_large(limit_bytes);
    if usize::try_from(body.size_hint().lower()).map_or(true, |size| size > limit_bytes) {
        return Err(too_large());
    }
    let mut read = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) =
        chunks.try_next().await.map_err(|_| ApiError::invalid_body("The body ended before it was complete"))?
    {
        if read.len() + chunk.len() > limit_bytes {
            return Err(too_large());
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.into())
}
