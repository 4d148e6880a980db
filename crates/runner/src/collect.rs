//! Finds files of a checkout by glob patterns, without leaving the checkout.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Most entries of a checkout that are looked at.
const MAX_ENTRIES: usize = 2_000_000;

/// A file that matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Relative to the checkout, with `/` between parts.
    pub(crate) name: String,
    /// What to open; inside the checkout, all links resolved.
    pub(crate) path: PathBuf,
    pub(crate) modified: Option<SystemTime>,
}

/// What a search brought.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// By name.
    pub(crate) files: Vec<Found>,
    /// Links that lead out of the checkout, which are not followed.
    pub(crate) outside: Vec<String>,
}

/// Files that match any of `patterns`, or lie in a folder that does. Folders named in `skipped` are not entered.
pub(crate) fn find(checkout: &Path, patterns: &[String], skipped: &[&str]) -> Findings {
    let mut findings = Findings::default();
    let (Some(set), Ok(root)) = (glob_set(patterns), checkout.canonicalize()) else { return findings };
    let mut folders = vec![(root.clone(), String::new())];
    let mut entries = 0;
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            if entries > MAX_ENTRIES {
                return sorted(findings);
            }
            let Ok(kind) = entry.file_type() else { continue };
            let base = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                if base != ".git" && !skipped.contains(&base.as_str()) {
                    folders.push((entry.path(), format!("{prefix}{base}/")));
                }
                continue;
            }
            let name = format!("{prefix}{base}");
            if set.is_match(&name) {
                take(&root, entry.path(), name, &mut findings);
            }
        }
    }
    sorted(findings)
}

fn take(root: &Path, path: PathBuf, name: String, findings: &mut Findings) {
    let Some(path) = inside(root, &path) else { return findings.outside.push(name) };
    // Pipes and sockets would block whoever opens them.
    if let Ok(metadata) = path.metadata()
        && metadata.is_file()
    {
        findings.files.push(Found { name, path, modified: metadata.modified().ok() });
    }
}

fn sorted(mut findings: Findings) -> Findings {
    findings.files.sort();
    findings.outside.sort();
    findings
}

/// `path` with all links resolved, if that lies in `root`, which must be resolved itself.
pub(crate) fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|resolved| resolved.starts_with(root))
}

fn glob_set(patterns: &[String]) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        for pattern in [pattern.clone(), format!("{}/**", pattern.trim_end_matches('/'))] {
            builder.add(glob(&pattern)?);
        }
    }
    builder.build().ok()
}

fn glob(pattern: &str) -> Option<Glob> {
    GlobBuilder::new(pattern).literal_separator(true).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(checkout: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        find(checkout, &patterns, &["node_modules"]).files.into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn patterns_find_files_and_whole_folders_but_nothing_outside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("checkout");
        for file in ["dist/a.txt", "dist/deep/b.txt", "a/junit.xml", "node_modules/x/junit.xml", ".git/junit.xml"] {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), "x").unwrap();
        }
        std::fs::write(folder.path().join("secret.txt"), "x").unwrap();
        std::os::unix::fs::symlink("../../secret.txt", root.join("dist/out.txt")).unwrap();
        std::os::unix::fs::symlink("a.txt", root.join("dist/in.txt")).unwrap();
        std::os::unix::fs::symlink("..", root.join("dist/loop")).unwrap();

        assert_eq!(names(&root, &["dist"]), ["dist/a.txt", "dist/deep/b.txt", "dist/in.txt"]);
        assert_eq!(names(&root, &["dist/*.txt"]), ["dist/a.txt", "dist/in.txt"]);
        assert_eq!(names(&root, &["**/junit*.xml"]), ["a/junit.xml"]);
        assert_eq!(find(&root, &["dist/*".to_owned()], &[]).outside, ["dist/out.txt"]);
        assert!(names(&root, &["nothing/*"]).is_empty());
    }
}
