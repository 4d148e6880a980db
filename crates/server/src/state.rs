//! What every handler can reach.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use object_store::ObjectStore;
use plimsoll_core::protocol::LEASE_SECONDS;
use plimsoll_core::repo_url::UrlPolicy;
use plimsoll_db::registry::ServerKey;
use plimsoll_db::{Db, DbError};
use tokio::sync::{Notify, OnceCell};
use tokio_util::sync::CancellationToken;

use crate::auth::passwords::Passwords;
use crate::auth::rate_limit::{Rate, RateLimiter};
use crate::auth::verifier::Verifier;
use crate::error::ApiError;
use crate::events::EventHub;
use crate::keyring::{KeyKind, Keyring};
use crate::keys::Keys;
use crate::log_hub::LogHub;

/// Shared by all requests; cloning it is cheap.
#[derive(Clone)]
pub struct AppState {
    pub db: Db,
    pub keys: Arc<Keys>,
    pub artifacts: Arc<dyn ObjectStore>,
    pub logs: LogHub,
    pub events: EventHub,
    pub wake: Wake,
    pub config: Arc<ServerConfig>,
    /// Cancelled when the server stops: streams end and long polls answer at once.
    pub shutdown: CancellationToken,
    pub(crate) limits: Arc<RateLimiter>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) describe_gateway: Option<DescribeGateway>,
    pub(crate) verifier: Arc<Verifier>,
    /// Whether people sign in here and not with Supabase: asked once.
    pub(crate) auth_is_ours: Arc<OnceCell<bool>>,
}

impl AppState {
    /// Cancel `shutdown` to stop: see [`crate::serve::serve`].
    pub fn new(
        db: Db,
        keys: Keys,
        artifacts: Arc<dyn ObjectStore>,
        config: ServerConfig,
        shutdown: CancellationToken,
    ) -> Self {
        let keys = Arc::new(keys);
        let keyring = Arc::new(Keyring::new(db.clone(), keys.clone()));
        Self {
            verifier: Arc::new(Verifier::new(keys.clone(), keyring.clone())),
            keyring,
            describe_gateway: None,
            auth_is_ours: Arc::default(),
            logs: LogHub::new(db.clone(), shutdown.clone()),
            events: EventHub::new(db.clone(), shutdown.clone()),
            db,
            keys,
            artifacts,
            wake: Wake::default(),
            config: Arc::new(config),
            shutdown,
            limits: Arc::new(RateLimiter::default()),
            passwords: Arc::new(Passwords::default()),
        }
    }

    /// Makes the installation's keys where there are none yet, so that they are there before anybody needs one.
    pub async fn prepare_keys(&self) -> Result<(), ApiError> {
        self.keyring.keys().await.map(drop)
    }
}

/// `paths` and `components` of what the gateway serves below `/rest/v1`, as OpenAPI 3.1 has them.
pub type DescribeGateway = Arc<dyn Fn() -> BoxFuture<'static, Result<serde_json::Value, DbError>> + Send + Sync>;

impl AppState {
    /// Lets `/openapi.json` describe the gateway too.
    #[must_use]
    pub fn describing_gateway(mut self, describe: DescribeGateway) -> Self {
        self.describe_gateway = Some(describe);
        self
    }

    /// The key that clients carry before anybody signed in; `None` where it cannot be read just now.
    pub async fn publishable_key(&self) -> Option<String> {
        let keys = self.keyring.keys().await.ok()?;
        let in_use = |row: &&ServerKey| row.kind == KeyKind::Publishable.as_str() && row.superseded_at.is_none();
        self.keyring.open(keys.rows.iter().find(in_use)?)
    }
}

/// Signals to background work in this process. Each is a hint: the work also runs on a timer, so a lost one costs
/// time and nothing else.
#[derive(Clone, Default)]
pub struct Wake {
    /// A build was queued or a slot became free.
    pub queue: Arc<Notify>,
    /// A project's branches should be read.
    pub sync: Arc<Notify>,
    /// A webhook delivery was stored.
    pub webhooks: Arc<Notify>,
}

impl Wake {
    /// Wakes everything that waits for the queue, and whatever waits next: claims come and go, and one that is just
    /// between two waits must hear of it too.
    pub fn queue_changed(&self) {
        self.queue.notify_waiters();
        self.queue.notify_one();
    }
}

/// How the server is run. The defaults suit one machine on loopback.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where people reach it, such as `https://builds.example.com`, without a trailing slash. With https, cookies are
    /// `__Host-` and Secure.
    pub public_url: Option<String>,
    /// Believe `X-Forwarded-For` and `X-Forwarded-Proto`: only behind a proxy that sets them itself.
    pub trust_proxy: bool,
    /// Largest request body where an endpoint says nothing else.
    pub body_limit_bytes: usize,
    /// Longest a request may take to be answered, streams and uploads aside.
    pub request_timeout: Duration,
    /// Which repository addresses projects may have.
    pub repositories: UrlPolicy,
    /// How long a runner may be silent before its build goes to another, in seconds; it renews every sixth of it.
    pub lease_seconds: u32,
    /// How often a live stream shows a sign of life and checks that its caller may still see what it shows.
    pub stream_pulse: Duration,
    /// Most bytes of log a build may write before it is failed with `log_limit`.
    pub max_log_bytes: i64,
    /// Most bytes one artifact may have.
    pub max_artifact_bytes: u64,
    pub session_lifetime: Duration,
    /// How long an invitation's link stays good.
    pub invite_lifetime: Duration,
    pub rates: Rates,
}

/// Requests allowed, each kind by its own key.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub per_address: Rate,
    pub per_token: Rate,
    pub per_org: Rate,
    /// One runner's claims, or one attempt's writes: a build that writes 300,000 lines a second in chunks of 500 is well
    /// inside it.
    pub per_runner: Rate,
    /// Tries to sign in that failed, by address and by account.
    pub sign_in: Rate,
    /// All tries to sign in, by address: each costs a password's hash.
    pub sign_ins: Rate,
    /// Requests with credentials that are not good, by address.
    pub refused: Rate,
}

impl Rates {
    /// `per_second` requests from one address, by one token and for one org, and twice as many at once.
    pub fn of_requests(per_second: f64) -> Self {
        let requests = Rate { burst: per_second * 2.0, per_second };
        Self {
            per_address: requests,
            per_token: requests,
            per_org: requests,
            per_runner: Rate { burst: 4_000.0, per_second: 2_000.0 },
            sign_in: Rate { burst: 10.0, per_second: 0.1 },
            sign_ins: Rate { burst: 60.0, per_second: 1.0 },
            refused: Rate { burst: 60.0, per_second: 1.0 },
        }
    }
}

impl Default for Rates {
    /// More than a program that means well sends: the pool, and each caller's share of it, are what bounds the work.
    fn default() -> Self {
        Self::of_requests(10_000.0)
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            trust_proxy: false,
            body_limit_bytes: 1024 * 1024,
            request_timeout: Duration::from_secs(60),
            repositories: UrlPolicy::default(),
            lease_seconds: LEASE_SECONDS as u32,
            stream_pulse: Duration::from_secs(15),
            max_log_bytes: 2 << 30,
            max_artifact_bytes: 2 << 30,
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
            invite_lifetime: Duration::from_secs(7 * 24 * 3600),
            rates: Rates::default(),
        }
    }
}
