//! Repository addresses, branch names and commit ids: what git may be given, and how it is run.
//!
//! git reads some arguments as options and some addresses as commands (`ext::`), so nothing from outside reaches it
//! unchecked. Everything here is text in, text out; see also [`explain_git_failure`].

use std::fmt;

mod explain;
pub use explain::explain_git_failure;

/// Longest address that is accepted, in bytes.
pub const MAX_URL_BYTES: usize = 2_000;
/// Longest branch name that is accepted, in bytes.
pub const MAX_BRANCH_BYTES: usize = 250;

/// What an operator allows beyond `https` and `ssh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UrlPolicy {
    /// Absolute paths and `file://` on the machine that runs git.
    pub local_paths: bool,
    /// `http://`, which neither hides credentials nor proves what was fetched.
    pub plain_http: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Https,
    Http,
    Ssh,
    Local,
}

/// An address that was checked. `Display` and `Debug` hide its credentials; [`RepoUrl::for_git`] does not.
#[derive(Clone, PartialEq, Eq)]
pub struct RepoUrl {
    text: String,
    shown: String,
    transport: Transport,
    host: Option<String>,
    path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRepoUrl {
    #[error("the repository address is empty: give one like https://github.com/owner/name.git")]
    Empty,
    #[error("the repository address has {0} bytes; at most {MAX_URL_BYTES} are allowed")]
    TooLong(usize),
    #[error("the repository address starts with '-', which git would read as an option")]
    Option,
    #[error("the repository address holds a control character or a line break")]
    ControlCharacter,
    #[error("the repository address names a remote helper ({0}::), which could run commands: use https:// or ssh://")]
    RemoteHelper(String),
    #[error("{0}:// is not allowed for repositories: use https:// or ssh://, or git@host:owner/name.git")]
    Scheme(String),
    #[error("http:// is not allowed: use https://, or allow plain http in the configuration")]
    PlainHttp,
    #[error(
        "local repositories are not allowed on this server: allow local paths in the configuration, or use https:// or ssh://"
    )]
    LocalPath,
    #[error("a local repository is given by its absolute path, such as /srv/git/shop.git")]
    RelativePath,
    #[error("the repository address has no host: expected one like https://github.com/owner/name.git")]
    NoHost,
    #[error("the host {0:?} is not a host name")]
    BadHost(String),
    #[error("the repository address has no path: expected one like https://github.com/owner/name.git")]
    NoPath,
    #[error(
        "this is not a repository address: expected https://…, ssh://…, git@host:owner/name.git or an absolute path"
    )]
    Unreadable,
}

