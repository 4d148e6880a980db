use std::collections::BTreeSet;

use super::{Fit, Listing};
use crate::build_file::{BuildFile, StepSpec};
use crate::status::Phase;

/// In the order in which GNU make looks for them.
const MAKEFILES: &[&str] = &["GNUmakefile", "makefile", "Makefile"];

/// The targets that are written out; patterns and those made of variables are not.
fn targets(makefile: &str) -> BTreeSet<&str> {
    let rules = makefile.lines().filter(|line| !line.starts_with(['\t', ' ', '#', '.']));
    rules
        .filter_map(|line| line.split_once(':'))
        .filter(|(head, tail)| {
            !tail.starts_with('=') && !tail.starts_with(":=") && !head.contains(['=', '$', '%', '"', '\''])
        })
        .flat_map(|(head, _)| head.split_whitespace())
        .collect()
}

pub(super) fn fit(listing: &Listing) -> Option<Fit> {
    let found = listing.first(MAKEFILES)?;
    let targets = targets(listing.text(found).unwrap_or_default());
    let build = ["all", "build"].into_iter().find(|target| targets.contains(target));
    let test = ["test", "check", "tests"].into_iter().find(|target| targets.contains(target));
    let command = build.map_or("make".to_owned(), |target| format!("make {target}"));
    let mut plan = format!("runs `{command}`");
    let mut steps = vec![StepSpec::new("Build", Phase::Build, command)];
    match test {
        Some(target) => {
            plan.push_str(&format!(" and `make {target}`"));
            steps.push(StepSpec::new("Test", Phase::Test, format!("make {target}")));
        }
        None => plan.push_str("; it has no target test or check to run"),
    }
    Some(Fit { found: found.into(), plan, file: BuildFile::of_steps(steps) })
}
