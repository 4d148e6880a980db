//! What pages read about builds, and what runners report.

use plimsoll_core::protocol::{Commit, Register, Step, TestCase, TestReport};
use plimsoll_core::status::{ArtifactType, BuildStatus, Phase, SandboxLevel, StepStatus, TestOutcome};
use plimsoll_db::builds::BuildFilter;
use plimsoll_db::queue::{ClaimedRun, NewBuild};
use plimsoll_db::runners::NewArtifact;
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use uuid::Uuid;

struct Scene {
    db: Db,
    org: seed::Org,
    owner: Actor,
    stranger: Actor,
    project: Uuid,
    branch: Uuid,
    runner: Uuid,
    _test: TestDb,
}

fn register(name: &str) -> Register {
    Register {
        name: name.into(),
        version: "1".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        host: "here".into(),
        slots: 2,
        sandbox_level: SandboxLevel::Bubblewrap,
    }
}

async fn scene() -> Scene {
    let test = TestDb::new().await;
    let (db, client) = (Db::open(test.url(), 8).unwrap(), test.client().await);
    let (org, other) = (seed::org(&client, "Acme").await, seed::org(&client, "Other").await);
    let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;
    let runner = db.register_runner(None, &register("r1"), &[7; 32]).await.unwrap();
    let owner = Actor::User { user_id: org.owner, claims: None };
    let stranger = Actor::User { user_id: other.owner, claims: None };
    Scene { db, org, owner, stranger, project, branch, runner, _test: test }
}

impl Scene {
    async fn run(&self) -> ClaimedRun {
        self.db.trigger_build(&self.owner, &NewBuild::manual(self.project, self.branch), None).await.unwrap();
        self.db.claim_for_runner(self.runner, 300).await.unwrap().unwrap()
    }

    async fn end(&self, run: &ClaimedRun, status: BuildStatus) {
        self.db.finish_run(run.build_id, run.fencing_token, status, None, None, 1).await.unwrap();
    }

    async fn report(&self, run: &ClaimedRun, cases: &[(&str, TestOutcome)]) {
        let case = |(name, outcome): &(&str, TestOutcome)| TestCase {
            suite: "unit".into(),
            name: (*name).into(),
            outcome: *outcome,
            duration_seconds: 0.25,
            failure: (*outcome == TestOutcome::Failed).then(|| "expected 1".into()),
        };
        let report = TestReport { execution_time_seconds: 1.5, cases: cases.iter().map(case).collect() };
        self.db.record_tests(run.build_id, run.fencing_token, &report).await.unwrap();
        // Sent again, it replaces itself.
        self.db.record_tests(run.build_id, run.fencing_token, &report).await.unwrap();
    }
}

fn step(name: &str, status: StepStatus) -> Step {
    Step {
        name: name.into(),
        phase: Phase::Build,
        command: Some("make".into()),
        status,
        started_at: None,
        finished_at: None,
        exit_code: (status == StepStatus::Success).then_some(0),
        first_line: Some(3),
    }
}

#[tokio::test]
async fn the_detail_of_a_build_holds_what_its_runner_reported() {
    let scene = scene().await;
    let run = scene.run().await;
    let (db, build, token) = (&scene.db, run.build_id, run.fencing_token);
    let commit = Commit {
        sha: "a".repeat(40),
        message: "Add a keel".into(),
        author: "Ada".into(),
        recipe: Some("cargo".into()),
        sandbox_level: SandboxLevel::Bubblewrap,
    };
    db.record_commit(build, token, &commit).await.unwrap();
    db.record_steps(
        build,
        token,
        &[step("one", StepStatus::Running), step("two", StepStatus::Pending), step("three", StepStatus::Pending)],
    )
    .await
    .unwrap();
    db.record_steps(build, token, &[step("one", StepStatus::Success), step("two", StepStatus::Running)]).await.unwrap();
    let mut artifact = NewArtifact {
        r#type: ArtifactType::Report,
        name: "report.html".into(),
        storage_path: "artifacts/1".into(),
        size_bytes: 10,
        mime_type: "text/html".into(),
        sha256: "0".repeat(64),
    };
    let id = db.record_artifact(build, token, &artifact).await.unwrap();
    artifact.storage_path = "artifacts/2".into();
    artifact.sha256 = "1".repeat(64);
    assert_eq!(db.record_artifact(build, token, &artifact).await.unwrap(), id);
    db.record_fenced_write(build, 0, "append", Some("ghost")).await.unwrap();

    let detail = db.build_detail(&scene.owner, build).await.unwrap();
    assert_eq!(detail["build"]["commit_message"], "Add a keel");
    assert_eq!(detail["build"]["sandbox_level"], "bubblewrap");
    assert_eq!(detail["lease"]["runner_name"], "r1");
    assert_eq!(detail["lease"]["attempt"], 1);
    assert_eq!(detail["project"]["slug"], "shop");
    let steps = detail["steps"].as_array().unwrap();
    assert_eq!(
        steps.iter().map(|s| (s["name"].as_str().unwrap(), s["status"].as_str().unwrap())).collect::<Vec<_>>(),
        [("one", "success"), ("two", "running")]
    );
    assert_eq!(detail["artifacts"][0]["name"], "report.html");
    assert!(detail["artifacts"][0].get("storage_path").is_none(), "where bytes are stored is nobody's business");
    assert_eq!(detail["fenced_writes"][0]["runner_id"], "ghost");
    assert_eq!(db.artifact_location(&scene.owner, id).await.unwrap().storage_path, "artifacts/2");
    assert!(matches!(db.artifact_location(&scene.stranger, id).await, Err(DbError::NotFound(_))));
    assert!(matches!(db.build_detail(&scene.stranger, build).await, Err(DbError::NotFound(_))));

    scene.end(&run, BuildStatus::Success).await;
    let again = db.rebuild(&scene.owner, build).await.unwrap();
    let detail = db.build_detail(&scene.owner, build).await.unwrap();
    assert_eq!(detail["attempts"][0]["outcome"], "finished");
    assert_eq!(detail["rebuilds"][0]["id"], again.to_string());
    assert!(detail["lease"].is_null());
}

