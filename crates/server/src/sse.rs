//! Server-sent events: the answer's headers, and what every stream does beside its own events.
//!
//! Format: WHATWG HTML, "Server-sent events". Every `stream_pulse` of the configuration a stream sends a comment, so that proxies keep it open and
//! a dead peer is noticed, and checks again that its caller may still see what it shows.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::Stream;
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Asks the client to come back a second after a break.
pub(crate) const PREAMBLE: Bytes = Bytes::from_static(b"retry: 1000\n\n");
pub(crate) const KEEP_ALIVE: Bytes = Bytes::from_static(b": \n\n");

/// An event without an id: it does not move the place a client resumes from.
pub(crate) fn event(name: &str, data: &impl Serialize) -> Bytes {
    let mut out = format!("event: {name}\ndata: ").into_bytes();
    serde_json::to_writer(&mut out, data).expect("our events are plain structs, and a Vec takes any number of bytes");
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// The number of the last event a client saw, where it says so.
pub(crate) fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

/// Ticks every `period`, the first time after one period.
pub(crate) fn pulse(period: Duration) -> Interval {
    let mut pulse = interval_at(Instant::now() + period, period);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pulse
}

pub(crate) fn response(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    stream_response(events, HeaderValue::from_static("text/event-stream"))
}

/// An answer that is sent piece by piece, as the client takes it, and held back by no proxy.
pub(crate) fn stream_response(
    pieces: impl Stream<Item = Bytes> + Send + 'static,
    content_type: HeaderValue,
) -> Response {
    let body = Body::from_stream(futures::StreamExt::map(pieces, Ok::<_, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}
