//! The environment of steps: little of the runner's own, and what a build is told about itself.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use plimsoll_core::protocol::Claim;

/// Variables of the runner that steps see as they are.
const PASSED: &[&str] = &[
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NIX_SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "GOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
    "RUSTUP_DIST_SERVER",
    "RUSTUP_UPDATE_ROOT",
    "RUSTUP_AUTO_INSTALL",
];
/// Where packages come from is the machine's affair.
const PASSED_PREFIXES: &[&str] = &[
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "CARGO_NET_",
    "CARGO_HTTP_",
    "PIP_",
    "UV_",
    "NPM_CONFIG_",
    "npm_config_",
    "YARN_",
];
/// Parts of names, in upper case, that are kept back: logins, and folders of the runner's own user.
const KEPT_BACK: &[&str] = &[
    "TOKEN",
    "PASSWORD",
    "SECRET",
    "AUTH",
    "CREDENTIAL",
    "_KEY",
    "CACHE",
    "PREFIX",
    "USERCONFIG",
    "GLOBALCONFIG",
    "TARGET",
];
/// Tool chains that live in a user's home and find themselves by a variable.
const TOOLCHAINS: &[(&str, &str)] = &[
    ("RUSTUP_HOME", ".rustup"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
    ("NVM_DIR", ".nvm"),
    ("VOLTA_HOME", ".volta"),
    ("SDKMAN_DIR", ".sdkman"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("MISE_DATA_DIR", ".local/share/mise"),
];

/// Folders a build works in.
pub(crate) struct Folders<'a> {
    pub(crate) checkout: &'a Path,
    /// Stands in for the user's home, kept between builds of a project.
    pub(crate) home: &'a Path,
    /// Kept between builds of a project, for steps to use as they like.
    pub(crate) cache: &'a Path,
    /// Absent where /tmp is private already.
    pub(crate) tmp: Option<&'a Path>,
}

/// Everything but what single steps add. `own` is the runner's environment.
pub(crate) fn of_build(
    own: &BTreeMap<OsString, OsString>,
    pass_env: &[String],
    claim: &Claim,
    sha: &str,
    folders: &Folders<'_>,
) -> BTreeMap<OsString, OsString> {
    let mut env: BTreeMap<OsString, OsString> = own
        .iter()
        .filter(|(name, value)| is_passed(name, value) || pass_env.iter().any(|passed| name == &OsStr::new(passed)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    env.entry("PATH".into()).or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".into());
    env.entry("LANG".into()).or_insert_with(|| "C.UTF-8".into());
    for (name, folder) in toolchains(own) {
        env.insert(name.into(), folder.into());
    }
    let mut set = |name: &str, value: &OsStr| drop(env.insert(name.into(), value.into()));
    set("HOME", folders.home.as_os_str());
    set("CARGO_HOME", folders.home.join(".cargo").as_os_str());
    if let Some(tmp) = folders.tmp {
        set("TMPDIR", tmp.as_os_str());
    }
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("FORCE_COLOR", "1"),
        ("CLICOLOR_FORCE", "1"),
        ("PY_COLORS", "1"),
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ("CI", "true"),
        ("PLIMSOLL", "true"),
        ("PLIMSOLL_PROJECT", &claim.project_slug),
        ("PLIMSOLL_BRANCH", &claim.branch_name),
        ("PLIMSOLL_COMMIT", sha),
        ("PLIMSOLL_BUILD_ID", &claim.build_id.to_string()),
        ("PLIMSOLL_BUILD_NUMBER", &claim.build_number.to_string()),
        ("PLIMSOLL_ATTEMPT", &claim.attempt.to_string()),
    ] {
        set(name, OsStr::new(value));
    }
    set("PLIMSOLL_WORKSPACE", folders.checkout.as_os_str());
    set("PLIMSOLL_CACHE", folders.cache.as_os_str());
    for (name, value) in params(&claim.params) {
        set(&name, OsStr::new(&value));
    }
    for (name, value) in &claim.secrets {
        set(name, OsStr::new(value));
    }
    env.retain(|name, value| is_possible(name, value));
    env
}

/// Folders of tool chains that exist, by the variable that names them.
pub(crate) fn toolchains(own: &BTreeMap<OsString, OsString>) -> Vec<(&'static str, PathBuf)> {
    let home = own.get(OsStr::new("HOME")).map(PathBuf::from);
    TOOLCHAINS
        .iter()
        .filter_map(|(name, folder)| {
            let named = own.get(OsStr::new(name)).map(PathBuf::from);
            let path = named.or_else(|| Some(home.as_ref()?.join(folder)))?;
            path.is_dir().then_some((*name, path))
        })
        .collect()
}

fn is_passed(name: &OsStr, value: &OsStr) -> bool {
    let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { return false };
    let upper = name.to_ascii_uppercase();
    let listed = PASSED.contains(&name)
        || (PASSED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            && !KEPT_BACK.iter().any(|part| upper.contains(part)));
    listed && !holds_login(value)
}

/// An address with a login, such as `https://user:password@host/`.
fn holds_login(value: &str) -> bool {
    value.split_whitespace().any(|word| {
        word.split_once("://")
            .is_some_and(|(_, rest)| rest.split(['/', '?']).next().is_some_and(|host| host.contains('@')))
    })
}

/// `{"target": "x", "my-flag": true}` as `PLIMSOLL_PARAM_TARGET=x`, `PLIMSOLL_PARAM_MY_FLAG=true`.
fn params(params: &serde_json::Value) -> Vec<(String, String)> {
    let Some(object) = params.as_object() else { return Vec::new() };
    let name = |key: &str| -> String {
        key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    };
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    object.iter().map(|(key, value)| (format!("PLIMSOLL_PARAM_{}", name(key)), text(value))).collect()
}

/// What the operating system can carry at all.
fn is_possible(name: &OsStr, value: &OsStr) -> bool {
    let bytes = |text: &OsStr| text.as_encoded_bytes().to_vec();
    let name = bytes(name);
    !name.is_empty() && !name.contains(&b'=') && !name.contains(&0) && !bytes(value).contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_of_the_runner_gets_through() {
        let passes = |name: &str, value: &str| is_passed(OsStr::new(name), OsStr::new(value));
        assert!(passes("PATH", "/bin") && passes("HTTPS_PROXY", "http://proxy:3128"));
        assert!(passes("CARGO_REGISTRIES_INTERNAL_INDEX", "sparse+https://crates.example/"));
        assert!(passes("PIP_INDEX_URL", "https://pypi.example/simple"));
        assert!(!passes("PIP_INDEX_URL", "https://ada:pw@pypi.example/simple"));
        assert!(!passes("HTTPS_PROXY", "http://ada:pw@proxy:3128"));
        assert!(!passes("CARGO_REGISTRIES_INTERNAL_TOKEN", "x") && !passes("npm_config__authToken", "x"));
        assert!(!passes("npm_config_cache", "/home/ada/.npm"));
        assert!(!passes("DATABASE_URL", "postgres://x") && !passes("AWS_SECRET_ACCESS_KEY", "x"));
    }

    #[test]
    fn params_become_variables() {
        let given = serde_json::json!({"target": "web", "my-flag": true, "env": {"a": 1}, "none": null});
        let mut found = params(&given);
        found.sort();
        let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            found,
            [
                ("PLIMSOLL_PARAM_ENV", "{\"a\":1}"),
                ("PLIMSOLL_PARAM_MY_FLAG", "true"),
                ("PLIMSOLL_PARAM_NONE", ""),
                ("PLIMSOLL_PARAM_TARGET", "web"),
            ]
        );
        assert!(params(&serde_json::Value::Null).is_empty());
    }
}
