//! Decides what a build does: its own file, or a recipe.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_core::build_file::{BuildFile, FILE_NAME, MAX_FILE_BYTES};
use plimsoll_core::recipe::{self, Listing};
use plimsoll_core::status::FailureReason;

use crate::collect::inside;
use crate::stop::Halt;

#[derive(Debug)]
pub(crate) struct Plan {
    /// `plimsoll.toml`, or a recipe's name.
    pub(crate) source: String,
    /// For the log.
    pub(crate) why: String,
    pub(crate) file: BuildFile,
}

/// Reads the build file, or chooses a recipe by the commit's files.
///
/// # Errors
/// `invalid_build_file` with every mistake at its line and column, or with what a repository must hold.
pub(crate) fn make(checkout: &Path, files: Vec<String>) -> Result<Plan, Halt> {
    let invalid = |message: String| Halt::fail(FailureReason::InvalidBuildFile, message);
    let path = checkout.join(FILE_NAME);
    if path.symlink_metadata().is_ok() {
        let bytes = read_inside(checkout, FILE_NAME, MAX_FILE_BYTES).ok_or_else(|| {
            invalid(format!("{FILE_NAME} cannot be read: it must be a file of at most {MAX_FILE_BYTES} bytes"))
        })?;
        let file = BuildFile::parse_bytes(&bytes).map_err(|error| invalid(error.to_string()))?;
        return Ok(Plan { source: FILE_NAME.to_owned(), why: format!("steps are from {FILE_NAME}"), file });
    }
    let contents: BTreeMap<String, String> = recipe::WANTED
        .iter()
        .filter_map(|name| {
            let bytes = read_inside(checkout, name, recipe::MAX_CONTENT_BYTES)?;
            Some(((*name).to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
        })
        .collect();
    let chosen = recipe::choose(&Listing::new(files, contents)).map_err(|error| invalid(error.to_string()))?;
    Ok(Plan {
        source: chosen.name.to_owned(),
        why: format!("there is no {FILE_NAME}; {}", chosen.why),
        file: chosen.file,
    })
}

/// A file of the checkout, unless it is too large, or a link that leads out.
fn read_inside(checkout: &Path, name: &str, max_bytes: usize) -> Option<Vec<u8>> {
    let path = inside(&checkout.canonicalize().ok()?, &checkout.join(name))?;
    let metadata = path.metadata().ok().filter(|metadata| metadata.is_file())?;
    // One more is let through where its reader says so itself.
    (metadata.len() <= max_bytes as u64 + 1).then(|| std::fs::read(path).ok())?
}
