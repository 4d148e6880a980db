//! Job queues for Node.js on the same server, job by job. `benches/peers` holds what drives them.

use std::path::PathBuf;
use std::process::Command;

use crate::Args;
use crate::instance::Instance;
use crate::report::Report;

pub(crate) async fn measure(args: &Args, instance: &Instance, ours: f64, report: &mut Report) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    if !folder.join("node_modules").exists() {
        let installed = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).status();
        if !matches!(installed, Ok(status) if status.success()) {
            eprintln!("peers left out: `npm ci` in {} did not work", folder.display());
            return;
        }
    }
    for (name, script, target) in [
        ("pg-boss", "pg-boss.mjs", Some("≥ 1.5")),
        ("graphile-worker, no local queue", "graphile-worker.mjs", Some("≥ 0.5")),
    ] {
        let url = crate::queue::fresh_database(instance, "bench_peer").await;
        let output = Command::new("node")
            .arg(script)
            .args([&url, &args.clients.to_string(), "10000"])
            .current_dir(&folder)
            .output()
            .expect("node runs");
        let text = String::from_utf8_lossy(&output.stdout);
        match text.lines().last().and_then(|l| l.trim().parse::<f64>().ok()) {
            Some(theirs) => report.compare("claim + finish, job by job", ours, "cycles/s", (name, theirs), target),
            None => eprintln!("{name} left out: {text}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}
