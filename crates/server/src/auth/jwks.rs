//! Keys that somebody else publishes: whose tokens an operator wants believed.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::redirect;
use url::{Host, Url};

use crate::auth::jwk::{VerifyingKey, parse_set};

/// A token names a key we do not have: how long after one look the next may come. Anybody can make up such tokens.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// A key that was taken out of the set is believed no longer than this.
const MAX_AGE: Duration = Duration::from_secs(600);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Real sets have some kilobytes.
const MAX_BYTES: usize = 256 * 1024;

/// Where the keys stand.
#[derive(Clone)]
pub(crate) enum Source {
    Inline(Vec<VerifyingKey>),
    File(PathBuf),
    Url(Url),
}

impl Source {
    /// A JWKS document, an `https` URL (`http` on loopback), or a file's path. A document and a file are read at once, so
    /// that a mistake is noticed at the start.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with('{') {
            return usable(parse_set(text.as_bytes())?).map(Self::Inline);
        }
        if let Some((scheme, _)) = text.split_once("://") {
            let url = Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err("the URL of a JWKS has no user and password: what it answers is public".to_owned());
            }
            let loopback = match url.host() {
                Some(Host::Ipv4(ip)) => ip.is_loopback(),
                Some(Host::Ipv6(ip)) => ip.is_loopback(),
                Some(Host::Domain(name)) => name == "localhost",
                None => false,
            };
            return match scheme {
                "https" => Ok(Self::Url(url)),
                "http" if loopback => Ok(Self::Url(url)),
                _ => Err(format!("{text}: the URL of a JWKS begins with https://")),
            };
        }
        let path = PathBuf::from(text);
        read_file(&path)?;
        Ok(Self::File(path))
    }
}

/// The keys of one [`Source`], kept for as long as they are good.
pub(crate) struct Jwks {
    source: Option<Source>,
    look_again: Duration,
    max_age: Duration,
    keys: RwLock<Arc<Vec<VerifyingKey>>>,
    /// Grows with every set that was read.
    generation: AtomicU64,
    last_look: tokio::sync::Mutex<Option<Instant>>,
    client: OnceLock<reqwest::Client>,
}

