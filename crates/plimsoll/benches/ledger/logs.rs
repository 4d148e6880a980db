//! Durable log lines a second through the runner protocol, against raw binary COPY of one row a line.

use std::time::Instant;

use futures::SinkExt;
use plimsoll_core::log::{Chunk, Kind};
use plimsoll_core::status::{Level, Phase};

use crate::Args;
use crate::instance::Instance;
use crate::report::Report;

/// What a runner sends under pressure: it cuts chunks at 5,000 lines or 1 MiB, and smaller ones while the server keeps up.
const CHUNK_LINES: u64 = 2_000;
/// Lines a COPY carries, as a loader would batch them.
const COPY_BATCH: u64 = 50_000;

pub(crate) async fn measure(args: &Args, instance: &Instance, report: &mut Report) {
    let builders = 2;
    let each = args.lines / builders;
    let copied = copy_rate(instance, builders, each).await;
    let sent = protocol_rate(instance, builders, each).await;
    let again = copy_rate(instance, builders, each).await;
    let copied = f64::max(copied, again);
    report.compare(
        "durable log lines through the runner protocol",
        sent,
        "lines/s",
        ("binary COPY, a row a line", copied),
        Some("≥ 1.0"),
    );
}

fn line(build: u64, n: u64) -> String {
    format!(
        "   Compiling module-{build}-{n:07} v1.4.{} (/build/src/module/{n:07}) with a tail that fills it up to size",
        n % 10
    )
}

async fn protocol_rate(instance: &Instance, builders: u64, lines: u64) -> f64 {
    let runners = crate::queue::start_builds(instance, builders as usize).await;
    let started = Instant::now();
    let tasks: Vec<_> = runners
        .into_iter()
        .enumerate()
        .map(|(i, claim)| {
            let url = format!("{}/runner/v1/attempts/{}/logs", instance.url, claim.build_id);
            tokio::spawn(async move {
                let http = reqwest::Client::new();
                let mut first_line = claim.next_line;
                for batch in 0..lines / CHUNK_LINES {
                    let text: Vec<_> = (0..CHUNK_LINES).map(|n| line(i as u64, batch * CHUNK_LINES + n)).collect();
                    let chunk = Chunk {
                        first_line,
                        base_ms: 1_760_000_000_000,
                        dt_ms: (0..CHUNK_LINES as i32).collect(),
                        kind: vec![Kind::new(Phase::Build, Level::Info); CHUNK_LINES as usize],
                        body: text.join("\n"),
                        marks: Vec::new(),
                    };
                    let answer =
                        http.post(&url).bearer_auth(&claim.attempt_token).json(&chunk).send().await.expect("answers");
                    assert!(
                        answer.status().is_success(),
                        "append refused: {}",
                        answer.text().await.unwrap_or_default()
                    );
                    first_line = chunk.next_line();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("the sender ran");
    }
    (builders * lines) as f64 / started.elapsed().as_secs_f64()
}

async fn copy_rate(instance: &Instance, writers: u64, lines: u64) -> f64 {
    let setup = connect(&instance.db_url).await;
    setup
        .batch_execute(
            "drop table if exists public.bench_lines;
             create table public.bench_lines (build_id int8, line int8, ts timestamptz, phase text, level text, message text,
                                              primary key (build_id, line))",
        )
        .await
        .expect("the table is made");
    let started = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|build| {
            let url = instance.db_url.clone();
            tokio::spawn(async move {
                let client = connect(&url).await;
                for batch in 0..lines.div_ceil(COPY_BATCH) {
                    let sink = client
                        .copy_in("copy public.bench_lines from stdin (format binary)")
                        .await
                        .expect("copy starts");
                    let mut sink = std::pin::pin!(sink);
                    let mut buffer = bytes::BytesMut::with_capacity(1 << 20);
                    buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
                    let last = lines.min((batch + 1) * COPY_BATCH);
                    for n in batch * COPY_BATCH..last {
                        buffer.extend_from_slice(&6i16.to_be_bytes());
                        row(&mut buffer, build, n);
                        if buffer.len() > 1 << 19 {
                            sink.send(buffer.split().freeze()).await.expect("sent");
                        }
                    }
                    buffer.extend_from_slice(&(-1i16).to_be_bytes());
                    sink.send(buffer.freeze()).await.expect("sent");
                    sink.as_mut().finish().await.expect("stored");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("the writer ran");
    }
    let rate = (writers * lines) as f64 / started.elapsed().as_secs_f64();
    setup.batch_execute("drop table public.bench_lines").await.expect("dropped");
    rate
}

/// One row in COPY's binary form.
fn row(buffer: &mut bytes::BytesMut, build: u64, n: u64) {
    let mut field = |bytes: &[u8]| {
        buffer.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
        buffer.extend_from_slice(bytes);
    };
    field(&(build as i64).to_be_bytes());
    field(&(n as i64).to_be_bytes());
    field(&(n as i64 * 1_000).to_be_bytes());
    field(b"build");
    field(b"info");
    field(line(build, n).as_bytes());
}

pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connects");
    tokio::spawn(connection);
    client
}
