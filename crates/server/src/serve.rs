//! Listening, and stopping without cutting anybody off.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::first_line::Mending;

/// Serves `router` on `listener` until `shutdown` is cancelled, then lets running requests end, for at most `grace`.
///
/// Streams and long polls watch [`crate::AppState::shutdown`] and end by themselves: give it the same token.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    // A live log line must not wait for the next one to fill a packet.
    let listener = Mending(listener).tap_io(|connection| {
        let _ = connection.stream().set_nodelay(true);
    });
    let stop = shutdown.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await });
    let cut_off = async {
        shutdown.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        ended = server.into_future() => ended,
        () = cut_off => {
            tracing::warn!("server.grace_seconds" = grace.as_secs(), "stopped with requests still running after {} s", grace.as_secs());
            Ok(())
        }
    }
}

/// Binds `address`, saying which one when it is taken.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}
