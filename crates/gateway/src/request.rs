//! What a request asks for, before any name is looked up.

use axum::body::Bytes;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use plimsoll_db::rest::Catalogue;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::media::{Media, accepted};
use crate::preferences::Preferences;
use crate::query::{self, Query};
use crate::range::RowRange;

const ACCEPT_PROFILE: HeaderName = HeaderName::from_static("accept-profile");
const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Root,
    Table(String),
    Function(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// GET, or HEAD when there is to be no body.
    Read {
        head: bool,
    },
    Post,
    Patch,
    Put,
    Delete,
    Options,
}

impl Verb {
    /// Whether a body is read.
    pub(crate) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Patch | Self::Put)
    }
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) target: Target,
    pub(crate) verb: Verb,
    pub(crate) schema: String,
    pub(crate) query: Query,
    /// Of the rows of the table or function itself.
    pub(crate) range: RowRange,
    pub(crate) preferences: Preferences,
    pub(crate) accepted: Vec<Media>,
    pub(crate) sent: Media,
    pub(crate) body: Bytes,
    pub(crate) session: SessionText,
}

/// What functions can read of the request.
#[derive(Debug)]
pub(crate) struct SessionText {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) cookies: String,
}

impl Request {
    /// Reads everything but the body; the order of the checks is PostgREST's.
    pub(crate) fn read(parts: &Parts, catalogue: &Catalogue, schemas: &[String]) -> Result<Self, ApiError> {
        let target = target(parts.uri.path())?;
        let verb = verb(&parts.method, &target);
        let schema = schema(&parts.method, &parts.headers, schemas)?;
        let verb = verb?;
        let reads_arguments = matches!((&target, verb), (Target::Function(_), Verb::Read { .. } | Verb::Options));
        let query = query::parse(parts.uri.query().unwrap_or_default(), reads_arguments)?;
        let range = query.top_range().requested(&parts.method, &parts.headers)?;
        if verb == Verb::Put && range != RowRange::ALL {
            let message = "limit/offset querystring parameters are not allowed for PUT";
            return Err(ApiError::bad_request("PGRST114", message));
        }
        let preferences = Preferences::read(&parts.headers, |name| catalogue.time_zones.contains(name));
        let accept = joined(&parts.headers, &ACCEPT).unwrap_or_else(|| "*/*".into());
        let sent = joined(&parts.headers, &CONTENT_TYPE).map_or(Media::Json, |text| Media::parse(&text));
        let session = SessionText {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            headers: headers_json(&parts.headers),
            cookies: cookies_json(&parts.headers),
        };
        let (accepted, body) = (accepted(&accept), Bytes::new());
        Ok(Self { target, verb, schema, query, range, preferences, accepted, sent, body, session })
    }
}

/// `/`, `/{table}` or `/rpc/{function}`.
fn target(path: &str) -> Result<Target, ApiError> {
    let name = |raw: &str| query::decode(raw, false);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match *segments.as_slice() {
        [] | [""] => Ok(Target::Root),
        [table] => Ok(Target::Table(name(table)?)),
        ["rpc", function] if !function.is_empty() => Ok(Target::Function(name(function)?)),
        _ => Err(ApiError::invalid_path()),
    }
}

fn verb(method: &Method, target: &Target) -> Result<Verb, ApiError> {
    let verb = match method.as_str() {
        "GET" => Verb::Read { head: false },
        "HEAD" => Verb::Read { head: true },
        "POST" => Verb::Post,
        "OPTIONS" => Verb::Options,
        _ if matches!(target, Target::Function(_)) => return Err(ApiError::method_not_on_rpc(method)),
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Put,
        "DELETE" => Verb::Delete,
        _ => return Err(ApiError::unsupported_method(method)),
    };
    if *target == Target::Root && !matches!(verb, Verb::Read { .. } | Verb::Options) {
        return Err(ApiError::unsupported_method(method));
    }
    Ok(verb)
}

