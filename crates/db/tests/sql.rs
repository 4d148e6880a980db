//! Runs every file of `db/tests`, each in a transaction that rolls back, after the prelude and the samples.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_testkit::TestDb;

fn db_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../db")
}

fn sql_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sql_files(&path));
        } else if path.extension().is_some_and(|e| e == "sql") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn every_sql_test_passes() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let folder = db_folder();
    let prelude = fs::read_to_string(folder.join("tests/prelude.sql")).unwrap();
    let samples: String = sql_files(&folder.join("samples")).iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    let tests: Vec<_> =
        sql_files(&folder.join("tests")).into_iter().filter(|file| !file.ends_with("prelude.sql")).collect();
    assert!(!tests.is_empty());
    let mut failures = Vec::new();
    for file in tests {
        let sql = fs::read_to_string(&file).unwrap();
        if let Err(error) = client.batch_execute(&format!("begin;\n{prelude}\n{samples}\n{sql}")).await {
            let message = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
            failures.push(format!("{}: {message}", file.strip_prefix(&folder).unwrap().display()));
        }
        client.batch_execute("rollback").await.unwrap();
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
