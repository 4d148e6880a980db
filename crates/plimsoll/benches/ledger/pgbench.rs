//! pgbench, the same client for both sides of a comparison.

use std::process::Command;

pub(crate) struct Rates {
    /// Transactions a second over the whole time.
    pub(crate) per_second: f64,
    /// The same over each fifth of the time.
    pub(crate) fifths: Vec<f64>,
}

/// Runs `script` for `seconds` with `clients`; every run of the script is one cycle.
pub(crate) fn run(db_url: &str, script: &str, clients: usize, seconds: u64) -> Rates {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("script.sql");
    std::fs::write(&file, script).expect("written");
    let interval = (seconds / 5).max(1);
    let output = Command::new(program())
        .args([
            "-n",
            "-c",
            &clients.to_string(),
            "-j",
            "2",
            "-T",
            &seconds.to_string(),
            "-P",
            &interval.to_string(),
            "-f",
        ])
        .arg(&file)
        .arg(db_url)
        .output()
        .expect("pgbench starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "pgbench failed: {err}\n{out}");
    let number = |text: &str| text.split_whitespace().next().and_then(|n| n.parse().ok());
    let per_second = out.lines().find_map(|l| number(l.strip_prefix("tps = ")?)).expect("pgbench prints tps");
    let fifths = err
        .lines()
        .filter_map(|l| number(l.split("s, ").nth(1)?.strip_suffix(" tps").unwrap_or(l.split("s, ").nth(1)?)))
        .collect();
    Rates { per_second, fifths }
}

/// pgbench of the newest PostgreSQL on this machine, or the one on PATH.
fn program() -> std::path::PathBuf {
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.exists())
        .collect();
    debian.sort();
    debian.pop().unwrap_or_else(|| "pgbench".into())
}