#[tokio::test]
async fn tests_that_began_to_fail_come_first() {
    use TestOutcome::{Failed, Passed, Skipped};
    let scene = scene().await;
    let run = scene.run().await;
    scene.report(&run, &[("a", Passed), ("b", Failed), ("c", Passed), ("d", Skipped)]).await;
    scene.end(&run, BuildStatus::Failed).await;
    // A build without tests in between is passed over.
    let run = scene.run().await;
    scene.end(&run, BuildStatus::Failed).await;
    let run = scene.run().await;
    scene.report(&run, &[("a", Passed), ("b", Failed), ("c", Failed), ("d", Skipped), ("new", Failed)]).await;
    scene.end(&run, BuildStatus::Failed).await;
    let tests = scene.db.build_tests(&scene.owner, run.build_id).await.unwrap();
    let found: Vec<_> = tests.iter().map(|test| (test.name.as_str(), test.newly_failed)).collect();
    assert_eq!(found, [("c", true), ("b", false), ("new", false), ("d", false), ("a", false)]);
    assert_eq!(tests[0].failure.as_deref(), Some("expected 1"));
    let rows = scene.db.project_builds(&scene.owner, scene.project, BuildFilter::default(), 10).await.unwrap();
    let counts = rows[0].test_results.as_ref().unwrap();
    assert_eq!((&counts["total"], &counts["failed"], &counts["skipped"]), (&5.into(), &3.into(), &1.into()));
    assert!(matches!(scene.db.build_tests(&scene.stranger, run.build_id).await, Err(DbError::NotFound(_))));
}

#[tokio::test]
async fn the_list_of_builds_is_newest_first_and_filtered() {
    let scene = scene().await;
    for status in [BuildStatus::Success, BuildStatus::Failed, BuildStatus::Success] {
        let run = scene.run().await;
        scene.end(&run, status).await;
    }
    let running = scene.run().await;
    scene.db.request_cancel(&scene.owner, running.build_id).await.unwrap();
    let list = async |filter: BuildFilter, limit| {
        scene.db.project_builds(&scene.owner, scene.project, filter, limit).await.unwrap()
    };
    let all = list(BuildFilter::default(), 50).await;
    assert_eq!(all.iter().map(|row| row.build_number).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(
        (all[0].cancel_requested, all[0].branch_name.as_str(), all[0].stage.as_str()),
        (true, "main", "production")
    );
    let failed = list(BuildFilter { status: Some(BuildStatus::Failed), ..BuildFilter::default() }, 50).await;
    assert_eq!(failed.iter().map(|row| row.build_number).collect::<Vec<_>>(), [2]);
    let page = list(
        BuildFilter { before: Some(all[1].created_at), branch_id: Some(scene.branch), ..BuildFilter::default() },
        1,
    )
    .await;
    assert_eq!(page.iter().map(|row| row.build_number).collect::<Vec<_>>(), [2]);
    assert!(list(BuildFilter { branch_id: Some(Uuid::new_v4()), ..BuildFilter::default() }, 50).await.is_empty());
    let foreign = scene.db.project_builds(&scene.stranger, scene.project, BuildFilter::default(), 10).await;
    assert!(matches!(foreign, Err(DbError::NotFound(_))));
}

#[tokio::test]
async fn runners_are_listed_to_those_they_serve_and_removed_by_admins() {
    let scene = scene().await;
    let own = scene.db.register_runner(Some(scene.org.id), &register("own"), &[8; 32]).await.unwrap();
    let run = scene.run().await;
    let listed = scene.db.list_runners(&scene.owner, scene.org.id).await.unwrap();
    assert_eq!(listed.len(), 2);
    let shared = listed.iter().find(|runner| runner.id == scene.runner).unwrap();
    assert_eq!((shared.running_builds.as_slice(), shared.online, shared.org_id), (&[run.build_id][..], true, None));
    assert!(matches!(scene.db.list_runners(&scene.stranger, scene.org.id).await, Err(DbError::NotFound(_))));

    assert_eq!(scene.db.authenticate_runner(&[8; 32]).await.unwrap().unwrap().runner_id, own);
    assert!(scene.db.authenticate_runner(&[9; 32]).await.unwrap().is_none());
    assert!(matches!(scene.db.remove_runner(&scene.stranger, own).await, Err(DbError::NotFound(_))));
    assert!(matches!(scene.db.remove_runner(&scene.owner, scene.runner).await, Err(DbError::Forbidden(_))));
    scene.db.remove_runner(&scene.owner, own).await.unwrap();
    assert!(scene.db.authenticate_runner(&[8; 32]).await.unwrap().is_none());
    assert_eq!(scene.db.list_runners(&scene.owner, scene.org.id).await.unwrap().len(), 1);
}
