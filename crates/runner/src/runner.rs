//! The runner's main loop: claim while there are free slots, run each build in its own task.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::protocol::{Claim, Register};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{Api, CallError};
use crate::attempt;
use crate::config::RunnerConfig;
use crate::error::{At as _, Error, Result};
use crate::git;
use crate::heartbeat::Granted;
use crate::host::Host;
use crate::identity::Identity;
use crate::retrying::Backoff;
use crate::sandbox::Sandbox;
use crate::workdir::{WorkDir, create_unlisted};

/// How long one claim waits on the server. Well within a lease, which counts from the claim's sending.
const CLAIM_WAIT: Duration = Duration::from_secs(10);

/// Executes builds until told to stop.
#[derive(Debug)]
pub struct Runner;

impl Runner {
    /// Claims and runs builds until `shutdown`, then waits for running ones for `drain_seconds`, gives back the rest,
    /// and returns when nothing it started is running any more. A server that cannot be reached is waited for.
    ///
    /// # Errors
    /// When the runner cannot work at all: no git, no sandbox where one is demanded, a work directory that is in use or
    /// cannot be written, credentials that the server refuses.
    pub async fn run(config: RunnerConfig, shutdown: CancellationToken) -> Result<()> {
        if config.slots == 0 {
            return Err(Error::NoSlots);
        }
        let api = Api::new(&config.server_url)?;
        let git_version = git::version().await?;
        let sandbox = Sandbox::probe(config.sandbox).await?;
        tracing::info!(sandbox.level = %sandbox.level(), "sandbox: {} ({})", sandbox.level(), sandbox.why());
        let work_dir = WorkDir::take(&config.work_dir).await?;
        create_unlisted(&config.cache_dir)?;
        let cache_dir = config.cache_dir.canonicalize().at("cannot find", &config.cache_dir)?;
        let registration = Register {
            name: config.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            host: nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default(),
            slots: config.slots,
            sandbox_level: sandbox.level(),
        };
        let identity = Identity::load(&work_dir.path, &config, registration);
        let host = Arc::new(Host {
            api,
            sandbox,
            git_version,
            attempts: work_dir.attempts(),
            work_dir: work_dir.path.clone(),
            cache_dir,
            own: std::env::vars_os().collect(),
            shutdown: shutdown.clone(),
            config,
        });
        let mut attempts = JoinSet::new();
        let claimed = claim_builds(&host, identity, &mut attempts).await;
        // Also when claiming failed for good, what runs comes to its end.
        while attempts.join_next().await.is_some() {}
        drop(work_dir);
        claimed
    }
}

async fn claim_builds(host: &Arc<Host>, mut identity: Identity, attempts: &mut JoinSet<()>) -> Result<()> {
    let slots = Arc::new(Semaphore::new(host.config.slots as usize));
    let mut backoff = Backoff::new();
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot.expect("the semaphore is never closed"),
            () = host.shutdown.cancelled() => return Ok(()),
        };
        while attempts.try_join_next().is_some() {}
        let Some(token) = identity.token(&host.api, &host.shutdown).await? else { return Ok(()) };
        let free_slots = u32::try_from(slots.available_permits()).unwrap_or(u32::MAX).saturating_add(1);
        let sent = Instant::now();
        let answer = tokio::select! {
            answer = host.api.claim(&token, free_slots, CLAIM_WAIT) => answer,
            () = host.shutdown.cancelled() => return Ok(()),
        };
        let wait = match answer {
            Ok(Some(claim)) => {
                backoff.reset();
                let granted = granted(&claim, sent);
                tracing::info!(
                    build.id = %claim.build_id,
                    build.attempt = claim.attempt,
                    "claimed build {} of {}",
                    claim.build_number,
                    claim.project_slug
                );
                let host = Arc::clone(host);
                attempts.spawn(async move {
                    attempt::run(host, token, claim, granted).await;
                    drop(slot);
                });
                continue;
            }
            Ok(None) => {
                backoff.reset();
                continue;
            }
            Err(CallError::Unauthorized(message)) => {
                tracing::warn!("the server refuses the runner token ({message}); registering again");
                identity.forget();
                backoff.next(None)
            }
            Err(CallError::Unreachable { message, retry_after }) => {
                tracing::warn!("cannot claim from {} now: {message}", host.config.server_url);
                backoff.next(retry_after)
            }
            Err(error) => {
                tracing::error!(error = %error, "the server refuses to hand out builds: {error}");
                backoff.next(Some(Duration::from_secs(5)))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = host.shutdown.cancelled() => return Ok(()),
        }
    }
}

fn granted(claim: &Claim, sent: Instant) -> Granted {
    Granted {
        sent,
        answered: Instant::now(),
        lease: Duration::from_secs(claim.lease_seconds),
        heartbeat: Duration::from_secs(claim.heartbeat_seconds),
    }
}
