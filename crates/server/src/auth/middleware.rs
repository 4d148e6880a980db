//! Runs before every handler: rate limits, credentials, cross-site requests, and where a browser must sign in first.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use plimsoll_db::{Actor, Scope};

use crate::auth::csrf;
use crate::auth::identify::{Carried, Credential, SessionHash};
use crate::auth::jwt::Fault;
use crate::auth::rate_limit::{Key, network};
use crate::auth_v1;
use crate::error::ApiError;
use crate::state::AppState;
use crate::surface::Surface;
use crate::tokens;

/// Where the request came from, as far as we believe it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// Paths that answer without signing in, or check credentials of their own.
const OPEN_PREFIXES: &[&str] =
    &["/api/", "/assets/", "/auth/", "/docs/", "/functions/", "/rest/", "/runner/", "/webhooks/"];
const OPEN_PATHS: &[&str] =
    &["/signin", "/signout", "/healthz", "/readyz", "/openapi.json", "/docs", "/favicon.ico", "/robots.txt"];

pub(crate) async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let surface = Surface::of(request.uri().path());
    if let Some(answer) = surface.preflight(&request) {
        return answer;
    }
    let address = client_address(&state, &request);
    match admit(&state, request.method(), request.uri().path(), request.headers(), address).await {
        Ok((actor, session)) => {
            if actor == Actor::Anonymous && surface == Surface::Ours && !is_open(request.uri().path()) {
                return sign_in_first(&request);
            }
            request.extensions_mut().insert(ClientAddress(address));
            request.extensions_mut().insert(actor);
            if let Some(session) = session {
                request.extensions_mut().insert(session);
            }
            let mut response = next.run(request).await;
            if response.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
            }
            response
        }
        Err(error) => {
            let challenge = (error.status() == StatusCode::UNAUTHORIZED).then(|| challenge(error.fault.as_deref()));
            let mut response = error.into_response();
            if let Some(challenge) = challenge {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

/// RFC 6750 §3: says why a token that was sent is not good.
fn challenge(fault: Option<&Fault>) -> HeaderValue {
    let described = fault.map(|fault| {
        let text: String =
            fault.message.chars().filter(|c| c.is_ascii() && !c.is_control() && !"\"\\".contains(*c)).collect();
        format!("Bearer error=\"invalid_token\", error_description=\"{text}\"")
    });
    described.and_then(|text| HeaderValue::try_from(text).ok()).unwrap_or(HeaderValue::from_static("Bearer"))
}

async fn admit(
    state: &AppState,
    method: &Method,
    uri_path: &str,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<(Actor, Option<SessionHash>), ApiError> {
    let now = Instant::now();
    let rates = &state.config.rates;
    let take = |key, rate| state.limits.take(key, rate, now).map_err(ApiError::too_many_requests);
    let surface = Surface::of(uri_path);
    let carried = match carried(state, surface, method, uri_path, headers) {
        Ok(carried) => carried,
        Err(error) => {
            take(Key::Refused(network(address)), rates.refused)?;
            return Err(error);
        }
    };
    // Whoever makes such tokens up has as many buckets as requests, so they count where something asks whether they are good.
    if let (Credential::RunnerProtocol(token), true) = (&carried.caller, uri_path.starts_with("/runner/")) {
        take(Key::Hash(tokens::hash(token)), rates.per_runner)?;
    } else {
        take(Key::Address(network(address)), rates.per_address)?;
    }
    let unsafe_method = !csrf::is_safe(method);
    let by_cookie = matches!(carried.caller, Credential::Session(_));
    // Without a cookie only signing in can be made to happen by another site.
    if unsafe_method && (by_cookie || uri_path == "/signin") {
        csrf::check(&state.config, headers, by_cookie)?;
    }
    let (actor, session) = match carried.prove(state).await {
        Ok(proved) => proved,
        Err(error) if error.status() == StatusCode::UNAUTHORIZED => {
            take(Key::Refused(network(address)), rates.refused)?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    if let Actor::Token { token_id, org_id, .. } = &actor {
        take(Key::Token(*token_id), rates.per_token)?;
        take(Key::Org(*org_id), rates.per_org)?;
    }
    if surface == Surface::Rest {
        may_read(&actor)?;
    }
    Ok((actor, session))
}

/// The database would show such a token nothing, and its owner would look for the reason elsewhere.
fn may_read(actor: &Actor) -> Result<(), ApiError> {
    let Actor::Token { scopes, .. } = actor else { return Ok(()) };
    let reads = [Scope::Read, Scope::Build, Scope::Admin].map(Scope::as_str);
    if scopes.iter().any(|scope| reads.contains(&scope.as_str())) {
        return Ok(());
    }
    let (needed, has) = (reads.join(", "), scopes.join(", "));
    Err(ApiError::forbidden(format!("this API token must have one of the scopes {needed} to read; it has {has}")))
}

/// A preflight carries none; and whoever signs in may still send bearers that are over, as Supabase's clients do.
fn carried(
    state: &AppState,
    surface: Surface,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Carried, ApiError> {
    match surface {
        Surface::Rest | Surface::Functions if method == Method::OPTIONS => Ok(Carried::none(surface)),
        Surface::Auth if !auth_v1::WITH_CREDENTIALS.contains(&path) => Carried::key_alone(surface, headers),
        Surface::Absent => Ok(Carried::none(surface)),
        Surface::Ours | Surface::Rest | Surface::Functions | Surface::Auth => Carried::of(state, surface, headers),
    }
}

fn client_address(state: &AppState, request: &Request) -> IpAddr {
    if state.config.trust_proxy {
        // The last entry is the one our own proxy wrote.
        let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
        let last = forwarded.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
        if let Some(address) = last.and_then(|text| text.trim().parse().ok()) {
            return address;
        }
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip())
}

fn is_open(path: &str) -> bool {
    OPEN_PATHS.contains(&path) || OPEN_PREFIXES.iter().any(|prefix| path.starts_with(prefix))
}

/// A browser that opens a page goes to sign in and comes back; anything else is told so.
fn sign_in_first(request: &Request) -> Response {
    let opens_page = matches!(*request.method(), Method::GET | Method::HEAD) && accepts_html(request.headers());
    if !opens_page {
        let mut response =
            ApiError::unauthorized("sign in at /signin, or send an API token as `Authorization: Bearer plim_api_…`")
                .into_response();
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let target = if wanted == "/" {
        "/signin".to_owned()
    } else {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
        format!("/signin?{query}")
    };
    let location = HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/signin"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().any(|value| value.to_str().is_ok_and(|accept| accept.contains("text/html")))
}
