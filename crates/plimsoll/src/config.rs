//! Settings: a file, the environment and flags, each key in one table with its default and help.
//!
//! Order, strongest first: flag, environment variable, file, default. The file is `--config FILE`, else
//! `plimsoll.toml` in the data directory. (A repository's own `plimsoll.toml` describes its build; it is another file.)

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// One setting that an operator may give.
pub(crate) struct Key {
    pub name: &'static str,
    pub env: &'static str,
    pub default: &'static str,
    pub secret: bool,
    pub help: &'static str,
}

const fn key(name: &'static str, env: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, env, default, secret: false, help }
}

const fn secret(name: &'static str, env: &'static str, help: &'static str) -> Key {
    Key { name, env, default: "", secret: true, help }
}

/// Every setting there is.
pub(crate) const KEYS: &[Key] = &[
    key("listen", "PLIMSOLL_LISTEN", "127.0.0.1:4400", "address and port to serve on"),
    key(
        "public_url",
        "PLIMSOLL_PUBLIC_URL",
        "",
        "the URL people use, where a proxy stands in front (https makes cookies __Host-)",
    ),
    key(
        "trust_proxy",
        "PLIMSOLL_TRUST_PROXY",
        "false",
        "true: believe X-Forwarded-For and -Proto; only behind a proxy that sets them",
    ),
    secret("database_url", "DATABASE_URL", "PostgreSQL to use with `serve`; `up` runs its own"),
    key("database_connections", "PLIMSOLL_DATABASE_CONNECTIONS", "16", "most connections to the database"),
    key(
        "postgres_binaries",
        "PLIMSOLL_POSTGRES_BINARIES",
        "",
        "folder with initdb and postgres, for `up`; found by itself when empty",
    ),
    key("postgres_user", "PLIMSOLL_POSTGRES_USER", "", "user PostgreSQL runs as when started as root"),
    key(
        "requests_per_second",
        "PLIMSOLL_REQUESTS_PER_SECOND",
        "10000",
        "most requests a second from one address, by one API token and for one organisation",
    ),
    key(
        "rest_schemas",
        "PLIMSOLL_REST_SCHEMAS",
        "ops,metrics,public",
        "schemas that /rest/v1 exposes, comma-separated, the default one first",
    ),
    key(
        "rest_max_rows",
        "PLIMSOLL_REST_MAX_ROWS",
        "",
        "most rows one answer of /rest/v1 may have; no limit when empty",
    ),
    key(
        "artifacts_url",
        "PLIMSOLL_ARTIFACTS_URL",
        "",
        "object store for artifacts: s3://bucket/prefix or file:///path; a folder in the data directory when empty",
    ),
    key("artifact_max_bytes", "PLIMSOLL_ARTIFACT_MAX_BYTES", "2147483648", "largest artifact"),
    key(
        "lease_seconds",
        "PLIMSOLL_LEASE_SECONDS",
        "30",
        "seconds a runner may be silent before its build goes to another; it renews every sixth of it",
    ),
    key("log_max_bytes", "PLIMSOLL_LOG_MAX_BYTES", "1073741824", "largest log of one build"),
    key("log_retention_days", "PLIMSOLL_LOG_RETENTION_DAYS", "90", "days that build logs are kept"),
    key("sample_retention_days", "PLIMSOLL_SAMPLE_RETENTION_DAYS", "90", "days that samples of metrics are kept"),
    key(
        "local_repositories",
        "PLIMSOLL_LOCAL_REPOSITORIES",
        "",
        "true: repositories may be paths on this machine (`up`: true, `serve` and `runner`: false)",
    ),
    key("runner_slots", "PLIMSOLL_RUNNER_SLOTS", "1", "builds the runner runs at a time; 0 with `up` starts none"),
    key("runner_sandbox", "PLIMSOLL_RUNNER_SANDBOX", "auto", "auto, bubblewrap (refuse to run without) or none"),
    key(
        "runner_pass_env",
        "PLIMSOLL_RUNNER_PASS_ENV",
        "",
        "comma-separated names of environment variables that builds may see",
    ),
    secret("jwt_secret", "JWT_SECRET", "signs and checks tokens, 32 characters or more; made on first start with `up`"),
    secret(
        "jwt_secret_previous",
        "JWT_SECRET_PREVIOUS",
        "the secret before jwt_secret, believed beside it while it is changed",
    ),
    secret(
        "jwt_jwks",
        "JWT_JWKS",
        "keys of another issuer whose tokens are believed: a JWKS document, a file, or an https URL such as https://REF.supabase.co/auth/v1/.well-known/jwks.json",
    ),
    secret(
        "ops_ingest_token",
        "OPS_INGEST_TOKEN",
        "token that callers of ops-metrics-ingest carry already, or two with a comma between; made on first start when empty",
    ),
    secret(
        "ops_advisory_scan_token",
        "OPS_ADVISORY_TOKEN",
        "token that callers of ops-advisory-scan carry already, or two with a comma between; made on first start when empty",
    ),
    secret(
        "seal_key",
        "PLIMSOLL_SEAL_KEY",
        "32 bytes in base64 that seal stored secrets; made on first start with `up`",
    ),
    key("log_format", "PLIMSOLL_LOG_FORMAT", "text", "text or json"),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "at")]
