//! `plimsoll doctor`: what this machine and database are fit for, and how to mend what they are not.

use std::process::Command;

use plimsoll_db::{Db, migrate};
use serde::Serialize;

use crate::commands::migrate::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Good,
    /// Works, with something missing.
    Limited,
    Bad,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    health: Health,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<&'static str>,
}

/// Differences between the clocks that do no harm: leases use the database's clock alone.
const CLOCK_TOLERANCE_SECONDS: f64 = 5.0;

pub(crate) async fn run(config: &Config, output: &Output) -> Result<(), Failure> {
    let mut findings = vec![git(), sandbox(), data_dir(config)];
    findings.extend(database(config).await);
    let text = findings.iter().map(sentence).collect::<Vec<_>>().join("\n");
    let bad = findings.iter().filter(|f| f.health == Health::Bad).count();
    output.result(&findings, text);
    if bad > 0 {
        return Err(Failure::failed(format!("{bad} of {} checks need mending", findings.len())));
    }
    Ok(())
}

fn sentence(finding: &Finding) -> String {
    let word = match finding.health {
        Health::Good => "good   ",
        Health::Limited => "limited",
        Health::Bad => "BAD    ",
    };
    let mend = finding.mend.map(|m| format!("\n           → {m}")).unwrap_or_default();
    format!("{word}  {}: {}{mend}", finding.check, finding.found)
}

fn finding(check: &'static str, health: Health, found: impl Into<String>, mend: &'static str) -> Finding {
    let mend = (health != Health::Good).then_some(mend);
    Finding { check, health, found: found.into(), mend }
}

fn git() -> Finding {
    match version_of("git", &["--version"]) {
        Some(version) => finding("git", Health::Good, version, ""),
        None => finding("git", Health::Bad, "not found", "install git: builds are checked out with it"),
    }
}

fn sandbox() -> Finding {
    let mend = "install bubblewrap (apt install bubblewrap) and allow unprivileged user namespaces: builds then cannot touch the machine";
    match version_of("bwrap", &["--version"]) {
        Some(version) if version_of("bwrap", &["--ro-bind", "/", "/", "--unshare-pid", "true"]).is_some() => {
            finding("sandbox", Health::Good, version, "")
        }
        Some(version) => finding("sandbox", Health::Limited, format!("{version} is there but cannot start"), mend),
        None => finding("sandbox", Health::Limited, "bubblewrap not found: builds run as plain processes", mend),
    }
}

fn data_dir(config: &Config) -> Finding {
    let dir = &config.data_dir;
    let parent = dir.ancestors().find(|p| p.exists()).unwrap_or(dir);
    let writable = nix::unistd::access(parent, nix::unistd::AccessFlags::W_OK).is_ok();
    let health = if writable { Health::Good } else { Health::Bad };
    let found = format!("{}{}", dir.display(), if writable { "" } else { " cannot be written" });
    finding("data directory", health, found, "choose another with --data-dir, or give yourself write access")
}

async fn database(config: &Config) -> Vec<Finding> {
    let url = match database_url(config) {
        Ok(url) => url,
        Err(failure) => {
            let mend = "start one with `plimsoll up`, or point DATABASE_URL at yours";
            return vec![finding("database", Health::Limited, failure.message, mend)];
        }
    };
    let facts = match Db::open(&url, 2) {
        Ok(db) => db.doctor_facts().await.map(|facts| (db, facts)),
        Err(error) => Err(error),
    };
    let (db, facts) = match facts {
        Ok(found) => found,
        Err(error) => {
            return vec![finding(
                "database",
                Health::Bad,
                error.to_string(),
                "check DATABASE_URL, and that the server runs and lets you in",
            )];
        }
    };
    let flag = |good: bool, otherwise: Health| if good { Health::Good } else { otherwise };
    let mut findings = vec![
        finding(
            "database",
            flag(facts.server_version_num >= 150_000, Health::Bad),
            format!("PostgreSQL {}", facts.server_version),
            "PostgreSQL 15 or newer is needed",
        ),
        finding(
            "roles",
            flag(facts.missing_roles.is_empty(), Health::Bad),
            if facts.missing_roles.is_empty() {
                "anon, authenticated, service_role are there and can be switched to".to_owned()
            } else {
                format!("missing or not granted: {}", facts.missing_roles.join(", "))
            },
            "run `plimsoll migrate` as a role with CREATEROLE and BYPASSRLS (Supabase: postgres)",
        ),
        finding(
            "pg_stat_statements",
            flag(facts.has_pg_stat_statements, Health::Limited),
            if facts.has_pg_stat_statements { "installed" } else { "not installed: no statistics of slow queries" },
            "create extension pg_stat_statements (and have it in shared_preload_libraries)",
        ),
        finding(
            "pooler",
            Health::Good,
            if facts.behind_transaction_pooler {
                "a transaction pooler stands in between, which is fine"
            } else {
                "none seen, or in session mode"
            },
            "",
        ),
        finding(
            "clock",
            flag(facts.clock_difference_seconds.abs() < CLOCK_TOLERANCE_SECONDS, Health::Limited),
            format!("{:+.1} s against the database", facts.clock_difference_seconds),
            "set the clock of this machine or of the database server (NTP): times in logs will not match otherwise",
        ),
    ];
    findings.push(match migrate::pending(&db).await {
        Ok(pending) if pending.is_empty() => finding("schema", Health::Good, "current", ""),
        Ok(pending) => finding("schema", Health::Bad, pending.to_string(), "run `plimsoll migrate`"),
        Err(error) => finding("schema", Health::Bad, error.to_string(), "run `plimsoll migrate`"),
    });
    findings
}

fn version_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(std::process::Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
