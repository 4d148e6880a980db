//! Server, runners and PostgreSQL die and stall at random while builds run; then the database is read.
//!
//! Short by default; `PLIMSOLL_CRASH_SECONDS=600` makes it long, `PLIMSOLL_CRASH_SEED` repeats one run's choices.

mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use support::{Process, Up, until};

const UP: &[&str] = &["--no-runner"];
/// A short lease, so that a lost runner is noticed within the test.
const ENV: &[(&str, &str)] = &[("PLIMSOLL_LEASE_SECONDS", "4")];
const RUNNERS: usize = 2;
const BRANCHES: usize = 4;
/// Lines each build prints, spread over about two seconds.
const LINES: i64 = 400;

const BUILD_FILE: &str = r#"
[[step]]
name = "count"
phase = "build"
run = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo counted $i; [ $((i % 20)) -eq 0 ] && sleep 0.1; done; true"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn no_build_is_lost_and_no_line_either() {
    let seconds = variable("PLIMSOLL_CRASH_SECONDS").unwrap_or(30);
    let seed = variable("PLIMSOLL_CRASH_SEED").unwrap_or_else(rand::random);
    println!("PLIMSOLL_CRASH_SEED={seed} PLIMSOLL_CRASH_SECONDS={seconds}");
    let mut chaos = StdRng::seed_from_u64(seed);

    let mut up = Up::start(UP, ENV).await;
    let mut runners: Vec<_> = (0..RUNNERS).map(|n| start_runner(&up, n)).collect();
    let (project, branches) = make_project(&up).await;
    let mut accepted: Vec<String> = Vec::new();

    let end = Instant::now() + Duration::from_secs(seconds);
    let mut done: HashMap<&str, u32> = HashMap::new();
    while Instant::now() < end {
        for _ in 0..2 {
            let body = json!({"branch_id": branches[chaos.random_range(0..BRANCHES)]});
            // A trigger that is refused or cut off was not accepted; only accepted ones are promised an end.
            let answer = up.api().try_post(&format!("/api/ops/projects/{project}/trigger"), body).await;
            accepted.extend(answer.ok().and_then(|a| Some(a["build_id"].as_str()?.to_owned())));
        }
        tokio::time::sleep(Duration::from_millis(chaos.random_range(300..2_500))).await;
        let harm = disturb(&mut chaos, &mut up, &mut runners).await;
        *done.entry(harm).or_default() += 1;
    }
    println!("{} builds accepted; {done:?}", accepted.len());

    let db = up.database().await;
    until("every accepted build has an end", async || {
        let open = "select count(*) from ops.builds where id = any($1::text[]::uuid[]) and finished_at is null";
        db.query_one(open, &[&accepted]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    check_builds(&db, &accepted).await;
    check_lines(&db, &accepted).await;
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One accident, survived: what was killed runs again when this returns.
async fn disturb(chaos: &mut StdRng, up: &mut Up, runners: &mut [Process]) -> &'static str {
    let victim = chaos.random_range(0..runners.len());
    match chaos.random_range(0..5) {
        0 => {
            runners[victim].kill();
            runners[victim] = start_runner(up, victim);
            "runner killed"
        }
        1 => {
            runners[victim].signal(Signal::SIGSTOP);
            // Past its lease, so that it wakes up to one that is another's.
            tokio::time::sleep(Duration::from_millis(chaos.random_range(4_500..7_000))).await;
            runners[victim].signal(Signal::SIGCONT);
            "runner stopped past its lease"
        }
        2 => {
            up.process.kill();
            up.start_again(UP, ENV).await;
            "server killed"
        }
        3 => {
            up.process.signal(Signal::SIGSTOP);
            tokio::time::sleep(Duration::from_millis(chaos.random_range(200..2_000))).await;
            up.process.signal(Signal::SIGCONT);
            "server stalled"
        }
        _ => {
            if let Some(postmaster) = up.postmaster() {
                // It may be gone already, from the accident before.
                let _ = kill(postmaster, Signal::SIGKILL);
            }
            up.wait_until_ready().await;
            "PostgreSQL killed"
        }
    }
}

fn start_runner(up: &Up, n: usize) -> Process {
    up.runner(&format!("runner-{n}"), &service_key(up))
}

fn service_key(up: &Up) -> String {
    up.status()["SERVICE_ROLE_KEY"].as_str().unwrap().to_owned()
}

async fn make_project(up: &Up) -> (String, Vec<String>) {
    let repo = plimsoll_testkit::git::Repo::new();
    repo.commit(&[("plimsoll.toml", BUILD_FILE)], "count");
    for n in 1..BRANCHES {
        repo.branch(&format!("b{n}"));
    }
    // Kept with the data directory, which outlives this function.
    let path: PathBuf = up.dir.path().join("repository");
    let copied = std::process::Command::new("cp").arg("-a").arg(repo.path()).arg(&path).status().unwrap();
    assert!(copied.success());

    let api = up.api();
    let org = api.get("/api/ops/orgs").await[0]["id"].as_str().unwrap().to_owned();
    let body = json!({"name": "counter", "repo_url": path});
    let project = api.post(&format!("/api/ops/orgs/{org}/projects"), body).await["id"].as_str().unwrap().to_owned();
    let mut branches = Vec::new();
    until("the branches are read", async || {
        let answer = api.get(&format!("/api/ops/projects/{project}/branches")).await;
        branches = answer.as_array().unwrap().iter().map(|b| b["id"].as_str().unwrap().to_owned()).collect();
        branches.len() == BRANCHES
    })
    .await;
    (project, branches)
}

/// Every accepted build is there, ended once, and nothing is held any more.
async fn check_builds(db: &tokio_postgres::Client, accepted: &[String]) {
    let rows = db
        .query(
            "select b.id::text, b.status, b.failure_reason, b.error_message,
                    (select count(*) from ops.build_attempts a where a.build_id = b.id and a.outcome = 'finished'),
                    (select count(*) from ops.build_attempts a where a.build_id = b.id)
             from ops.builds b where b.id = any($1::text[]::uuid[])",
            &[&accepted],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), accepted.len(), "builds were lost");
    let mut ends: HashMap<String, u32> = HashMap::new();
    for row in &rows {
        let (id, status, reason, message): (String, String, Option<String>, Option<String>) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        assert!(row.get::<_, i64>(4) <= 1, "build {id} ended twice");
        // The step itself never fails, so a failure must be the infrastructure's, after all its attempts.
        let fair = match status.as_str() {
            "success" => true,
            "cancelled" => reason.as_deref() == Some("superseded"),
            _ => matches!(reason.as_deref(), Some("runner_lost" | "infrastructure")) && row.get::<_, i64>(5) >= 3,
        };
        assert!(fair, "build {id} ended as {status} ({reason:?}: {message:?})");
        *ends.entry(format!("{status} {}", reason.unwrap_or_default())).or_default() += 1;
    }
    println!("ends: {ends:?}");
    let held = "select (select count(*) from ops.leases), (select coalesce(sum(running), 0) from ops.queue_lanes),
                       (select count(*) from ops.run_queue where status in ('queued', 'claimed', 'running')), (select count(*) from ops.fenced_writes)";
    let row = db.query_one(held, &[]).await.unwrap();
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)),
        (0, 0, 0),
        "leases, running and queued are left"
    );
    println!("stale writes refused and recorded: {}", row.get::<_, i64>(3));
}