pub(crate) enum Source {
    Default,
    File(PathBuf),
    Environment(&'static str),
    Flag,
}

#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub text: String,
    pub source: Source,
}

/// A setting that cannot be used, with where it stands and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadConfig(pub String);

/// The effective settings.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    values: BTreeMap<&'static str, Value>,
    pub data_dir: PathBuf,
}

impl Config {
    /// Reads file and environment, then lays `flags` (name to value) over them.
    pub(crate) fn load(
        data_dir: Option<PathBuf>,
        file: Option<&Path>,
        env: impl Fn(&str) -> Option<String>,
        flags: &[(&'static str, Option<String>)],
    ) -> Result<Self, BadConfig> {
        let data_dir = match data_dir.or_else(|| env("PLIMSOLL_DATA_DIR").map(PathBuf::from)) {
            Some(dir) => dir,
            None => default_data_dir(&env, nix::unistd::geteuid().is_root())?,
        };
        let data_dir = std::path::absolute(&data_dir)
            .map_err(|e| BadConfig(format!("data directory {}: {e}", data_dir.display())))?;

        let mut values: BTreeMap<_, _> =
            KEYS.iter().map(|k| (k.name, Value { text: k.default.to_owned(), source: Source::Default })).collect();
        let in_data_dir = data_dir.join("plimsoll.toml");
        let file = file.or_else(|| in_data_dir.exists().then_some(in_data_dir.as_path()));
        if let Some(path) = file {
            for (name, text) in read_file(path)? {
                values.insert(name, Value { text, source: Source::File(path.to_owned()) });
            }
        }
        for key in KEYS {
            if let Some(text) = env(key.env).filter(|v| !v.is_empty()) {
                values.insert(key.name, Value { text, source: Source::Environment(key.env) });
            }
        }
        for (name, value) in flags {
            if let Some(text) = value {
                values.insert(name, Value { text: text.clone(), source: Source::Flag });
            }
        }
        Ok(Self { values, data_dir })
    }

    pub(crate) fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or_else(|| panic!("{name} is not in the table of settings"))
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        &self.value(name).text
    }

    /// The value, or nothing where it is empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|v| !v.is_empty())
    }

    /// The value read as `T`; the error names the setting, its source and the value.
    pub(crate) fn parse<T: std::str::FromStr>(&self, name: &str, expected: &str) -> Result<T, BadConfig> {
        let value = self.value(name);
        value.text.parse().map_err(|_| {
            BadConfig(format!("{name} = {:?} ({}): expected {expected}", value.text, describe(&value.source)))
        })
    }
}

