//! Build logs on a real database.

use plimsoll_core::log::{Chunk, Kind, Mark, MarkKind};
use plimsoll_core::protocol::Register;
use plimsoll_core::status::{BuildStatus, Level, Phase, SandboxLevel};
use plimsoll_db::logs::NewEvent;
use plimsoll_db::queue::{ClaimedRun, NewBuild};
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

const NO_LIMIT: i64 = 1 << 40;

struct Scene {
    db: Db,
    client: Client,
    owner: Actor,
    stranger: Actor,
    run: ClaimedRun,
    _test: TestDb,
}

/// A build that runs.
async fn scene() -> Scene {
    let test = TestDb::new().await;
    let (db, client) = (Db::open(test.url(), 8).unwrap(), test.client().await);
    let (org, other) = (seed::org(&client, "Acme").await, seed::org(&client, "Other").await);
    let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;
    let register = Register {
        name: "r1".into(),
        version: "1".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        host: "here".into(),
        slots: 1,
        sandbox_level: SandboxLevel::None,
    };
    let runner = db.register_runner(None, &register, &[7; 32]).await.unwrap();
    let owner = Actor::User { user_id: org.owner, claims: None };
    db.trigger_build(&owner, &NewBuild::manual(project, branch), None).await.unwrap();
    let run = db.claim_for_runner(runner, 300).await.unwrap().unwrap();
    Scene { db, client, owner, stranger: Actor::User { user_id: other.owner, claims: None }, run, _test: test }
}

fn chunk(first_line: i64, lines: &[&str]) -> Chunk {
    Chunk {
        first_line,
        base_ms: 1_700_000_000_123,
        dt_ms: (0..lines.len() as i32).collect(),
        kind: vec![Kind::new(Phase::Test, Level::Warn).with(Kind::STDERR); lines.len()],
        body: lines.join("\n"),
        marks: Vec::new(),
    }
}

impl Scene {
    async fn append(&self, chunk: &Chunk) -> plimsoll_db::Result<i64> {
        self.db.append_log_chunk(self.run.build_id, self.run.fencing_token, chunk, NO_LIMIT).await
    }

    async fn messages(&self) -> Vec<String> {
        let lines = self.db.log_lines(&self.owner, self.run.build_id, 1, 10_000).await.unwrap();
        assert!(lines.iter().zip(1..).all(|(line, number)| line.line == number), "{lines:?}");
        lines.into_iter().map(|line| line.message).collect()
    }
}

#[tokio::test]
async fn lines_come_back_as_they_went_in() {
    let scene = scene().await;
    let texts = ["plain", "", "\u{1b}[31mred\u{1b}[0m", "tab\tund Ümläut 🚢", "", "back\\slash"];
    assert_eq!(scene.append(&chunk(1, &texts)).await.unwrap(), 7);
    assert_eq!(scene.append(&chunk(7, &[""])).await.unwrap(), 8);
    let lines = scene.db.log_lines(&scene.owner, scene.run.build_id, 1, 100).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.message.as_str()).collect::<Vec<_>>(), [&texts[..], &[""]].concat());
    assert_eq!((lines[2].phase.as_str(), lines[2].level.as_str(), lines[2].flags), ("test", "warn", Kind::STDERR));
    assert_eq!(lines[2].ts.as_millisecond(), 1_700_000_000_125);
    let page = scene.db.log_lines(&scene.owner, scene.run.build_id, 3, 2).await.unwrap();
    assert_eq!(page.iter().map(|l| l.line).collect::<Vec<_>>(), [3, 4]);
    let chunks = scene.db.log_chunks(&scene.owner, scene.run.build_id, 4, 10).await.unwrap();
    assert_eq!(chunks.iter().map(|c| c.first_line).collect::<Vec<_>>(), [1, 7]);
    assert_eq!((chunks[0].base_ms, chunks[0].dt_ms.len()), (1_700_000_000_123, 6));
    assert_eq!(scene.db.log_chunks_as_server(scene.run.build_id, 7, 1).await.unwrap()[0].first_line, 7);
}