/// Lines are numbered without a gap; each attempt counted from 1 upwards without a jump; a success counted to the end.
async fn check_lines(db: &tokio_postgres::Client, accepted: &[String]) {
    for id in accepted {
        let build = db
            .query_one("select status, log_lines, seq from ops.builds where id = $1::text::uuid", &[id])
            .await
            .unwrap();
        let (status, log_lines, seq): (String, i64, i64) = (build.get(0), build.get(1), build.get(2));
        let lines = db
            .query("select id, message from ops.build_events where build_id = $1::text::uuid order by id", &[id])
            .await
            .unwrap();
        let numbers: Vec<_> = lines.iter().map(|l| l.get::<_, i64>(0) - (seq << 28)).collect();
        assert_eq!(numbers, (1..=log_lines).collect::<Vec<_>>(), "build {id}: lines missing, doubled or out of order");

        let mut counted = 0;
        for line in &lines {
            let message: &str = line.get(1);
            if message.starts_with("attempt ") && message.contains(" starts on ") {
                counted = 0;
            } else if let Some(n) = message.strip_prefix("counted ") {
                counted += 1;
                assert_eq!(n.parse(), Ok(counted), "build {id}: an acknowledged line is missing or doubled");
            }
        }
        assert!(status != "success" || counted == LINES, "build {id} succeeded with {counted} of {LINES} lines");
    }
}
