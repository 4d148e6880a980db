//! `plimsoll prove isolation`: shows on the connected database that no tenant reaches what is another's.

use plimsoll_db::Db;
use plimsoll_db::isolation::{self, Count, Mutation, Options, Report};

use crate::cli::{Prove, ProveIsolation};
use crate::commands::migrate::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, table};

/// Sentences printed in full; --json has all of them.
const SENTENCES: usize = 50;

pub(crate) async fn run(what: &Prove, config: &Config, output: &Output) -> Result<(), Failure> {
    let Prove::Isolation(args) = what;
    isolation(args, config, output).await
}

async fn isolation(args: &ProveIsolation, config: &Config, output: &Output) -> Result<(), Failure> {
    let db = Db::open(&database_url(config)?, 1)?;
    let bar = if output.is_json() { indicatif::ProgressBar::hidden() } else { indicatif::ProgressBar::new(1000) };
    let options = Options { mutations: !args.no_mutations, ..Options::default() };
    let report = isolation::prove(&db, options, |share| bar.set_position((share * 1000.0) as u64)).await;
    bar.finish_and_clear();
    let report = report?;
    output.result(&report, text(&report));
    if !report.holds {
        return Err(Failure::failed("isolation is not proven"));
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let row = |kind: &str, count: &Count| {
        let [objects, trials, failures, mutations, caught] =
            [count.objects, count.trials, count.failures, count.mutations, count.caught].map(|n| n.to_string());
        match report.mutations {
            Some(_) => vec![kind.to_owned(), objects, trials, failures, mutations, caught],
            None => vec![kind.to_owned(), objects, trials, failures],
        }
    };
    let mut rows: Vec<_> = report.kinds.iter().map(|(kind, count)| row(kind, count)).collect();
    rows.push(row("total", &report.total));
    let header = ["", "OBJECTS", "TRIALS", "FAILED", "MUTATIONS", "NOTICED"];
    let mut parts = vec![table(&header[..rows[0].len()], &rows)];
    let sentences: Vec<String> =
        report.failures.iter().map(|failure| format!("FAILED  {}", failure.sentence)).collect();
    parts.extend(some(&sentences));
    if let Some(mutations) = &report.mutations {
        let said = |word: &str, mutation: &Mutation| {
            let problem = mutation.problem.as_ref().map(|p| format!(" ({p})")).unwrap_or_default();
            format!("{word}  {}: {}{problem}", mutation.object, mutation.sql.lines().next().unwrap_or_default())
        };
        let missed: Vec<String> = mutations.missed.iter().map(|m| said("NOT NOTICED", m)).collect();
        let busy: Vec<String> = mutations.busy.iter().map(|m| said("NOT TRIED, LOCKED BY OTHERS", m)).collect();
        parts.extend(some(&missed));
        parts.extend(some(&busy));
    }
    parts.push(conclusion(report));
    parts.join("\n\n")
}

fn some(sentences: &[String]) -> Option<String> {
    if sentences.is_empty() {
        return None;
    }
    let mut shown = sentences.iter().take(SENTENCES).cloned().collect::<Vec<_>>();
    if sentences.len() > SENTENCES {
        shown.push(format!("… and {} more: see --json", sentences.len() - SENTENCES));
    }
    Some(shown.join("\n"))
}

fn conclusion(report: &Report) -> String {
    let place = format!(
        "PostgreSQL {} as {}, {:.0} s; nothing was changed.",
        report.server_version, report.login_role, report.seconds
    );
    let verdict = match (report.holds, &report.mutations) {
        (true, Some(_)) => "Isolation holds, and each way in which it was broken was noticed.",
        (true, None) => "Isolation holds. Whether the proof would notice a breach was not tried.",
        (false, Some(mutations)) if report.failures.is_empty() && mutations.missed.is_empty() => {
            "Isolation holds as far as it could be tried: some tables were locked. Run it again at a calmer time, or with --no-mutations."
        }
        (false, _) => "Isolation is NOT proven.",
    };
    format!("{verdict}\n{place}")
}