#[tokio::test]
async fn a_repeated_chunk_is_acknowledged_and_gaps_and_overlaps_say_where_to_go_on() {
    let scene = scene().await;
    scene.append(&chunk(1, &["a", "b", "c"])).await.unwrap();
    assert_eq!(scene.append(&chunk(1, &["a", "b", "c"])).await.unwrap(), 4);
    assert_eq!(scene.append(&chunk(2, &["b"])).await.unwrap(), 4);
    for (first, lines) in [(3, &["c", "d"][..]), (5, &["e"]), (1, &["a", "b", "c", "d"])] {
        let answer = scene.append(&chunk(first, lines)).await;
        assert!(matches!(answer, Err(DbError::LineGap { next_line: 4 })), "{answer:?}");
    }
    scene.append(&chunk(4, &["d"])).await.unwrap();
    assert_eq!(scene.messages().await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn the_same_chunk_sent_by_many_at_once_is_stored_once() {
    let scene = scene().await;
    for first in 0..20 {
        let chunk = chunk(1 + first * 2, &["x", "y"]);
        let answers = futures::future::join_all((0..4).map(|_| scene.append(&chunk))).await;
        assert!(answers.iter().all(|answer| *answer.as_ref().unwrap() == 3 + first * 2));
    }
    assert_eq!(scene.messages().await.len(), 40);
}

#[tokio::test]
async fn a_log_over_its_limit_is_refused_before_anything_is_stored() {
    let scene = scene().await;
    let append = async |first, text: &str| {
        let chunk = chunk(first, &[text]);
        scene.db.append_log_chunk(scene.run.build_id, scene.run.fencing_token, &chunk, 10).await
    };
    append(1, "12345").await.unwrap();
    let over = append(2, "678901").await;
    assert!(matches!(over, Err(DbError::LogLimit { limit_bytes: 10 })), "{over:?}");
    append(2, "67890").await.unwrap();
    assert_eq!(scene.messages().await, ["12345", "67890"]);
}

#[tokio::test]
async fn marks_and_the_first_error_are_kept() {
    let scene = scene().await;
    let mark = |line, kind, label: &str| Mark { line, kind, label: label.to_owned() };
    let long = "x".repeat(600);
    let marks =
        vec![mark(1, MarkKind::Group, "build"), mark(2, MarkKind::Error, &long), mark(3, MarkKind::Error, "second")];
    scene.append(&Chunk { marks, ..chunk(1, &["::group::build", "error: a", "error: b"]) }).await.unwrap();
    scene.append(&Chunk { marks: vec![mark(4, MarkKind::Error, "third")], ..chunk(4, &["error: c"]) }).await.unwrap();
    let marks = scene.db.log_marks(&scene.owner, scene.run.build_id).await.unwrap();
    assert_eq!(
        marks.iter().map(|m| (m.line, m.kind)).collect::<Vec<_>>(),
        [(1, MarkKind::Group), (2, MarkKind::Error), (3, MarkKind::Error), (4, MarkKind::Error)]
    );
    assert_eq!(marks[1].label.len(), 500);
    let (build, token) = (scene.run.build_id, scene.run.fencing_token);
    scene.db.finish_run(build, token, BuildStatus::Failed, None, None, 5).await.unwrap();
    let sql = "select first_error_line, log_lines from ops.builds where id = $1";
    let row = scene.client.query_one(sql, &[&build]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (2, 4));
}

#[tokio::test]
async fn search_finds_lines_in_any_case_and_through_colours() {
    let scene = scene().await;
    scene.append(&chunk(1, &["Compiling shop", "error[E0308]: mismatched", "nothing"])).await.unwrap();
    scene.append(&chunk(4, &["100%_done", "\u{1b}[1mERR\u{1b}[0mOR again"])).await.unwrap();
    let find = async |text: &str| scene.db.log_search(&scene.owner, scene.run.build_id, text, 10).await;
    assert_eq!(find("error").await.unwrap(), [2, 5]);
    assert_eq!(find("0%_D").await.unwrap(), [4]);
    assert_eq!(find("[E0308]").await.unwrap(), [2]);
    assert!(find("absent").await.unwrap().is_empty());
    assert!(matches!(find("").await, Err(DbError::Invalid(_))));
    assert_eq!(scene.db.log_search(&scene.owner, scene.run.build_id, "n", 1).await.unwrap(), [1]);
}

#[tokio::test]
async fn the_faces_answer_one_row_a_line_and_take_lines() {
    let scene = scene().await;
    let (build, token) = (scene.run.build_id, scene.run.fencing_token);
    scene.append(&chunk(1, &["first", ""])).await.unwrap();
    let message = "two\nlines, a \\x0A and a \\";
    let meta = json!({"pct": 50});
    let event = NewEvent { phase: Phase::Deploy, level: Level::Error, message, meta: &meta };
    let id = scene.db.append_build_event(build, event, Some(token)).await.unwrap();
    let sql = "select id, phase, level, message, meta, org_id from ops.build_events where build_id = $1 order by id";
    let rows = scene.client.query(sql, &[&build]).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1].get::<_, &str>(3), "");
    assert_eq!(
        (rows[2].get::<_, i64>(0), rows[2].get::<_, &str>(1), rows[2].get::<_, &str>(2)),
        (id, "deploy", "error")
    );
    assert_eq!((rows[2].get::<_, &str>(3), rows[2].get::<_, serde_json::Value>(4)), (message, meta));
    let sql = "select line, stream, message from ops.build_logs where build_id = $1 order by id";
    let rows = scene.client.query(sql, &[&build]).await.unwrap();
    assert_eq!((rows[0].get::<_, i64>(0), rows[0].get::<_, &str>(1)), (1, "stderr"));

    // The contract's page function: newest first.
    let sql = "select id, message, meta from ops.build_logs($1, 2, 0)";
    let rows = scene.client.query(sql, &[&build]).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.get::<_, &str>(1)).collect::<Vec<_>>(), [message, ""]);
    assert_eq!(rows[0].get::<_, i64>(0), id);
    let rows = scene.client.query("select message from ops.build_logs($1, 10, 2)", &[&build]).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.get::<_, &str>(0)).collect::<Vec<_>>(), ["first"]);
    assert!(scene.client.query("select from ops.build_logs($1, 10, 3)", &[&build]).await.unwrap().is_empty());

    scene.db.finish_run(build, token, BuildStatus::Success, None, None, 4).await.unwrap();
    let insert = "insert into ops.build_events (build_id, phase, level, message, ts) values ($1, 'system', 'info', 'after', '2026-01-02')
        returning id, ts::date::text";
    let row = scene.client.query_one(insert, &[&build]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, &str>(1)), (id + 1, "2026-01-02"));
    assert_eq!(scene.messages().await.len(), 4);
    let bad = "insert into ops.build_events (build_id, phase, level, message) values ($1, 'nonsense', 'info', 'x')";
    assert!(scene.client.execute(bad, &[&build]).await.is_err());
}

