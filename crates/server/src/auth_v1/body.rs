use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::refusal;
use crate::error::ApiError;
use crate::extract;

/// A JSON body, whatever its content type says; fields nobody asked for are passed over, as Supabase Auth does.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let extract::Body(text) = extract::Body::from_request(request, state).await.map_err(|mut error| {
            error.code = None;
            error
        })?;
        serde_json::from_slice(&text).map(Self).map_err(|error| refusal::bad_json(&error))
    }
}
