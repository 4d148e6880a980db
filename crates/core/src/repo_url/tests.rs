use super::*;

const STRICT: UrlPolicy = UrlPolicy { local_paths: false, plain_http: false };
const LOCAL: UrlPolicy = UrlPolicy { local_paths: true, plain_http: false };

fn ok(text: &str) -> RepoUrl {
    RepoUrl::parse(text, LOCAL).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_usual_spellings_are_one_repository() {
    let identities: Vec<String> = [
        "https://github.com/Acme/shop.git",
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "git@github.com:acme/shop.git",
        "https://user:pass@GitHub.com/acme/shop.git",
    ]
    .map(|text| ok(text).identity())
    .to_vec();
    assert!(identities.iter().all(|i| i == "github.com/acme/shop"), "{identities:?}");
}

#[test]
fn names_are_proposed_from_the_path() {
    for (text, name) in [
        ("https://github.com/acme/shop.git", "shop"),
        ("git@host.example:shop.git", "shop"),
        ("/srv/git/shop.git", "shop"),
        ("/home/me/shop/.git", "shop"),
        ("file:///home/me/shop/", "shop"),
    ] {
        assert_eq!(ok(text).name(), name, "{text}");
    }
}

#[test]
fn credentials_are_for_git_only() {
    let url = ok("https://alice:s3cret@host.example/a.git");
    assert_eq!(url.for_git(), "https://alice:s3cret@host.example/a.git");
    assert_eq!(url.to_string(), "https://***:***@host.example/a.git");
    assert!(!format!("{url:?}").contains("s3cret"));
    assert_eq!(ok("https://ghp_token@host.example/a.git").to_string(), "https://***@host.example/a.git");
    assert!(!ok("https://host.example/a.git?private_token=hush").to_string().contains("hush"));
    assert_eq!(ok("ssh://git@host.example/a.git").to_string(), "ssh://git@host.example/a.git");
}

#[test]
fn what_could_run_something_is_refused() {
    for text in [
        "-uhttps://host.example/a",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c id",
        "fd::17",
        "https://host.example/a\n--upload-pack=x",
        "ssh://-oProxyCommand=id/a",
        "ssh://%2DoProxyCommand=id@host.example/a",
        "-oProxyCommand=id@host.example:a",
        "git@-oProxyCommand=id:a",
        "git@host.example:-x",
        "git://host.example/a",
        "ftp://host.example/a",
        "javascript://host.example/a",
        "",
        "   ",
        "shop",
        "./shop",
        "../shop",
        "C:/shop",
        "https://",
        "https:///a",
        "https://host.example",
        "https://host.example/",
        "file://relative/path",
    ] {
        assert!(RepoUrl::parse(text, LOCAL).is_err(), "{text:?} was accepted");
    }
}

#[test]
fn policy_decides_about_paths_and_http() {
    for text in ["/srv/git/a.git", "file:///srv/git/a.git"] {
        assert_eq!(RepoUrl::parse(text, STRICT), Err(BadRepoUrl::LocalPath));
        assert_eq!(ok(text).transport(), Transport::Local);
        assert_eq!(ok(text).path(), "/srv/git/a.git");
    }
    assert_eq!(RepoUrl::parse("http://host.example/a", LOCAL), Err(BadRepoUrl::PlainHttp));
    assert!(RepoUrl::parse("http://host.example/a", UrlPolicy { plain_http: true, ..STRICT }).is_ok());
    assert!(!git_args(STRICT).contains(&"protocol.file.allow=always"));
    assert!(git_args(LOCAL).contains(&"protocol.file.allow=always"));
}

#[test]
fn branch_names_follow_git() {
    for name in ["main", "feature/login", "fix-1.2", "release/2026.1", "ümlaut", "a@b"] {
        assert_eq!(check_branch_name(name), Ok(()), "{name}");
    }
    for name in [
        "", "-x", "@", "HEAD", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "/a", "a/", "a//b", ".a",
        "a/.b", "a.lock", "a.lock/b", "a.", "a@{1}", "a\nb", "a\u{7f}",
    ] {
        assert!(check_branch_name(name).is_err(), "{name:?}");
    }
    assert!(check_branch_name(&"x".repeat(251)).is_err());
}

#[test]
fn commit_ids_are_full_and_lower_case() {
    assert_eq!(check_commit_sha(&"A1".repeat(20)), Ok("a1".repeat(20)));
    assert!(check_commit_sha(&"a".repeat(64)).is_ok());
    for sha in ["", "abc", "HEAD", "-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &"g".repeat(40)] {
        assert!(check_commit_sha(sha).is_err(), "{sha}");
    }
}

#[test]
fn failures_say_what_to_do_and_hide_logins() {
    for (stderr, expected) in [
        ("fatal: unable to access 'https://nope.invalid/': Could not resolve host: nope.invalid", "no such host"),
        ("remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found", "was not found"),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "asks for a login"),
        ("git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "deploy key"),
        ("fatal: detected dubious ownership in repository at '/srv/a'", "another user"),
        ("fatal: '/nope' does not appear to be a git repository", "no git repository"),
        ("fatal: repository '/nope' does not exist", "no git repository"),
        ("fatal: reference is not a tree: 0123", "commit is not in the repository"),
        ("fatal: remote error: upload-pack: not our ref 0123", "commit is not in the repository"),
        ("fatal: couldn't find remote ref refs/heads/gone", "branch is not in the repository"),
        ("fatal: write error: No space left on device", "disk is full"),
        ("something odd\n", "git failed: something odd"),
        ("", "without saying why"),
    ] {
        let message = explain_git_failure(stderr);
        assert!(message.contains(expected), "{stderr:?} gave {message:?}");
    }
    let message = explain_git_failure("fatal: Authentication failed for 'https://alice:s3cret@host.example/a.git/'");
    assert!(!message.contains("s3cret") && message.contains("credentials are wrong"), "{message}");
}
