use super::{Fit, Listing};
use crate::build_file::{BuildFile, StepSpec};
use crate::status::Phase;

pub(super) fn fit(listing: &Listing) -> Option<Fit> {
    if !listing.has("Cargo.toml") {
        return None;
    }
    let locked = listing.has("Cargo.lock");
    let virtual_or_workspace = listing.text("Cargo.toml").is_some_and(|text| text.contains("[workspace]"));
    let mut options = String::new();
    if virtual_or_workspace {
        options.push_str(" --workspace");
    }
    if locked {
        options.push_str(" --locked");
    }
    let mut file = BuildFile::of_steps(vec![
        StepSpec::new("Build", Phase::Build, format!("cargo build --all-targets{options}")),
        StepSpec::new("Test", Phase::Test, format!("cargo test{options}")),
    ]);
    file.env.insert("CARGO_TERM_COLOR".into(), "always".into());
    file.cache.push("target".into());
    let lock = if locked { " with the locked versions" } else { "" };
    Some(Fit { found: "Cargo.toml".into(), plan: format!("builds and tests every target{lock}"), file })
}
