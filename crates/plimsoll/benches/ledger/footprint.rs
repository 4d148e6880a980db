//! Memory when idle and time to ready, with the binary built.

use crate::instance::Instance;
use crate::report::Report;

pub(crate) async fn measure(report: &mut Report) {
    let first = Instance::start().await;
    report.add("ready from nothing (initdb, schema)", first.ready_after.as_secs_f64(), "s", Some("< 10 s"));
    let dir = first.stop().await;
    let second = Instance::start_in(dir).await;
    report.add("ready warm", second.ready_after.as_secs_f64(), "s", Some("< 2 s"));
    // A few seconds of idling, so that what start-up used has been given back.
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    if let Some(kib) = resident_kib(second.pid()) {
        report.add("resident when idle, without PostgreSQL", kib / 1024.0, "MB", Some("< 60 MB"));
    }
    second.stop().await;
}

/// From /proc; nothing on other systems.
fn resident_kib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
}
