//! Folders of a checkout that are kept between builds: moved in before the steps and out after them.
//!
//! Whoever comes first takes a folder; a build that runs at the same time starts without. The last to finish leaves its
//! own.

use std::path::{Path, PathBuf};

use crate::collect::inside;

/// The kept folders of one project.
pub(crate) struct Kept<'a> {
    /// Where they lie between builds; on the same file system as the checkout, or nothing is kept.
    pub(crate) store: &'a Path,
    pub(crate) checkout: &'a Path,
}

impl Kept<'_> {
    /// Moves what is there into the checkout. Answers what was restored.
    pub(crate) fn restore(&self, paths: &[String]) -> Vec<String> {
        paths.iter().filter(|path| self.restore_one(path).is_some()).cloned().collect()
    }

    fn restore_one(&self, path: &str) -> Option<()> {
        let target = self.target(path)?;
        // What the commit itself holds wins.
        if target.symlink_metadata().is_ok() {
            return None;
        }
        std::fs::rename(self.slot(path), target).ok()
    }

    /// Moves what the build made to the store. Answers complaints.
    pub(crate) fn save(&self, paths: &[String]) -> Vec<String> {
        paths
            .iter()
            .filter_map(|path| self.save_one(path).err().map(|error| format!("{path} is not kept: {error}")))
            .collect()
    }

    fn save_one(&self, path: &str) -> std::io::Result<()> {
        let Some(source) = self.target(path) else { return Ok(()) };
        // A link would be kept without what it leads to.
        if !source.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(());
        }
        let slot = self.slot(path);
        std::fs::create_dir_all(self.store)?;
        if slot.exists() {
            std::fs::remove_dir_all(&slot)?;
        }
        std::fs::rename(source, slot)
    }

    /// Where the folder belongs in the checkout: nowhere, when a link in its path leads out.
    fn target(&self, path: &str) -> Option<PathBuf> {
        let root = self.checkout.canonicalize().ok()?;
        let target = root.join(path);
        let parent = target.parent()?;
        if !parent.exists() {
            // Made one by one: a link on the way would have been found existing.
            let mut at = root.clone();
            for part in parent.strip_prefix(&root).ok()? {
                at.push(part);
                if at.symlink_metadata().is_err() {
                    std::fs::create_dir(&at).ok()?;
                }
                inside(&root, &at)?;
            }
        }
        Some(inside(&root, parent)?.join(target.file_name()?))
    }

    fn slot(&self, path: &str) -> PathBuf {
        let digest = ring::digest::digest(&ring::digest::SHA256, path.as_bytes());
        self.store.join(hex::encode(&digest.as_ref()[..16]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_travel_from_build_to_build_and_never_outside() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        let checkout = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let (first, second, third) = (checkout("1"), checkout("2"), checkout("3"));
        let paths = ["deep/target".to_owned()];
        std::fs::create_dir_all(first.join("deep/target/x")).unwrap();
        assert!(Kept { store: &store, checkout: &first }.restore(&paths).is_empty());
        assert!(Kept { store: &store, checkout: &first }.save(&paths).is_empty());

        let kept = Kept { store: &store, checkout: &second };
        assert_eq!(kept.restore(&paths), paths);
        assert!(second.join("deep/target/x").is_dir() && !first.join("deep/target").exists());
        assert!(Kept { store: &store, checkout: &third }.restore(&paths).is_empty(), "taken twice");
        assert!(kept.save(&paths).is_empty());

        let outside = checkout("outside");
        std::fs::remove_dir_all(third.join("deep")).unwrap();
        std::os::unix::fs::symlink(&outside, third.join("deep")).unwrap();
        let kept = Kept { store: &store, checkout: &third };
        assert!(kept.restore(&paths).is_empty());
        std::fs::create_dir(outside.join("target")).unwrap();
        kept.save(&paths);
        assert!(outside.join("target").is_dir(), "a folder outside the checkout was moved");
    }
}
