//! A server that speaks the runner protocol out of memory and misbehaves on command.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{post, put};
use plimsoll_core::log::{Chunk, Kind, Mark};
use plimsoll_core::protocol::{
    Appended, Claim, Commit, Finish, HeartbeatAnswer, Outcome, Refusal, Register, Registered, Step, Steps, Stored,
    TestReport,
};
use plimsoll_core::status::FailureReason;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

/// Longest any test waits for something that should happen.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const REGISTRATION_TOKEN: &str = "plim_api_registration";

/// A build as the server has come to know it.
#[derive(Debug, Clone)]
pub(crate) struct Build {
    pub(crate) claim: Claim,
    pub(crate) lines: Vec<(Kind, String)>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) steps: Vec<Step>,
    pub(crate) commit: Option<Commit>,
    pub(crate) tests: Option<TestReport>,
    /// Bytes by name.
    pub(crate) artifacts: BTreeMap<String, Vec<u8>>,
    pub(crate) finish: Option<Finish>,
    /// Answered to the next heartbeat.
    pub(crate) cancel: Option<FailureReason>,
    /// The lease has gone to another: everything is refused.
    pub(crate) stale: bool,
    pub(crate) lease_ends: Option<Instant>,
    /// Writes that came although they could not be accepted.
    pub(crate) refused: usize,
    pub(crate) chunks: usize,
}

impl Build {
    fn next_line(&self) -> i64 {
        self.claim.next_line + self.lines.len() as i64
    }

