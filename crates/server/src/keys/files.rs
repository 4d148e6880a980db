//! Keys in files that their owner alone may read.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::KeysError;

/// The key in the file, without the white space around it; `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, KeysError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(KeysError::File { path: path.to_owned(), cause }),
    }
}

pub(super) fn read_or_create(path: &Path, make: impl FnOnce() -> String) -> Result<String, KeysError> {
    if let Some(text) = read(path)? {
        return Ok(text);
    }
    let text = make();
    write(path, &text)?;
    Ok(text)
}

/// Writes whole under another name first: a crash leaves either the old key or the new one.
pub(super) fn write(path: &Path, text: &str) -> Result<(), KeysError> {
    let fail = |cause| KeysError::File { path: path.to_owned(), cause };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fail)?;
    }
    let draft = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    fs::rename(&draft, path).map_err(fail)
}

pub(super) fn remove(path: &Path) -> Result<(), KeysError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|cause| KeysError::File { path: path.to_owned(), cause }),
    }
}