/// Reading names its schema by `Accept-Profile`, writing and calling by `Content-Profile`.
fn schema(method: &Method, headers: &HeaderMap, schemas: &[String]) -> Result<String, ApiError> {
    let writes = [Method::POST, Method::PATCH, Method::PUT, Method::DELETE].contains(method);
    let header = if writes { &CONTENT_PROFILE } else { &ACCEPT_PROFILE };
    match headers.get(header).map(|value| String::from_utf8_lossy(value.as_bytes())) {
        Some(named) if schemas.iter().any(|schema| *schema == named) => Ok(named.into_owned()),
        Some(named) => Err(ApiError::unknown_schema(&named, schemas)),
        None => Ok(schemas.first().cloned().unwrap_or_default()),
    }
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    if values.is_empty() { None } else { Some(values.join(", ")) }
}

fn headers_json(headers: &HeaderMap) -> String {
    let names = headers.keys().filter(|name| *name != COOKIE);
    let pairs = names.filter_map(|name| Some((name.as_str().to_owned(), joined(headers, name)?.into())));
    Value::Object(pairs.collect::<Map<_, _>>()).to_string()
}

fn cookies_json(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut pairs = Map::new();
    for line in cookies {
        for pair in line.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.insert(name.to_owned(), value.trim_matches('"').into());
        }
    }
    Value::Object(pairs).to_string()
}

#[cfg(test)]
mod tests {
    use axum::http;

    use super::*;

    fn read(method: &str, uri: &str, headers: &[(&str, &str)]) -> Result<Request, serde_json::Value> {
        let mut builder = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).expect("a request").into_parts();
        let schemas = ["ops".to_owned(), "public".to_owned()];
        Request::read(&parts, &Catalogue::default(), &schemas).map_err(|error| error.json())
    }

    #[test]
    fn paths_name_their_target() {
        for (path, expected) in [
            ("/", Target::Root),
            ("/projects", Target::Table("projects".into())),
            ("/a%20b", Target::Table("a b".into())),
            ("/rpc", Target::Table("rpc".into())),
            ("/rpc/list_projects", Target::Function("list_projects".into())),
        ] {
            assert_eq!(read("GET", path, &[]).unwrap().target, expected, "{path}");
        }
        for path in ["/a/b", "/rpc/a/b", "/rpc/", "/a/"] {
            assert_eq!(read("GET", path, &[]).unwrap_err()["code"], "PGRST125", "{path}");
        }
        for path in ["/%ff", "/%00", "/rpc/%zz"] {
            assert_eq!(read("GET", path, &[]).unwrap_err()["code"], "PGRST100", "{path}");
        }
    }

    #[test]
    fn methods_fit_their_target() {
        for (method, path, code) in [
            ("DELETE", "/rpc/f", "PGRST101"),
            ("TRACE", "/rpc/f", "PGRST101"),
            ("TRACE", "/t", "PGRST117"),
            ("POST", "/", "PGRST117"),
            ("PUT", "/t?limit=1", "PGRST114"),
            ("GET", "/t?limit=-1", "PGRST103"),
        ] {
            assert_eq!(read(method, path, &[]).unwrap_err()["code"], code, "{method} {path}");
        }
        assert_eq!(read("HEAD", "/t", &[]).unwrap().verb, Verb::Read { head: true });
    }

    #[test]
    fn the_method_decides_which_profile_counts() {
        let both = [("accept-profile", "public"), ("content-profile", "ops")];
        assert_eq!(read("GET", "/t", &both).unwrap().schema, "public");
        assert_eq!(read("POST", "/rpc/f", &both).unwrap().schema, "ops");
        assert_eq!(read("HEAD", "/t", &[("content-profile", "nowhere")]).unwrap().schema, "ops");
        assert_eq!(read("DELETE", "/t", &[("content-profile", "x")]).unwrap_err()["message"], "Invalid schema: x");
    }

    #[test]
    fn functions_can_read_headers_and_cookies() {
        let request = read("GET", "/t", &[("X-A", "1"), ("cookie", "a=1; b=\"2\""), ("cookie", "c=3")]).unwrap();
        assert_eq!(request.session.headers, r#"{"x-a":"1"}"#);
        assert_eq!(request.session.cookies, r#"{"a":"1","b":"2","c":"3"}"#);
        assert_eq!((request.session.method.as_str(), request.session.path.as_str()), ("GET", "/t"));
    }
}
