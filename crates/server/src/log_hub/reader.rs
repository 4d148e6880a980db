//! The one task that reads a watched build's new lines from the database.

use std::sync::{Arc, Weak};
use std::time::Duration;

use plimsoll_db::Db;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Batch, Head, POLL_INTERVAL, Watched};

/// Chunks taken in one look; a look that comes back full is followed by another at once.
const CHUNKS_PER_LOOK: i32 = 8;
/// Between looks while the database does not answer.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Reads until the build's log has ended, the last subscriber has left, or the server stops.
pub(super) async fn run(db: Db, shutdown: CancellationToken, build: Weak<Watched>, wake: Arc<Notify>) {
    loop {
        let pause = {
            // Held only while looking, so that the last subscriber's leaving is seen.
            let Some(build) = build.upgrade() else { return };
            match look(&db, &build).await {
                Ok(Look::Ended) => return,
                Ok(Look::More) => continue,
                Ok(Look::Nothing) => POLL_INTERVAL,
                Err(error) => {
                    tracing::warn!(build.id = %build.build_id, %error, "could not read a watched build, trying again");
                    RETRY_INTERVAL
                }
            }
        };
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

enum Look {
    More,
    Nothing,
    Ended,
}

/// One look: the state first, the lines after it, so that a finished build's lines are all stored when they are read.
async fn look(db: &Db, build: &Watched) -> plimsoll_db::Result<Look> {
    let seen: Head = build.head.borrow().clone();
    let Some((state, stored_next_line)) = db.build_state(build.build_id).await? else {
        build.head.send_modify(|head| head.ended = true);
        return Ok(Look::Ended);
    };
    // Subscribers fetch what was stored before the first look for themselves.
    let mut next_line = if seen.state.is_none() { stored_next_line } else { seen.next_line };
    let mut full = false;
    if stored_next_line > next_line {
        let chunks = db.log_chunks_as_server(build.build_id, next_line, CHUNKS_PER_LOOK).await?;
        full = chunks.len() >= CHUNKS_PER_LOOK as usize;
        for chunk in chunks {
            if let Some(batch) = Batch::from_chunk(chunk, next_line) {
                next_line = batch.next_line();
                build.ring().push(Arc::new(batch));
            }
        }
    }
    let ended = state.is_finished() && next_line >= stored_next_line;
    let changed_state = seen.state.as_deref() != Some(&state);
    if changed_state || next_line != seen.next_line || ended {
        build.head.send_modify(|head| {
            if changed_state {
                head.state = Some(Arc::new(state));
            }
            head.next_line = next_line;
            head.ended = ended;
        });
    }
    Ok(match (ended, full) {
        (true, _) => Look::Ended,
        (false, true) => Look::More,
        (false, false) => Look::Nothing,
    })
}
