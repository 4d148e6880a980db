//! The SQL files that were compiled into this binary.

use include_dir::{Dir, include_dir};
use ring::digest;

static MIGRATIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../db/migrations");
static FUNCTIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../db/functions");
static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../db/samples");
static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../db/policies");

/// One SQL file of `db/`.
#[derive(Debug, Clone)]
pub struct SqlFile {
    /// Path below `db/`, with forward slashes.
    pub path: String,
    pub sql: &'static str,
}

impl SqlFile {
    /// The file's name without folder and extension: what a migration is known by.
    pub fn name(&self) -> &str {
        let file = self.path.rsplit('/').next().unwrap_or(&self.path);
        file.strip_suffix(".sql").unwrap_or(file)
    }

    /// SHA-256 of the text in hex.
    pub fn checksum(&self) -> String {
        hex(digest::digest(&digest::SHA256, self.sql.as_bytes()).as_ref())
    }
}

/// The migrations in the order in which they apply.
pub(super) fn migrations() -> Vec<SqlFile> {
    collect("migrations", &MIGRATIONS)
}

/// Functions, views and triggers: what is replaced whole whenever any of it changed.
pub(super) fn functions() -> Vec<SqlFile> {
    collect("functions", &FUNCTIONS)
}

/// Row level security, one file a table.
pub(super) fn policies() -> Vec<SqlFile> {
    collect("policies", &POLICIES)
}

/// Rows that the isolation proof, and every later migration, meets.
pub(super) fn samples() -> Vec<SqlFile> {
    collect("samples", &SAMPLES)
}

/// SHA-256 in hex over every function and policy, names included.
pub(super) fn definitions_checksum() -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for file in functions().iter().chain(&policies()) {
        context.update(file.path.as_bytes());
        context.update(&[0]);
        context.update(file.sql.as_bytes());
        context.update(&[0]);
    }
    hex(context.finish().as_ref())
}

fn collect(root: &str, dir: &'static Dir<'static>) -> Vec<SqlFile> {
    let mut found = Vec::new();
    walk(root, dir, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &str, dir: &'static Dir<'static>, found: &mut Vec<SqlFile>) {
    for file in dir.files().filter(|file| file.path().extension().is_some_and(|e| e == "sql")) {
        let path = format!("{root}/{}", file.path().display().to_string().replace('\\', "/"));
        let sql = file.contents_utf8().expect("SQL files are UTF-8");
        found.push(SqlFile { path, sql });
    }
    for inner in dir.dirs() {
        walk(root, inner, found);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
