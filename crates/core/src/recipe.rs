//! What to build when a repository says nothing: a recipe chosen by the files it holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::{BuildFile, FILE_NAME};

mod cargo;
mod make;
mod npm;
mod odoo;
mod python;

/// Files whose contents a recipe may want to read; the largest worth passing has [`MAX_CONTENT_BYTES`].
pub const WANTED: &[&str] =
    &["package.json", "pyproject.toml", "setup.cfg", "GNUmakefile", "makefile", "Makefile", "Cargo.toml"];
/// Longest content that is worth passing in, in bytes.
pub const MAX_CONTENT_BYTES: usize = 1 << 20;

/// A checkout as a recipe sees it.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    files: BTreeSet<String>,
    contents: BTreeMap<String, String>,
}

impl Listing {
    /// `files` are paths relative to the checkout with `/` between parts; `contents` the text of those of [`WANTED`] that
    /// are there.
    pub fn new(files: impl IntoIterator<Item = String>, contents: BTreeMap<String, String>) -> Self {
        Self { files: files.into_iter().collect(), contents }
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.contents.get(path).map(String::as_str)
    }

    /// The first of these that is there.
    fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }

    fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }
}

/// The recipe that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// `cargo`, `npm`, `odoo`, `python` or `make`.
    pub name: &'static str,
    /// For the log: what was found, what will be done, and what was passed over.
    pub why: String,
    pub file: BuildFile,
}

/// A recipe's answer about a repository that it fits.
struct Fit {
    /// The file that gave it away.
    found: String,
    /// What will be done, as a clause.
    plan: String,
    file: BuildFile,
}

/// One recipe: its name, and its answer.
type Candidate = (&'static str, fn(&Listing) -> Option<Fit>);

/// In order of preference. Odoo's modules come first because their repositories often hold `requirements.txt` too.
const CANDIDATES: &[Candidate] =
    &[("odoo", odoo::fit), ("cargo", cargo::fit), ("npm", npm::fit), ("python", python::fit), ("make", make::fit)];

/// No recipe fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "nothing to build was found: there is no {FILE_NAME}, and none of Cargo.toml, package.json, pyproject.toml, setup.py, \
     requirements.txt, a Makefile or an Odoo __manifest__.py at the repository's root{hint}. Add {FILE_NAME} with a [[step]] \
     that has a name and a run"
)]
pub struct NoRecipe {
    hint: String,
}

/// Chooses the recipe for a repository without a build file.
pub fn choose(listing: &Listing) -> Result<Recipe, NoRecipe> {
    let mut fits = CANDIDATES.iter().filter_map(|(name, fit)| fit(listing).map(|fit| (*name, fit)));
    let Some((name, fit)) = fits.next() else { return Err(NoRecipe { hint: hint(listing) }) };
    let others: Vec<String> = fits.map(|(name, fit)| format!("{} ({name})", fit.found)).collect();
    let mut why = format!("recipe {name}: found {}; {}", fit.found, fit.plan);
    if !others.is_empty() {
        why.push_str(&format!("; also found {}, which {FILE_NAME} could build instead or as well", others.join(", ")));
    }
    Ok(Recipe { name, why, file: fit.file })
}

/// Projects in folders: worth naming, because `working_directory` reaches them.
fn hint(listing: &Listing) -> String {
    const MANIFESTS: [&str; 5] = ["Cargo.toml", "package.json", "pyproject.toml", "requirements.txt", "Makefile"];
    let nested = listing.files().filter(|file| {
        file.matches('/').count() == 1 && MANIFESTS.iter().any(|manifest| file.ends_with(&format!("/{manifest}")))
    });
    let nested: Vec<&str> = nested.take(3).collect();
    match nested.first().and_then(|file| file.split_once('/')) {
        None => String::new(),
        Some((folder, _)) => {
            format!(" (there is {}: a step with working_directory = {folder:?} would build it)", nested.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
