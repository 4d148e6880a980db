//! `GET /api/ops/events/stream`: `event: builds` with everything recent, then `event: build` for each change.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use plimsoll_db::Db;
use tokio::time::Interval;
use uuid::Uuid;

use super::hub::{Listener, News};
use crate::error::ApiError;
use crate::live_caller::LiveCaller;
use crate::sse;
use crate::state::AppState;

/// State changes of every build the caller may see, as server-sent events.
#[utoipa::path(
    get, path = "/api/ops/events/stream", tag = "events",
    responses(
        (status = 200, description = "Event `builds` with the recent builds of your orgs, then `build` for each change", content_type = "text/event-stream"),
        (status = 401, description = "Not signed in", body = crate::ErrorBody),
    )
)]
pub(crate) async fn stream_events(State(state): State<AppState>, caller: LiveCaller) -> Result<Response, ApiError> {
    let orgs: HashSet<Uuid> = state.db.visible_orgs(caller.actor()).await?.into_iter().collect();
    let listener = state.events.listen(orgs);
    let feed = Feed { db: state.db, caller, listener, pulse: sse::pulse(state.config.stream_pulse) };
    let events = stream::unfold(feed, |mut feed| async move { Some((feed.next().await?, feed)) });
    Ok(sse::response(stream::iter([sse::PREAMBLE]).chain(events)))
}

struct Feed {
    db: Db,
    caller: LiveCaller,
    listener: Listener,
    pulse: Interval,
}

impl Feed {
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            news = self.listener.next() => Some(render(&news?)),
            _ = self.pulse.tick() => {
                self.check_access().await.then_some(sse::KEEP_ALIVE)
            }
        }
    }

    /// Whether the stream may go on. A member who was removed stops hearing of the org; one who was added starts to.
    async fn check_access(&mut self) -> bool {
        if !self.caller.is_good().await {
            return false;
        }
        match self.db.visible_orgs(self.caller.actor()).await {
            Ok(orgs) => self.listener.set_orgs(orgs.into_iter().collect()),
            Err(error) => tracing::warn!(%error, "could not check a listener's access, trying again"),
        }
        true
    }
}

fn render(news: &News) -> Bytes {
    match news {
        News::One(build) => sse::event("build", &**build),
        News::All(builds) => {
            let builds: Vec<&plimsoll_db::watch::BuildState> = builds.iter().map(|build| &**build).collect();
            sse::event("builds", &serde_json::json!({ "builds": builds }))
        }
    }
}
