//! Extractors whose refusals are [`ApiError`]s.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use plimsoll_db::Actor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Somebody who proved who they are: 401 for anybody else. What they may do is the database's to say.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Actor>() {
            Some(actor) if !actor.is_anonymous() => Ok(Self(actor.clone())),
            _ => Err(ApiError::unauthorized("sign in, or send an API token as `Authorization: Bearer plim_api_…`")),
        }
    }
}

/// A JSON body, whatever its content type says. Also an answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Body::from_request(request, state).await?.0;
        // Where no field is wanted, nothing says as much as {}.
        if body.is_empty() {
            return serde_json::from_str("{}").map(Self).map_err(|_| body_required());
        }
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| ApiError::bad_request(format!("the body is not the JSON we expect: {error}")))
    }
}

/// What is answered instead of a parser's complaint about the end of nothing.
pub(crate) fn body_required() -> ApiError {
    ApiError::bad_request("a JSON body is required")
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body as bytes, within the route's limit (413 beyond it).
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is over this endpoint's limit")
                    .with_code("too_large")
            } else {
                ApiError::bad_request("the body could not be read to its end")
            }
        })
    }
}

/// Ids in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(rejection) => Err(ApiError::bad_request(format!("the path is wrong: {}", rejection.body_text()))),
        }
    }
}

/// Arguments after the question mark.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(query) => Ok(Self(query.0)),
            Err(rejection) => Err(ApiError::bad_request(format!("the query is wrong: {}", rejection.body_text()))),
        }
    }
}