pub(crate) fn describe(source: &Source) -> String {
    match source {
        Source::Default => "default".into(),
        Source::File(path) => path.display().to_string(),
        Source::Environment(name) => (*name).to_owned(),
        Source::Flag => "flag".into(),
    }
}

fn read_file(path: &Path) -> Result<Vec<(&'static str, String)>, BadConfig> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| BadConfig(format!("cannot read the configuration {}: {e}", path.display())))?;
    let table: toml::Table =
        text.parse().map_err(|e: toml::de::Error| BadConfig(format!("{}: {e}", path.display())))?;
    table
        .into_iter()
        .map(|(name, value)| {
            let key = KEYS.iter().find(|k| k.name == name).ok_or_else(|| {
                let names: Vec<_> = KEYS.iter().map(|k| k.name).collect();
                BadConfig(format!("{}: no setting is called {name:?}; there are {}", path.display(), names.join(", ")))
            })?;
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                other => {
                    return Err(BadConfig(format!(
                        "{}: {name} is a {}; expected a string, a whole number or true/false",
                        path.display(),
                        other.type_str()
                    )));
                }
            };
            Ok((key.name, text))
        })
        .collect()
}

fn default_data_dir(env: &impl Fn(&str) -> Option<String>, root: bool) -> Result<PathBuf, BadConfig> {
    if root {
        return Ok(PathBuf::from("/var/lib/plimsoll"));
    }
    if let Some(dir) = env("XDG_DATA_HOME").filter(|v| !v.is_empty()) {
        return Ok(PathBuf::from(dir).join("plimsoll"));
    }
    let home = env("HOME")
        .filter(|v| !v.is_empty())
        .ok_or_else(|| BadConfig("HOME is not set: say where data should live with --data-dir".into()))?;
    let below =
        if cfg!(target_os = "macos") { "Library/Application Support/plimsoll" } else { ".local/share/plimsoll" };
    Ok(PathBuf::from(home).join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(
        file: Option<&str>,
        env: &[(&str, &str)],
        flags: &[(&'static str, Option<String>)],
    ) -> Result<Config, BadConfig> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plimsoll.toml");
        if let Some(text) = file {
            std::fs::write(&path, text).unwrap();
        }
        let env: BTreeMap<_, _> = env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Config::load(Some(dir.path().to_owned()), None, |name| env.get(name).cloned(), flags)
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let file = Some("listen = \"127.0.0.1:1\"\nrunner_slots = 3\n");
        let env = [("PLIMSOLL_LISTEN", "127.0.0.1:2")];
        let config = load(file, &env, &[("listen", Some("127.0.0.1:3".into()))]).unwrap();
        assert_eq!(config.text("listen"), "127.0.0.1:3");
        assert_eq!(config.value("listen").source, Source::Flag);
        assert_eq!(load(file, &env, &[("listen", None)]).unwrap().text("listen"), "127.0.0.1:2");
        let config = load(file, &[], &[]).unwrap();
        assert_eq!((config.text("listen"), config.text("runner_slots")), ("127.0.0.1:1", "3"));
        assert_eq!(load(None, &[], &[]).unwrap().text("listen"), "127.0.0.1:4400");
    }

    #[test]
    fn mistakes_say_where_and_what_is_right() {
        let unknown = load(Some("listne = \"x\""), &[], &[]).unwrap_err().to_string();
        assert!(unknown.contains("listne") && unknown.contains("listen"), "{unknown}");
        let broken = load(Some("listen = "), &[], &[]).unwrap_err().to_string();
        assert!(broken.contains("line 1"), "{broken}");
        let config = load(None, &[("PLIMSOLL_RUNNER_SLOTS", "many")], &[]).unwrap();
        let error = config.parse::<u32>("runner_slots", "a whole number").unwrap_err().to_string();
        assert!(error.contains("PLIMSOLL_RUNNER_SLOTS") && error.contains("whole number"), "{error}");
    }
}
