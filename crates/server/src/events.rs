//! Build state changes, live, for what a caller may see.

mod hub;
mod stream;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

pub use hub::EventHub;
pub(crate) use stream::__path_stream_events;

/// Goes on for as long as the client does: no limit on its time.
pub(crate) fn streams() -> Router<AppState> {
    Router::new().route("/api/ops/events/stream", get(stream::stream_events))
}
