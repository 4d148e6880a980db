//! git's stderr, told as what went wrong and what to do.

/// What was found in git's output, first match wins: (fragments that must all be there in lower case, what to say).
const CAUSES: &[(&[&str], &str)] = &[
    (
        &["dubious ownership"],
        "git refuses the repository because it belongs to another user: run the runner as its owner, or allow it for the runner's user with `git config --global --add safe.directory PATH`",
    ),
    (&["could not resolve host"], "no such host: check the spelling of the address, and DNS on the runner's machine"),
    (
        &["name or service not known"],
        "no such host: check the spelling of the address, and DNS on the runner's machine",
    ),
    (
        &["temporary failure in name resolution"],
        "the host name could not be looked up: check DNS on the runner's machine",
    ),
    (
        &["host key verification failed"],
        "the host's ssh key is not the one known before: check it, then correct known_hosts of the runner's user",
    ),
    (
        &["permission denied (publickey"],
        "access refused: the host knows none of the runner's ssh keys; add a deploy key for it",
    ),
    (
        &["could not read username"],
        "the repository asks for a login, or does not exist: give the project a token in its address or the runner a credential helper, and check the spelling",
    ),
    (&["could not read password"], "the repository asks for a password: give the project a token with read access"),
    (
        &["terminal prompts disabled"],
        "the repository asks for a login, or does not exist: give the project credentials",
    ),
    (&["authentication failed"], "access refused: the credentials are wrong or have expired"),
    (&["invalid username or"], "access refused: the credentials are wrong or have expired"),
    (&["http basic: access denied"], "access refused: the credentials are wrong or have expired"),
    (&["error: 401"], "access refused: the credentials are missing, wrong or expired"),
    (&["error: 403"], "access refused: these credentials may not read the repository"),
    (&["error: 404"], "the repository was not found: check the address, and that the credentials may see it"),
    (
        &["repository", "not found"],
        "the repository was not found: check the address, and that the credentials may see it",
    ),
    (&["error: 429"], "the host is limiting requests: it is tried again later"),
    (&["connection refused"], "the host refused the connection: check the address and port, and that it is up"),
    (&["connection timed out"], "the host did not answer: check the network between the runner and it"),
    (&["failed to connect"], "the host did not answer: check the network between the runner and it"),
    (&["network is unreachable"], "the host cannot be reached from the runner's network"),
    (
        &["ssl certificate problem"],
        "the host's TLS certificate is not trusted: check it, and the runner's certificates",
    ),
    (
        &["server certificate verification failed"],
        "the host's TLS certificate is not trusted: check it, and the runner's certificates",
    ),
    (&["unable to access", "gnutls"], "the TLS connection to the host failed"),
    (&["no space left on device"], "the runner's disk is full: free some space or move its data directory"),
    (&["disk quota exceeded"], "the runner's disk quota is used up"),
    (&["read-only file system"], "the runner's data directory is on a read-only file system"),
    (&["not our ref"], "the commit is not in the repository: it may have been removed by a force-push"),
    (&["couldn't find remote ref"], "the branch is not in the repository: it may have been deleted or renamed"),
    (&["remote branch", "not found"], "the branch is not in the repository: it may have been deleted or renamed"),
    (&["reference is not a tree"], "the commit is not in the repository: it may have been removed by a force-push"),
    (&["unable to read tree"], "the commit is not in the repository: it may have been removed by a force-push"),
    (&["bad object"], "the commit is not in the repository: it may have been removed by a force-push"),
    (&["unknown revision"], "the commit is not in the repository: it may have been removed by a force-push"),
    (&["transport", "not allowed"], "this way of reaching a repository is not allowed by the configuration"),
    (&["does not appear to be a git repository"], "there is no git repository at this address"),
    (&["not a git repository"], "there is no git repository at this address"),
    (&["repository", "does not exist"], "there is no git repository at this address"),
    (&["no such file or directory"], "there is no git repository at this address"),
    (&["early eof"], "the connection broke while fetching: it is worth trying again"),
    (&["the remote end hung up"], "the host ended the connection: check that the repository exists and may be read"),
    (&["permission denied"], "access refused: the runner's user may not read the repository"),
];

/// What went wrong, from what git wrote to stderr: a sentence for people, with git's own last word in brackets.
/// Never repeats credentials that git printed as part of an address.
pub fn explain_git_failure(stderr: &str) -> String {
    let lower = stderr.to_lowercase();
    let said = hide_logins(&last_word(stderr));
    match CAUSES.iter().find(|(fragments, _)| fragments.iter().all(|fragment| lower.contains(fragment))) {
        Some((_, cause)) if said.is_empty() => (*cause).to_owned(),
        Some((_, cause)) => format!("{cause} (git: {said})"),
        None if said.is_empty() => "git failed without saying why".to_owned(),
        None => format!("git failed: {said}"),
    }
}

/// The most telling line: the first `fatal:` or `error:`, else the last that is not empty.
fn last_word(stderr: &str) -> String {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines()
        .find(|line| line.starts_with("fatal:") || line.starts_with("error:") || line.starts_with("ERROR:"))
        .or_else(|| lines().next_back())
        .unwrap_or_default();
    line.trim_start_matches("fatal: ").chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Replaces `scheme://login@` by `scheme://***@`.
fn hide_logins(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        out.push_str(before);
        let end = after.find(['/', ' ', '\'', '"']).unwrap_or(after.len());
        match after[..end].rfind('@') {
            Some(at) => {
                out.push_str("***");
                rest = &after[at..];
            }
            None => rest = after,
        }
    }
    out + rest
}