    /// All lines, one a line.
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|(_, text)| format!("{text}\n")).collect()
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.finish.as_ref().expect("not finished").outcome
    }

    /// The reason and message of a failure.
    pub(crate) fn failure(&self) -> (FailureReason, &str) {
        match self.outcome() {
            Outcome::Failed { reason, message } | Outcome::Cancelled { reason, message } => (*reason, message),
            other => panic!("{other:?}\n{}", self.text()),
        }
    }

    pub(crate) fn assert_success(&self) {
        assert_eq!(self.outcome(), &Outcome::Success, "{}", self.text());
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Every call answers 503.
    pub(crate) down: bool,
    /// Writes of attempts that came while it was down.
    pub(crate) turned_away: usize,
    /// Appends answer 503.
    pub(crate) no_logs: bool,
    /// Every second append takes effect, but its answer is cut off.
    pub(crate) lost_answers: bool,
    /// The next append is refused with the line the server stands at.
    pub(crate) gap_once: bool,
    /// Heartbeats are never answered.
    pub(crate) deaf: bool,
    pub(crate) appends: usize,
    /// The server's own idea of how long a log may be, in bytes.
    pub(crate) log_limit_bytes: Option<usize>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) queue: VecDeque<Claim>,
    /// Claims that wait for an answer, also for runners that are gone until their connection is seen closed.
    pub(crate) open_claims: usize,
    pub(crate) builds: HashMap<Uuid, Build>,
    pub(crate) faults: Faults,
    pub(crate) registrations: Vec<Register>,
    pub(crate) runner_tokens: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Server {
    inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { inner: Arc::default(), changed: watch::Sender::new(0), address: listener.local_addr().unwrap() };
        let attempt = Router::new()
            .route("/heartbeat", post(heartbeat))
            .route("/commit", post(commit))
            .route("/steps", put(steps))
            .route("/logs", post(logs))
            .route("/artifacts", put(artifacts))
            .route("/tests", post(tests))
            .route("/finish", post(finish))
            .layer(axum::extract::DefaultBodyLimit::max(64 << 20));
        let router = Router::new()
            .route("/runner/v1/register", post(register))
            .route("/runner/v1/claim", post(claim))
            .nest("/runner/v1/attempts/{build_id}", attempt)
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    pub(crate) fn url(&self) -> url::Url {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let done = change(&mut self.lock());
        self.changed.send_modify(|version| *version += 1);
        done
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn build(&self, build_id: Uuid) -> Build {
        self.lock().builds[&build_id].clone()
    }

    /// Waits until `seen` answers something.
    pub(crate) async fn until<T>(&self, what: &str, seen: impl Fn(&Inner) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        let waiting = async {
            loop {
                if let Some(found) = seen(&self.lock()) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| {
            let logs: Vec<String> = self.lock().builds.values().map(Build::text).collect();
            panic!("never seen: {what}\n{}", logs.join("----\n"))
        })
    }

    pub(crate) async fn finished(&self, build_id: Uuid) -> Build {
        let done = |inner: &Inner| inner.builds.get(&build_id).filter(|build| build.finish.is_some()).cloned();
        self.until("the end of the build", done).await
    }

    /// Waits until a step has written the line `text`; the announcement of its command is none.
    pub(crate) async fn said(&self, build_id: Uuid, text: &str) {
        let said =
            |inner: &Inner| inner.builds.get(&build_id)?.lines.iter().any(|(_, line)| line == text).then_some(());
        self.until(&format!("line {text:?}"), said).await;
    }
}

fn refusal(status: StatusCode, code: &str, next_line: Option<i64>) -> Response {
    let body = Refusal { error: format!("refused: {code}"), code: code.to_owned(), next_line };
    (status, Json(body)).into_response()
}

fn bearer(headers: &HeaderMap) -> &str {
    headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap()
}

async fn register(State(server): State<Server>, headers: HeaderMap, Json(body): Json<Register>) -> Response {
    server.change(|inner| {
        if inner.faults.down {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable", None);
        }
        if bearer(&headers) != REGISTRATION_TOKEN {
            return refusal(StatusCode::UNAUTHORIZED, "unauthorized", None);
        }
        let runner_token = format!("plim_run_{}", Uuid::new_v4());
        inner.registrations.push(body);
        inner.runner_tokens.push(runner_token.clone());
        Json(Registered { runner_id: Uuid::new_v4(), runner_token }).into_response()
    })
}

/// Counts a claim as open until it is answered or its connection is gone.
struct OpenClaim(Server);

impl OpenClaim {
    fn new(server: Server) -> Self {
        server.change(|inner| inner.open_claims += 1);
        Self(server)
    }
}

impl Drop for OpenClaim {
    fn drop(&mut self) {
        self.0.change(|inner| inner.open_claims -= 1);
    }
}

async fn claim(State(server): State<Server>, headers: HeaderMap) -> Response {
    let _open = OpenClaim::new(server.clone());
    let take = |inner: &mut Inner| {
        let claim = inner.queue.pop_front()?;
        let build = Build {
            claim: claim.clone(),
            lines: Vec::new(),
            marks: Vec::new(),
            steps: Vec::new(),
            commit: None,
            tests: None,
            artifacts: BTreeMap::new(),
            finish: None,
            cancel: None,
            stale: false,
            lease_ends: Some(Instant::now() + Duration::from_secs(claim.lease_seconds)),
            refused: 0,
            chunks: 0,
        };
        inner.builds.insert(claim.build_id, build);
        Some(claim)
    };
    let mut changes = server.changed.subscribe();
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        changes.borrow_and_update();
        {
            let mut inner = server.lock();
            if inner.faults.down {
                return refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable", None);
            }
            if !inner.runner_tokens.iter().any(|token| token == bearer(&headers)) {
                return refusal(StatusCode::UNAUTHORIZED, "unauthorized", None);
            }
            if let Some(claim) = take(&mut inner) {
                return Json(claim).into_response();
            }
        }
        if tokio::time::timeout_at(deadline, changes.changed()).await.is_err() {
            return StatusCode::NO_CONTENT.into_response();
        }
    }
}

/// Applies a write of an attempt, if the attempt may write.
fn write(
    server: &Server,
    build_id: Uuid,
    headers: &HeaderMap,
    apply: impl FnOnce(&mut Build, &mut Faults) -> Response,
) -> Response {
    server.change(|inner| {
        let Inner { builds, faults, .. } = inner;
        if faults.down {
            faults.turned_away += 1;
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable", None);
        }
        let build = builds.get_mut(&build_id).expect("a write to an unknown build");
        assert_eq!(bearer(headers), build.claim.attempt_token);
        let ended = build.lease_ends.is_some_and(|end| Instant::now() > end);
        if build.stale || ended || build.finish.is_some() {
            build.refused += 1;
            return refusal(StatusCode::CONFLICT, "stale_token", None);
        }
        apply(build, faults)
    })
}

async fn heartbeat(State(server): State<Server>, Path(id): Path<Uuid>, headers: HeaderMap) -> Response {
    if server.lock().faults.deaf {
        std::future::pending::<()>().await;
    }
    write(&server, id, &headers, |build, _| {
        let lease = Duration::from_secs(build.claim.lease_seconds);
        build.lease_ends = Some(Instant::now() + lease);
        let lease_remaining_ms = i64::try_from(lease.as_millis()).unwrap();
        Json(HeartbeatAnswer { lease_remaining_ms, cancel: build.cancel, next_line: build.next_line() }).into_response()
    })
}

async fn commit(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(commit): Json<Commit>,
) -> Response {
    write(&server, id, &headers, |build, _| {
        build.commit = Some(commit);
        StatusCode::NO_CONTENT.into_response()
    })
}

async fn steps(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(steps): Json<Steps>,
) -> Response {
    write(&server, id, &headers, |build, _| {
        build.steps = steps.steps;
        StatusCode::NO_CONTENT.into_response()
    })
}

async fn logs(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(chunk): Json<Chunk>,
) -> Response {
    write(&server, id, &headers, |build, faults| {
        chunk.check().expect("a chunk the database would refuse");
        if faults.no_logs {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable", None);
        }
        if faults.log_limit_bytes.is_some_and(|limit| build.text().len() + chunk.body.len() > limit) {
            return refusal(StatusCode::CONFLICT, "log_limit", None);
        }
        if std::mem::take(&mut faults.gap_once) {
            return refusal(StatusCode::CONFLICT, "line_gap", Some(build.next_line()));
        }
        if chunk.next_line() > build.next_line() {
            if chunk.first_line != build.next_line() {
                return refusal(StatusCode::CONFLICT, "line_gap", Some(build.next_line()));
            }
            let lines = chunk.body.split('\n').map(str::to_owned);
            build.lines.extend(chunk.kind.iter().copied().zip(lines));
            build.marks.extend(chunk.marks);
            build.chunks += 1;
        }
        faults.appends += 1;
        if faults.lost_answers && faults.appends % 2 == 1 {
            let cut = futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut off"))]);
            return Body::from_stream(cut).into_response();
        }
        Json(Appended { next_line: build.next_line() }).into_response()
    })
}

async fn artifacts(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    write(&server, id, &headers, |build, _| {
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        assert_eq!(hex::encode(digest), query["sha256"]);
        build.artifacts.insert(query["name"].clone(), bytes.to_vec());
        Json(Stored { artifact_id: Uuid::new_v4() }).into_response()
    })
}

async fn tests(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(report): Json<TestReport>,
) -> Response {
    write(&server, id, &headers, |build, _| {
        build.tests = Some(report);
        StatusCode::NO_CONTENT.into_response()
    })
}

async fn finish(
    State(server): State<Server>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(finish): Json<Finish>,
) -> Response {
    write(&server, id, &headers, |build, _| {
        if finish.next_line != build.next_line() {
            return refusal(StatusCode::CONFLICT, "line_gap", Some(build.next_line()));
        }
        build.finish = Some(finish);
        StatusCode::NO_CONTENT.into_response()
    })
}
