//! The server as a runner sees it: one function a call of the protocol, and what each refusal means.

use std::time::Duration;

use bytes::Bytes;
use plimsoll_core::protocol::{
    Appended, Claim, ClaimRequest, Commit, Finish, Heartbeat, HeartbeatAnswer, Refusal, Register, Registered, Steps,
    Stored, TestReport,
};
use plimsoll_core::status::ArtifactType;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;
use uuid::Uuid;

use crate::error::{Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For calls that write a row or two.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Silence of the server that ends an upload.
const READ_TIMEOUT: Duration = Duration::from_secs(120);

/// Why a call did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The lease is over or another's: nothing of this attempt will be accepted any more.
    #[error("the lease is over or has gone to another runner")]
    Stale,
    #[error("{0}")]
    Unauthorized(String),
    /// The server has fewer or more lines than the chunk assumed.
    #[error("the server's next line is {0}")]
    LineGap(i64),
    #[error("{message}")]
    LogLimit { message: String, next_line: Option<i64> },
    /// Worth trying again: no connection, server error, asked to slow down.
    #[error("{message}")]
    Unreachable { message: String, retry_after: Option<Duration> },
    /// The server will never accept this.
    #[error("{message}")]
    Rejected { status: u16, message: String },
}

impl CallError {
    fn unreachable(error: &reqwest::Error) -> Self {
        // reqwest's own text stops at "error sending request"; the cause is what helps.
        let mut message = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::Unreachable { message, retry_after: None }
    }
}

/// Client for one server.
#[derive(Clone)]
pub(crate) struct Api {
    client: reqwest::Client,
    base: Url,
}

impl Api {
    pub(crate) fn new(server_url: &Url) -> Result<Self> {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("plimsoll-runner/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true);
        if is_loopback(server_url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| Error::Http(error.to_string()))?;
        let mut base = server_url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self { client, base })
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let url = self.base.join(path).expect("protocol paths are valid relative URLs");
        self.client.request(method, url).bearer_auth(token)
    }

    pub(crate) async fn register(&self, token: &str, body: &Register) -> Result<Registered, CallError> {
        let request = self.request(Method::POST, "runner/v1/register", token);
        answer(request.timeout(CALL_TIMEOUT).json(body)).await
    }

    /// A build, or `None` when nothing came up within `wait`.
    pub(crate) async fn claim(&self, token: &str, free_slots: u32, wait: Duration) -> Result<Option<Claim>, CallError> {
        let request = self
            .request(Method::POST, &format!("runner/v1/claim?wait_seconds={}", wait.as_secs()), token)
            .timeout(wait + CONNECT_TIMEOUT * 2)
            .json(&ClaimRequest { free_slots });
        let response = send(request).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        json(response).await.map(Some)
    }

    pub(crate) fn attempt(&self, claim: &Claim) -> AttemptApi {
        AttemptApi { api: self.clone(), build_id: claim.build_id, token: claim.attempt_token.clone() }
    }
}

/// The calls that need an attempt token.
#[derive(Clone)]
pub(crate) struct AttemptApi {
    api: Api,
    build_id: Uuid,
    token: String,
}

/// An artifact's bytes and what the server is told about them.
pub(crate) struct Upload<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: ArtifactType,
    pub(crate) sha256: &'a str,
    pub(crate) mime_type: &'a str,
    pub(crate) size_bytes: u64,
}

impl AttemptApi {
    fn request(&self, method: Method, call: &str) -> RequestBuilder {
        self.api.request(method, &format!("runner/v1/attempts/{}/{call}", self.build_id), &self.token)
    }

    pub(crate) async fn heartbeat(&self, timeout: Duration) -> Result<HeartbeatAnswer, CallError> {
        answer(self.request(Method::POST, "heartbeat").timeout(timeout).json(&Heartbeat {})).await
    }

    pub(crate) async fn commit(&self, commit: &Commit) -> Result<(), CallError> {
        send(self.request(Method::POST, "commit").timeout(CALL_TIMEOUT).json(commit)).await.map(drop)
    }

    pub(crate) async fn steps(&self, steps: &Steps) -> Result<(), CallError> {
        send(self.request(Method::PUT, "steps").timeout(CALL_TIMEOUT).json(steps)).await.map(drop)
    }

    /// `chunk` is a `Chunk` as JSON: it was written for the spool and goes out as it is.
    pub(crate) async fn append(&self, chunk: Bytes) -> Result<Appended, CallError> {
        let request = self.request(Method::POST, "logs").timeout(CALL_TIMEOUT);
        answer(request.header(reqwest::header::CONTENT_TYPE, "application/json").body(chunk)).await
    }

    /// No limit on the whole: a big artifact over a slow line takes as long as it takes, while the lease lives.
    pub(crate) async fn artifact(&self, upload: &Upload<'_>, body: reqwest::Body) -> Result<Stored, CallError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", upload.name)
            .append_pair("type", upload.kind.as_str())
            .append_pair("sha256", upload.sha256)
            .append_pair("mime_type", upload.mime_type)
            .finish();
        let request = self
            .request(Method::PUT, &format!("artifacts?{query}"))
            .header(reqwest::header::CONTENT_LENGTH, upload.size_bytes)
            .header(reqwest::header::CONTENT_TYPE, "application/octet-stream");
        answer(request.body(body)).await
    }

    pub(crate) async fn tests(&self, report: &TestReport) -> Result<(), CallError> {
        send(self.request(Method::POST, "tests").timeout(CALL_TIMEOUT).json(report)).await.map(drop)
    }

    pub(crate) async fn finish(&self, finish: &Finish) -> Result<(), CallError> {
        send(self.request(Method::POST, "finish").timeout(CALL_TIMEOUT).json(finish)).await.map(drop)
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, CallError> {
    json(send(request).await?).await
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    // An answer that is cut short is a lost connection, whatever it was an answer to: every call can be repeated.
    let bytes = response.bytes().await.map_err(|error| CallError::unreachable(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| CallError::Unreachable {
        message: format!("the server's answer is not what the protocol says: {error}"),
        retry_after: None,
    })
}

async fn send(request: RequestBuilder) -> Result<Response, CallError> {
    let response = request.send().await.map_err(|error| CallError::unreachable(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let body = response.bytes().await.unwrap_or_default();
    let refusal: Option<Refusal> = serde_json::from_slice(&body).ok();
    Err(refused(status, refusal, retry_after))
}

fn refused(status: StatusCode, refusal: Option<Refusal>, retry_after: Option<Duration>) -> CallError {
    let (code, message, next_line) = match refusal {
        Some(refusal) => (refusal.code, refusal.error, refusal.next_line),
        None => (String::new(), format!("the server answered {status}"), None),
    };
    match (status, code.as_str(), next_line) {
        (_, "stale_token", _) => CallError::Stale,
        (_, "line_gap", Some(next_line)) => CallError::LineGap(next_line),
        (_, "log_limit", next_line) => CallError::LogLimit { message, next_line },
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, ..) => CallError::Unauthorized(message),
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, ..) => {
            CallError::Unreachable { message, retry_after }
        }
        (status, ..) if status.is_server_error() => CallError::Unreachable { message, retry_after },
        (status, ..) => CallError::Rejected { status: status.as_u16(), message },
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