impl RepoUrl {
    /// Reads an address and refuses what the policy or safety forbids.
    pub fn parse(text: &str, policy: UrlPolicy) -> Result<Self, BadRepoUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadRepoUrl::Empty);
        }
        if text.len() > MAX_URL_BYTES {
            return Err(BadRepoUrl::TooLong(text.len()));
        }
        if text.starts_with('-') {
            return Err(BadRepoUrl::Option);
        }
        if text.chars().any(char::is_control) {
            return Err(BadRepoUrl::ControlCharacter);
        }
        if let Some((helper, _)) = text.split_once("::")
            && !helper.is_empty()
            && helper.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))
        {
            return Err(BadRepoUrl::RemoteHelper(helper.to_owned()));
        }
        if text.starts_with('/') {
            return Self::local(text, text, policy);
        }
        match text.split_once("://") {
            Some((scheme, _)) => Self::with_scheme(text, &scheme.to_ascii_lowercase(), policy),
            None => Self::scp_like(text),
        }
    }

    /// What git is given. Holds the credentials, if there are any: it belongs in no log and no process list.
    pub fn for_git(&self) -> &str {
        &self.text
    }

    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Absent for local repositories.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Path on the host, or on this machine.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path without `.git`: a name to propose for the project.
    pub fn name(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        let path = path.strip_suffix("/.git").unwrap_or(path);
        let last = path.rsplit('/').next().unwrap_or(path);
        last.strip_suffix(".git").unwrap_or(last)
    }

    /// The same text for every spelling of one repository (`https`, `ssh` and `git@`; with and without `.git`,
    /// credentials or a port), to find a project by a webhook's addresses.
    pub fn identity(&self) -> String {
        let path = self.path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        match &self.host {
            // The big hosts do not tell upper from lower case in paths, and a file system might.
            Some(host) => format!("{host}/{}", path.to_lowercase()),
            None => format!("/{path}"),
        }
    }

    fn local(text: &str, path: &str, policy: UrlPolicy) -> Result<Self, BadRepoUrl> {
        if !policy.local_paths {
            return Err(BadRepoUrl::LocalPath);
        }
        if !path.starts_with('/') {
            return Err(BadRepoUrl::RelativePath);
        }
        Ok(Self {
            text: text.to_owned(),
            shown: text.to_owned(),
            transport: Transport::Local,
            host: None,
            path: path.to_owned(),
        })
    }

    fn with_scheme(text: &str, scheme: &str, policy: UrlPolicy) -> Result<Self, BadRepoUrl> {
        let transport = match scheme {
            "https" => Transport::Https,
            "ssh" | "git+ssh" | "ssh+git" => Transport::Ssh,
            "http" if policy.plain_http => Transport::Http,
            "http" => return Err(BadRepoUrl::PlainHttp),
            "file" => {
                let path = &text[scheme.len() + 3..];
                return Self::local(text, path.strip_prefix("localhost").unwrap_or(path), policy);
            }
            other => return Err(BadRepoUrl::Scheme(other.chars().take(20).collect())),
        };
        let url = url::Url::parse(text).map_err(|error| match error {
            url::ParseError::EmptyHost => BadRepoUrl::NoHost,
            _ => BadRepoUrl::Unreadable,
        })?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BadRepoUrl::NoHost)?;
        check_host(host)?;
        // ssh is given user and path as they stand after percent-decoding: an encoded dash would be an option again.
        if percent_decoded_starts_with_dash(url.username()) || percent_decoded_starts_with_dash(host) {
            return Err(BadRepoUrl::Option);
        }
        if url.path().trim_matches('/').is_empty() {
            return Err(BadRepoUrl::NoPath);
        }
        Ok(Self {
            shown: hide_credentials(&url, transport),
            host: Some(host.to_lowercase()),
            path: url.path().to_owned(),
            text: text.to_owned(),
            transport,
        })
    }

    /// `user@host:path`, ssh in the spelling of scp.
    fn scp_like(text: &str) -> Result<Self, BadRepoUrl> {
        let (login, path) = text.split_once(':').ok_or(BadRepoUrl::Unreadable)?;
        if login.contains('/') {
            return Err(BadRepoUrl::Unreadable);
        }
        let (user, host) = login.rsplit_once('@').map_or((None, login), |(user, host)| (Some(user), host));
        if user.is_none() && !host.contains('.') && host != "localhost" {
            return Err(BadRepoUrl::Unreadable);
        }
        check_host(host)?;
        if path.starts_with('-') || user.is_some_and(|user| user.is_empty() || user.starts_with('-')) {
            return Err(BadRepoUrl::Option);
        }
        if path.trim_matches('/').is_empty() {
            return Err(BadRepoUrl::NoPath);
        }
        Ok(Self {
            text: text.to_owned(),
            shown: text.to_owned(),
            transport: Transport::Ssh,
            host: Some(host.to_lowercase()),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for RepoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RepoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoUrl({})", self.shown)
    }
}

fn check_host(host: &str) -> Result<(), BadRepoUrl> {
    if host.starts_with('-') {
        return Err(BadRepoUrl::Option);
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if bare.is_empty() || bare.len() > 253 || !bare.chars().all(fits) {
        return Err(BadRepoUrl::BadHost(host.chars().take(60).collect()));
    }
    Ok(())
}

fn percent_decoded_starts_with_dash(text: &str) -> bool {
    text.starts_with('-') || text.to_ascii_lowercase().starts_with("%2d")
}

/// A user name is a credential too where it is a token (`https://TOKEN@host/…`); for ssh it is a login such as `git`.
fn hide_credentials(url: &url::Url, transport: Transport) -> String {
    let mut shown = url.clone();
    if shown.password().is_some() {
        let _ = shown.set_password(Some("***"));
    }
    if transport != Transport::Ssh && !shown.username().is_empty() {
        let _ = shown.set_username("***");
    }
    if shown.query().is_some() {
        shown.set_query(Some("***"));
    }
    shown.set_fragment(None);
    shown.to_string()
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRef {
    #[error("{0:?} is not a branch name: {1}")]
    Branch(String, &'static str),
    #[error("{0:?} is not a commit id: expected 40 (or 64) hexadecimal digits")]
    Commit(String),
}

/// Checks a branch name (without `refs/heads/`) by the rules of git-check-ref-format(1), and against a leading dash.
pub fn check_branch_name(name: &str) -> Result<(), BadRef> {
    let refuse = |why| Err(BadRef::Branch(name.chars().take(80).collect(), why));
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.len() > MAX_BRANCH_BYTES {
        return refuse("it is longer than 250 bytes");
    }
    if name.starts_with('-') {
        return refuse("it starts with '-', which git would read as an option");
    }
    if name == "@" || name == "HEAD" {
        return refuse("git keeps that name for itself");
    }
    if name.chars().any(|c| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')) {
        return refuse("it holds a space, a control character or one of ~ ^ : ? * [ \\");
    }
    if name.contains("..") || name.contains("@{") || name.ends_with('.') {
        return refuse("it holds '..' or '@{', or ends with '.'");
    }
    if name.split('/').any(|part| part.is_empty() || part.starts_with('.') || part.ends_with(".lock")) {
        return refuse("one of its parts is empty, starts with '.' or ends with '.lock'");
    }
    Ok(())
}

/// Checks a full commit id and answers it in lower case.
pub fn check_commit_sha(sha: &str) -> Result<String, BadRef> {
    let fits = matches!(sha.len(), 40 | 64) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(sha.to_ascii_lowercase()) } else { Err(BadRef::Commit(sha.chars().take(80).collect())) }
}

/// Environment for every git process. The user's own configuration stays in force (credential helpers, `safe.directory`);
/// the machine's does not.
pub const GIT_ENV: &[(&str, &str)] = &[
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new -oConnectTimeout=20"),
    // Messages are read by `explain_git_failure`.
    ("LC_ALL", "C"),
];

/// Variables that would point git at another repository or run something; removed from every git process.
pub const GIT_ENV_REMOVE: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_TRACE",
];

/// Arguments between `git` and the subcommand.
pub fn git_args(policy: UrlPolicy) -> Vec<&'static str> {
    let mut args = vec![
        "-c",
        "protocol.allow=never",
        "-c",
        "protocol.https.allow=always",
        "-c",
        "protocol.ssh.allow=always",
        "-c",
        "protocol.ext.allow=never",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.protectNTFS=true",
        "-c",
        "submodule.recurse=false",
        "-c",
        "fetch.fsckObjects=false",
        "-c",
        "gc.auto=0",
        "-c",
        "advice.detachedHead=false",
    ];
    if policy.local_paths {
        args.extend(["-c", "protocol.file.allow=always"]);
    }
    if policy.plain_http {
        args.extend(["-c", "protocol.http.allow=always"]);
    }
    args
}

#[cfg(test)]
mod tests;