impl Jwks {
    pub(crate) fn new(source: Option<&Source>) -> Self {
        let (keys, source) = match source {
            Some(Source::Inline(keys)) => (keys.clone(), None),
            other => (Vec::new(), other.cloned()),
        };
        Self {
            source,
            look_again: LOOK_AGAIN,
            max_age: MAX_AGE,
            keys: RwLock::new(Arc::new(keys)),
            generation: AtomicU64::new(0),
            last_look: tokio::sync::Mutex::new(None),
            client: OnceLock::new(),
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The keys as they were last read. The first time they are waited for; later they are read anew beside the requests,
    /// so that a publisher who is slow holds nobody up.
    pub(crate) async fn keys(self: &Arc<Self>) -> Arc<Vec<VerifyingKey>> {
        let held = self.held();
        if held.is_empty() {
            self.look(self.look_again).await;
            return self.held();
        }
        // Where it is locked, somebody is looking.
        let is_old = self.last_look.try_lock().is_ok_and(|at| at.is_some_and(|at| at.elapsed() >= self.max_age));
        if is_old {
            let jwks = Arc::clone(self);
            tokio::spawn(async move { jwks.look(jwks.max_age).await });
        }
        held
    }

    /// The keys after another look at their source, where enough time has passed since the last.
    pub(crate) async fn after_miss(&self) -> Arc<Vec<VerifyingKey>> {
        self.look(self.look_again).await;
        self.held()
    }

    fn held(&self) -> Arc<Vec<VerifyingKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the source unless that was done within `max_age`. What cannot be read leaves the keys as they are: those
    /// who signed in already go on, while the one who publishes is away.
    async fn look(&self, max_age: Duration) {
        let Some(source) = &self.source else { return };
        let mut last_look = self.last_look.lock().await;
        if last_look.is_some_and(|at| at.elapsed() < max_age) {
            return;
        }
        let read = match source {
            Source::Inline(keys) => Ok(keys.clone()),
            Source::File(path) => read_file(path),
            Source::Url(url) => self.fetch(url).await,
        };
        *last_look = Some(Instant::now());
        match read {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                self.generation.fetch_add(1, Ordering::AcqRel);
            }
            Err(error) => tracing::warn!("error.cause" = %error, "the JWKS was not read: {error}"),
        }
    }

    async fn fetch(&self, url: &Url) -> Result<Vec<VerifyingKey>, String> {
        let fail = |error: reqwest::Error| format!("{url}: {}", error.without_url());
        let mut response = self.client()?.get(url.clone()).send().await.map_err(fail)?;
        if !response.status().is_success() {
            return Err(format!("{url} answered {}", response.status()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fail)? {
            if document.len() + chunk.len() > MAX_BYTES {
                return Err(format!("{url}: the answer is over {MAX_BYTES} bytes"));
            }
            document.extend_from_slice(&chunk);
        }
        parse_set(&document).and_then(usable).map_err(|error| format!("{url}: {error}"))
    }

    fn client(&self) -> Result<&reqwest::Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .timeout(FETCH_TIMEOUT)
            // Whoever answers for the URL publishes the keys, and nobody it names instead.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn read_file(path: &std::path::Path) -> Result<Vec<VerifyingKey>, String> {
    let fail = |error: String| format!("{}: {error}", path.display());
    let document = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    parse_set(&document).and_then(usable).map_err(fail)
}

fn usable(keys: Vec<VerifyingKey>) -> Result<Vec<VerifyingKey>, String> {
    if keys.is_empty() {
        return Err("it has no key that can be used: RSA (RS256), EC on P-256 (ES256) or oct (HS256)".to_owned());
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_document_a_file_or_a_url_and_mistakes_are_named() {
        let document = r#"{"keys": [{"kty": "oct", "k": "YS1zZWNyZXQtb2YtbW9yZS10aGFuLXRoaXJ0eS10d28tYnl0ZXM"}]}"#;
        assert!(matches!(Source::parse(document), Ok(Source::Inline(keys)) if keys.len() == 1));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), document).unwrap();
        assert!(matches!(Source::parse(file.path().to_str().unwrap()), Ok(Source::File(_))));
        for url in ["https://ref.supabase.co/auth/v1/.well-known/jwks.json", "http://127.0.0.1:1/x", "http://[::1]/x"] {
            assert!(matches!(Source::parse(url), Ok(Source::Url(_))), "{url}");
        }
        for (bad, why) in [
            ("http://example.com/jwks.json", "https://"),
            ("http://127.0.0.1.example.com/", "https://"),
            ("ftp://127.0.0.1/", "https://"),
            ("https://user:hunter2@example.com/", "no user and password"),
            ("https://", "host"),
            ("/nowhere/jwks.json", "No such file"),
            ("{\"keys\": []}", "no key that can be used"),
            ("{\"keys\"", "not JSON"),
        ] {
            let error = Source::parse(bad).err().unwrap();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    const ONE: &str =
        r#"{"keys": [{"kty": "oct", "kid": "one", "k": "YS1zZWNyZXQtb2YtbW9yZS10aGFuLXRoaXJ0eS10d28tYnl0ZXM"}]}"#;

    fn kids(keys: &[VerifyingKey]) -> Vec<&str> {
        keys.iter().filter_map(|key| key.kid.as_deref()).collect()
    }

    fn paced(path: &std::path::Path, look_again: Duration, max_age: Duration) -> Arc<Jwks> {
        let source = Source::parse(path.to_str().unwrap()).unwrap();
        Arc::new(Jwks { look_again, max_age, ..Jwks::new(Some(&source)) })
    }

    #[tokio::test]
    async fn a_miss_looks_again_once_the_pause_is_over_and_a_source_that_is_gone_changes_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), ONE).unwrap();
        let (eager, patient) = (paced(file.path(), Duration::ZERO, MAX_AGE), paced(file.path(), LOOK_AGAIN, MAX_AGE));
        for jwks in [&eager, &patient] {
            assert_eq!(kids(&jwks.keys().await), ["one"]);
        }
        std::fs::write(file.path(), ONE.replace("one", "two")).unwrap();
        assert_eq!(kids(&eager.keys().await), ["one"], "kept while it is young");
        assert_eq!(kids(&eager.after_miss().await), ["two"]);
        assert_eq!(kids(&patient.after_miss().await), ["one"], "looked a moment ago");
        let generation = eager.generation();
        std::fs::write(file.path(), "broken").unwrap();
        assert_eq!(kids(&eager.after_miss().await), ["two"]);
        assert_eq!(eager.generation(), generation);
    }

    #[tokio::test]
    async fn keys_that_are_old_are_read_anew_beside_the_request() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), ONE).unwrap();
        let jwks = paced(file.path(), LOOK_AGAIN, Duration::ZERO);
        jwks.keys().await;
        std::fs::write(file.path(), ONE.replace("one", "two")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while kids(&jwks.keys().await) != ["two"] {
            assert!(Instant::now() < deadline, "never read anew");
            tokio::task::yield_now().await;
        }
    }
}
