//! How near Plimsoll is to what PostgreSQL itself can do on this machine, and to its peers: ratios within one run.
//!
//! `cargo bench -p plimsoll` runs all; `-- gateway logs queue peers streams footprint` chooses; `--seconds N` sets how long each
//! rate is measured, `--backlog N` the deep queue, `--json FILE` where the figures go besides the table.

mod footprint;
mod gateway;
mod http;
mod instance;
mod logs;
mod peers;
mod pgbench;
mod queue;
mod report;
mod streams;

use std::path::PathBuf;

use clap::Parser;

use crate::instance::Instance;
use crate::report::Report;

#[derive(Parser)]
pub(crate) struct Args {
    /// Any of gateway, logs, queue, peers, streams, footprint; all when none is given.
    what: Vec<String>,
    /// How long each rate is measured.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long the queue is churned to see whether it slows down.
    #[arg(long, default_value_t = 60)]
    churn_seconds: u64,
    /// Clients at a time.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Queued runs in the deep queue.
    #[arg(long, default_value_t = 1_000_000)]
    backlog: u64,
    /// Log lines sent.
    #[arg(long, default_value_t = 1_000_000)]
    lines: u64,
    /// Watching streams.
    #[arg(long, default_value_t = 200)]
    watchers: usize,
    /// Where the figures go as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`; means nothing here.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    fn wants(&self, name: &str) -> bool {
        self.what.is_empty() || self.what.iter().any(|w| w == name)
    }
}

#[tokio::main]
async fn main() {
    let args = Args::parse();
    rustls::crypto::ring::default_provider().install_default().expect("installed once");
    let mut report = Report::default();
    if args.wants("footprint") {
        footprint::measure(&mut report).await;
    }
    let instance = Instance::start().await;
    if args.wants("gateway") {
        gateway::measure(&args, &instance, &mut report).await;
    }
    if args.wants("logs") {
        logs::measure(&args, &instance, &mut report).await;
    }
    if args.wants("streams") {
        streams::measure(&args, &instance, &mut report).await;
    }
    if args.wants("queue") || args.wants("peers") {
        queue::measure(&args, &instance, &mut report).await;
    }
    instance.stop().await;
    print!("{report}");
    if let Some(path) = &args.json {
        std::fs::write(path, report.to_json()).expect("the JSON file can be written");
    }
}
