//! From a line that a step wrote to the browsers that watch: how long, with 200 of them.

use std::time::{Duration, Instant};

use futures::StreamExt;
use plimsoll_core::log::{Chunk, Kind};
use plimsoll_core::status::{Level, Phase};
use tokio::sync::mpsc;

use crate::Args;
use crate::instance::Instance;
use crate::report::Report;

const LINES: u64 = 200;
const EVERY: Duration = Duration::from_millis(50);

pub(crate) async fn measure(args: &Args, instance: &Instance, report: &mut Report) {
    let claim = crate::queue::start_builds(instance, 1).await.remove(0);
    let zero = Instant::now();
    let (seen, mut arrivals) = mpsc::unbounded_channel::<(u64, Duration)>();
    let (ready, mut connected) = mpsc::unbounded_channel::<()>();
    let mut watchers = Vec::new();
    for _ in 0..args.watchers {
        let url = format!("{}/api/ops/builds/{}/logs/stream?from={}", instance.url, claim.build_id, claim.next_line);
        let (key, seen, ready) = (instance.service_key.clone(), seen.clone(), ready.clone());
        watchers.push(tokio::spawn(async move {
            // A connection each, as browsers have.
            let response = reqwest::Client::new().get(url).bearer_auth(key).send().await.expect("the stream opens");
            assert!(response.status().is_success(), "stream refused: {}", response.status());
            ready.send(()).expect("the bench listens");
            let mut body = response.bytes_stream();
            let mut text = String::new();
            while let Some(Ok(bytes)) = body.next().await {
                let at = zero.elapsed();
                text.push_str(&String::from_utf8_lossy(&bytes));
                while let Some(start) = text.find("sent-line-") {
                    let Some(number) = text.get(start + 10..start + 16) else { break };
                    let number = number.parse().expect("six digits");
                    text.drain(..start + 16);
                    if seen.send((number, at)).is_err() {
                        return;
                    }
                }
            }
        }));
    }
    for _ in 0..args.watchers {
        connected.recv().await.expect("every watcher connects");
    }

    let sent = send_lines(instance, &claim, zero).await;
    let expected = args.watchers * LINES as usize;
    let mut latencies_ms = Vec::with_capacity(expected);
    while latencies_ms.len() < expected {
        let arrival = tokio::time::timeout(Duration::from_secs(20), arrivals.recv()).await;
        let (number, at) = arrival.expect("every line reaches every watcher").expect("watchers live");
        latencies_ms.push((at - sent[number as usize]).as_secs_f64() * 1_000.0);
    }
    watchers.iter().for_each(tokio::task::JoinHandle::abort);
    latencies_ms.sort_by(f64::total_cmp);
    let at = |share: f64| latencies_ms[((latencies_ms.len() - 1) as f64 * share) as usize];
    report.add(format!("line to {} streams, median", args.watchers), at(0.5), "ms", None);
    report.add(format!("line to {} streams, p99", args.watchers), at(0.99), "ms", Some("< 250 ms"));
}

async fn send_lines(instance: &Instance, claim: &plimsoll_core::protocol::Claim, zero: Instant) -> Vec<Duration> {
    let http = reqwest::Client::new();
    let url = format!("{}/runner/v1/attempts/{}/logs", instance.url, claim.build_id);
    let mut tick = tokio::time::interval(EVERY);
    let mut sent = Vec::new();
    for n in 0..LINES {
        tick.tick().await;
        let chunk = Chunk {
            first_line: claim.next_line + n as i64,
            base_ms: 1_760_000_000_000,
            dt_ms: vec![0],
            kind: vec![Kind::new(Phase::Build, Level::Info)],
            body: format!("sent-line-{n:06}"),
            marks: Vec::new(),
        };
        sent.push(zero.elapsed());
        let answer = http.post(&url).bearer_auth(&claim.attempt_token).json(&chunk).send().await.expect("answers");
        assert!(answer.status().is_success(), "append refused: {}", answer.status());
    }
    sent
}
