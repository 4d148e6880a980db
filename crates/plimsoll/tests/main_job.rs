//! The main job with the real binary: one command, a repository, a finished build.

mod support;

use serde_json::{Value, json};
use support::{Up, json, until};

/// A repository that outlives its maker, beside a server's data.
fn repository(files: &[(&str, &str)]) -> plimsoll_testkit::git::Repo {
    let repo = plimsoll_testkit::git::Repo::new();
    repo.commit(files, "first commit");
    repo
}

async fn ended(up: &Up, build: &str) -> Value {
    let api = up.api();
    let mut detail = Value::Null;
    until("the build ends", async || {
        detail = api.get(&format!("/api/ops/builds/{build}")).await["build"].clone();
        !matches!(detail["status"].as_str(), Some("queued" | "running"))
    })
    .await;
    detail
}

fn log_of(up: &Up, build: &str) -> String {
    let output = up.command().args(["logs", build]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_registered_built_and_its_log_read() {
    let repo = repository(&[(
        "plimsoll.toml",
        "[[step]]\nname = \"greet\"\nphase = \"build\"\nrun = \"echo hello from the build\"\n",
    )]);
    let sha = repo.commit(&[("README", "second")], "second commit");
    let up = Up::start(&[], &[]).await;

    let said = json(up.command().args(["up", "--no-open", "--repo", repo.path().to_str().unwrap()]));
    assert_eq!(said["repository"]["already_built"], false);
    let build = said["repository"]["build_id"].as_str().unwrap().to_owned();
    let detail = ended(&up, &build).await;
    assert_eq!(detail["status"], "success", "{detail:#}\n{}", log_of(&up, &build));
    assert_eq!(detail["commit_sha"], sha.as_str());
    assert_eq!(detail["commit_message"].as_str().map(str::trim), Some("second commit"));
    assert!(log_of(&up, &build).contains("hello from the build"));

    // Again: the same repository and commit, so nothing new is queued, and it says so.
    let again = json(up.command().args(["up", "--no-open", "--repo", repo.path().to_str().unwrap()]));
    assert_eq!(again["repository"]["already_built"], true);
    assert_eq!(again["repository"]["build_id"], build.as_str());

    let slug = said["repository"]["project"].as_str().unwrap();
    let waited = up.command().args(["trigger", slug, "--wait", "--json"]).output().unwrap();
    assert!(waited.status.success(), "{}", String::from_utf8_lossy(&waited.stderr));
    let builds = json(up.command().args(["builds", slug]));
    assert_eq!(builds.as_array().unwrap().len(), 2);
    let by_number = up.command().args(["logs", "-f", &format!("{slug}#1")]).output().unwrap();
    assert!(by_number.status.success() && String::from_utf8_lossy(&by_number.stdout).contains("hello from the build"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_knows_nothing_of_us_builds_by_recipe_and_failures_say_why() {
    let good = repository(&[("Makefile", "all:\n\t@echo made it\ntest:\n\t@echo tested it\n")]);
    let broken = repository(&[("plimsoll.toml", "[[step]]\nname = \"x\"\nphase = \"bild\"\nrun = \"true\"\n")]);
    let failing = repository(&[(
        "plimsoll.toml",
        "[[step]]\nname = \"boom\"\nphase = \"test\"\nrun = \"echo error: it broke; exit 3\"\n",
    )]);
    let up = Up::start(&[], &[]).await;
    let build = |repo: &plimsoll_testkit::git::Repo| {
        let said = json(up.command().args(["up", "--no-open", "--repo", repo.path().to_str().unwrap()]));
        said["repository"]["build_id"].as_str().unwrap_or_else(|| panic!("{said:#}")).to_owned()
    };

    let id = build(&good);
    assert_eq!(ended(&up, &id).await["status"], "success", "{}", log_of(&up, &id));
    let log = log_of(&up, &id);
    assert!(log.contains("made it") && log.contains("Makefile"), "{log}");

    let id = build(&broken);
    let detail = ended(&up, &id).await;
    assert_eq!(detail["failure_reason"], "invalid_build_file");
    let said = format!("{} {}", detail["error_message"], log_of(&up, &id));
    assert!(said.contains("plimsoll.toml:3:9") && said.contains("expected one of build"), "{said}");

    let id = build(&failing);
    let detail = ended(&up, &id).await;
    assert_eq!((detail["status"].as_str(), detail["failure_reason"].as_str()), (Some("failed"), Some("step_failed")));
    assert!(detail["error_message"].as_str().unwrap().contains("boom"), "{detail:#}");
    assert!(detail["first_error_line"].is_number(), "{detail:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_in_words_and_the_server_goes_on() {
    let up = Up::start(&[], &[]).await;
    let nowhere = json(up.command().args(["up", "--no-open", "--repo", "/nonexistent/repository"]));
    assert!(nowhere["repository_error"].is_string(), "{nowhere:#}");
    let plain = up.dir.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    let not_git = json(up.command().args(["up", "--no-open", "--repo", plain.to_str().unwrap()]));
    assert!(not_git["repository_error"].as_str().unwrap().contains("not a git repository"), "{not_git:#}");

    let unknown = up.command().args(["trigger", "no-such-project"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no-such-project"));
    let api = up.api();
    let org = api.get("/api/ops/orgs").await[0]["id"].as_str().unwrap().to_owned();
    let refused =
        api.try_post(&format!("/api/ops/orgs/{org}/projects"), json!({"name": "x", "repo_url": "ext::sh -c id"})).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(api.get("/api/ops/projects").await.as_array().unwrap().iter().filter(|p| p["name"] == "x").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_cleanly_starts_warm_and_survives_its_own_death() {
    let mut up = Up::start(&["--no-runner"], &[]).await;
    let postmaster = up.postmaster().expect("PostgreSQL runs");
    assert!(up.process.stop().success());
    assert!(nix::sys::signal::kill(postmaster, None).is_err(), "PostgreSQL was left running");
    let away = up.command().arg("status").output().unwrap();
    assert_eq!(away.status.code(), Some(3), "nothing runs, so status exits 3");
    assert!(String::from_utf8_lossy(&away.stderr).contains("--data-dir or PLIMSOLL_DATA_DIR"));
    let nothing = up.command().args(["status", "--env"]).output().unwrap();
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(3), 0), "a shell is given nothing to read");

    up.start_again(&["--no-runner"], &[]).await;
    let before = up.api().get("/api/ops/orgs").await;
    up.process.kill();
    up.start_again(&["--no-runner"], &[]).await;
    assert_eq!(up.api().get("/api/ops/orgs").await, before);

    let busy = support::plimsoll(&up.dir.path().join("other"))
        .args(["up", "--no-open", "--listen", &up.address])
        .output()
        .unwrap();
    assert_eq!(busy.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&busy.stderr).contains("--listen"), "{}", String::from_utf8_lossy(&busy.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_speaks_json_and_tells_no_secret_it_need_not() {
    let up = Up::start(&["--no-runner"], &[]).await;
    let status = up.status();
    for key in [
        "API_URL",
        "DB_URL",
        "ANON_KEY",
        "SERVICE_ROLE_KEY",
        "JWT_SECRET",
        "PUBLISHABLE_KEY",
        "SECRET_KEY",
        "OPS_INGEST_TOKEN",
        "OPS_ADVISORY_TOKEN",
        "REST_URL",
        "FUNCTIONS_URL",
        "JWKS_URL",
        "CONSOLE_URL",
        "PLIMSOLL_VERSION",
        "POSTGRES_VERSION",
    ] {
        assert!(status[key].as_str().is_some_and(|v| !v.is_empty()), "{key} is missing: {status:#}");
    }
    a_shell_reads_what_status_prints(&up, &status);
    let doctor = json(up.command().arg("doctor"));
    assert!(doctor.as_array().unwrap().iter().any(|f| f["check"] == "schema" && f["health"] == "good"), "{doctor:#}");

    let secret = "a-secret-that-is-longer-than-thirty-two-bytes";
    let config = json(up.command().arg("config").env("JWT_SECRET", secret));
    assert_eq!(config["jwt_secret"]["value"], "(hidden)");
    assert!(!config.to_string().contains(secret));
    what_people_read_names_the_environment_and_the_owner(&up);

    let seeded = json(up.command().args(["seed", "--projects", "1", "--builds", "2", "--lines", "50"]));
    assert_eq!((seeded["projects"].as_i64(), seeded["builds"].as_i64()), (Some(1), Some(12)));
    let proof = json(up.command().args(["prove", "isolation", "--no-mutations"]));
    assert_eq!(proof["holds"], true, "{:#}", proof["failures"]);
    let builds = json(up.command().args(["builds", "demo-shop", "--limit", "5"]));
    assert_eq!(builds.as_array().unwrap().len(), 5);
    let migrated = json(up.command().arg("migrate"));
    assert_eq!(migrated["applied"], json!([]));

    // One that was cancelled may be cancelled again.
    let done =
        builds.as_array().unwrap().iter().find(|build| build["status"] != "cancelled").expect("of five builds one");
    let build = format!("demo-shop#{}", done["build_number"]);
    let cancelled = up.command().args(["cancel", &build, "--json"]).output().unwrap();
    assert_eq!(cancelled.status.code(), Some(1), "a finished build cannot be cancelled");
    let said: Value = serde_json::from_slice(&cancelled.stderr).expect("errors are JSON too");
    assert!(said["error"].is_string(), "{said}");
    links_let_people_in_who_forgot_their_password(&up, &status).await;
    keys_are_listed_changed_and_ended(&up, &status).await;
    let completions = up.command().args(["completions", "bash"]).output().unwrap();
    assert!(String::from_utf8_lossy(&completions.stdout).contains("plimsoll"));
    let wrong = up.command().arg("no-such-command").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

fn what_people_read_names_the_environment_and_the_owner(up: &Up) {
    let said = |args: &[&str]| String::from_utf8_lossy(&up.command().args(args).output().unwrap().stdout).into_owned();
    let settings = said(&["config"]);
    assert!(settings.contains("ENVIRONMENT") && settings.contains("PLIMSOLL_LISTEN"), "{settings}");
    assert!(said(&["up", "--help"]).contains("PLIMSOLL_DATA_DIR="));
    assert!(said(&["up", "--no-open"]).contains("(as owner@localhost; once, within the hour;"));
}

fn a_shell_reads_what_status_prints(up: &Up, status: &Value) {
    let data_dir = up.data_dir();
    let script = r#"eval "$("$0" --data-dir "$1" status --env)"; printf '%s|%s|%s|%s' "$API_URL" "$SECRET_KEY" "$DB_URL" "$JWT_SECRET""#;
    let mut sh = std::process::Command::new("sh");
    sh.args(["-c", script, env!("CARGO_BIN_EXE_plimsoll"), data_dir.to_str().unwrap()]).env_remove("JWT_SECRET");
    let said = sh.output().unwrap();
    let text = |name: &str| status[name].as_str().unwrap().to_owned();
    let expected = format!("{}|{}|{}|", text("API_URL"), text("SECRET_KEY"), text("DB_URL"));
    assert_eq!(String::from_utf8_lossy(&said.stdout), expected, "{}", String::from_utf8_lossy(&said.stderr));
}

async fn links_let_people_in_who_forgot_their_password(up: &Up, status: &Value) {
    let http = support::http();
    let key = status["SECRET_KEY"].as_str().unwrap();
    let orgs: Value =
        http.get(format!("{}/api/ops/orgs", up.url)).bearer_auth(key).send().await.unwrap().json().await.unwrap();
    let members = format!("{}/api/ops/orgs/{}/members", up.url, orgs[0]["id"].as_str().unwrap());
    let invite = async || {
        let body = json!({"email": "vic@example.org", "role": "viewer"});
        http.post(&members).bearer_auth(key).json(&body).send().await.unwrap()
    };
    let open = async |link: &str, password: &str| {
        let token = link.split_once("token=").unwrap().1;
        let verify = http.post(format!("{}/auth/v1/verify", up.url));
        let session = verify.json(&json!({"type": "magiclink", "token_hash": token})).send().await.unwrap();
        if session.status() != 200 {
            return session.status().as_u16();
        }
        let session: Value = session.json().await.unwrap();
        let user = http.put(format!("{}/auth/v1/user", up.url));
        let set = user.bearer_auth(session["access_token"].as_str().unwrap()).json(&json!({"password": password}));
        set.send().await.unwrap().status().as_u16()
    };
    let invited: Value = invite().await.json().await.unwrap();
    assert_eq!(open(invited["link"].as_str().unwrap(), "the first of them").await, 200);
    assert_eq!(invite().await.status(), 409, "a member already");
    let sign_in = async |password: &str| {
        let url = format!("{}/auth/v1/token?grant_type=password", up.url);
        let body = json!({"email": "vic@example.org", "password": password});
        http.post(url).json(&body).send().await.unwrap().status().as_u16()
    };
    let link =
        |args: &[&str]| json(up.command().arg("signin-link").args(args))["signin_url"].as_str().unwrap().to_owned();
    let (kept, forgotten) = (link(&["Vic@example.org"]), link(&["vic@example.org", "--forget-password"]));
    assert_eq!(sign_in("the first of them").await, 400);
    assert_eq!(open(&kept, "another of them").await, 403, "a link of before");
    assert_eq!(open(&forgotten, "the second of them").await, 200);
    assert_eq!(sign_in("the second of them").await, 200);
    for (args, code) in [(vec!["who@example.org"], 1), (vec!["--forget-password"], 2)] {
        assert_eq!(up.command().arg("signin-link").args(&args).output().unwrap().status.code(), Some(code), "{args:?}");
    }
}

async fn keys_are_listed_changed_and_ended(up: &Up, status: &Value) {
    let of_kind = |kind: &str| -> Vec<Value> {
        let keys = json(up.command().args(["keys", "list"]));
        keys.as_array().unwrap().iter().filter(|key| key["kind"] == kind).cloned().collect()
    };
    assert_eq!(of_kind("ingest")[0]["key"], status["OPS_INGEST_TOKEN"]);
    let made = json(up.command().args(["keys", "rotate", "ingest"]));
    assert_eq!(up.status()["OPS_INGEST_TOKEN"], made["key"]);
    let before = of_kind("ingest")[1].clone();
    assert_eq!(before["key"], status["OPS_INGEST_TOKEN"]);
    json(up.command().args(["keys", "revoke", before["id"].as_str().unwrap()]));
    assert_eq!(of_kind("ingest").len(), 1);

    json(up.command().args(["keys", "rotate", "jwt-secret"]));
    let now = up.status();
    assert_ne!(now["JWT_SECRET"], status["JWT_SECRET"]);
    let orgs = |key: &Value| {
        let url = format!("{}/api/ops/orgs", up.url);
        support::http().get(url).bearer_auth(key.as_str().unwrap()).send()
    };
    for key in ["SERVICE_ROLE_KEY", "SECRET_KEY"] {
        assert_eq!(orgs(&now[key]).await.unwrap().status(), 200, "{key}");
    }
    assert_eq!(orgs(&status["SERVICE_ROLE_KEY"]).await.unwrap().status(), 200, "the key before");
    json(up.command().args(["keys", "revoke", "jwt-secret.previous"]));
    assert_eq!(orgs(&status["SERVICE_ROLE_KEY"]).await.unwrap().status(), 401);

    for (args, code) in
        [(["keys", "rotate", "moon"], 2), (["keys", "revoke", "moon"], 1), (["keys", "revoke", "../orgs"], 1)]
    {
        assert_eq!(up.command().args(args).output().unwrap().status.code(), Some(code), "{args:?}");
    }
    let used = of_kind("publishable")[0]["id"].as_str().unwrap().to_owned();
    let refused = up.command().args(["keys", "revoke", &used]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use: rotate it first, or add --force"));
    let ended = up.command().args(["keys", "revoke", &used, "--force"]).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.contains("a new publishable key has taken its place: `plimsoll keys` shows it"), "{said}");
    assert_eq!(of_kind("publishable").len(), 1);
    assert_ne!(of_kind("publishable")[0]["id"], used.as_str());
}