#[tokio::test]
async fn strangers_read_nothing_and_people_write_nothing() {
    let scene = scene().await;
    let build = scene.run.build_id;
    scene.append(&chunk(1, &["secret plan"])).await.unwrap();
    assert!(matches!(scene.db.log_lines(&scene.stranger, build, 1, 10).await, Err(DbError::NotFound(_))));
    assert!(matches!(scene.db.log_chunks(&scene.stranger, build, 1, 10).await, Err(DbError::NotFound(_))));
    assert!(matches!(scene.db.log_search(&scene.stranger, build, "plan", 10).await, Err(DbError::NotFound(_))));
    assert!(matches!(scene.db.log_marks(&scene.stranger, build).await, Err(DbError::NotFound(_))));
    for face in ["ops.build_events", "ops.build_logs"] {
        let sql = format!("select message from {face}");
        assert_eq!(scene.db.query(&scene.owner, &sql, &[]).await.unwrap().len(), 1, "{face}");
        assert!(scene.db.query(&scene.stranger, &sql, &[]).await.unwrap().is_empty(), "{face}");
        assert!(scene.db.query(&Actor::Anonymous, &sql, &[]).await.is_err(), "{face}");
    }
    let sql = format!("select ops.append_build_event('{build}', 'build', 'info', 'x')");
    assert!(matches!(scene.db.query(&scene.owner, &sql, &[]).await, Err(DbError::Forbidden(_))));
    let unknown = scene.db.log_lines(&scene.owner, Uuid::new_v4(), 1, 10).await;
    assert!(matches!(unknown, Err(DbError::NotFound(_))));
}

#[tokio::test]
async fn partitions_are_made_ahead_and_old_ones_dropped() {
    let scene = scene().await;
    // Another test's template or an earlier start may have made this week's.
    scene.db.ensure_log_partitions(3).await.unwrap();
    assert_eq!(scene.db.ensure_log_partitions(3).await.unwrap(), 0);
    let count = "select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'ops.log_chunks'::regclass and c.relrowsecurity";
    let before: i64 = scene.client.query_one(count, &[]).await.unwrap().get(0);
    assert!(before >= 4, "{before}");
    scene.append(&chunk(1, &["kept"])).await.unwrap();
    assert_eq!(scene.db.drop_log_partitions_older_than(90).await.unwrap(), 0);
    assert_eq!(scene.messages().await, ["kept"]);
    assert!(scene.db.drop_log_partitions_older_than(-90).await.unwrap() >= 4);
    assert!(scene.messages().await.is_empty());
}
