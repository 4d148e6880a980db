//! Every statement in this crate's source is prepared against the migrated schema, so a wrong column or argument fails
//! here and not in production.

use std::fs;
use std::path::Path;

use plimsoll_testkit::TestDb;

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let test = TestDb::new().await;
    let client = test.client().await;
    // The isolation proof calls functions that it makes itself.
    client.batch_execute(include_str!("../../../db/isolation/attempts.sql")).await.unwrap();
    let mut sources = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    // What it puts together from pieces, the tests of `rest` execute.
    sources.retain(|path| !path.to_string_lossy().contains("/src/rest/render"));
    let (mut failures, mut count) = (Vec::new(), 0);
    for path in sources {
        for statement in statements(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            if let Err(error) = client.prepare(&statement).await {
                let message = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
                failures.push(format!("{}: {message}\n    {statement}", path.file_name().unwrap().display()));
            }
        }
    }
    assert!(count > 60, "only {count} statements were found");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn finds_statements_and_only_those() {
    let source = r#"
        // "select of a comment"
        let a = "select 1 from \
                 x where y = 'it''s'";
        let b = "Select a file";
        let c = format!("select {x}");
        let d = '"'; let e = "select 2";
        const F: &str = "
            with x as (select 3) select * from x";
    "#;
    assert_eq!(
        statements(source),
        ["select 1 from x where y = 'it''s'", "select 2", "with x as (select 3) select * from x"]
    );
}

fn rust_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// String literals that begin as a statement does. Texts put together by `format!` are not whole, so they are left out.
fn statements(source: &str) -> Vec<String> {
    let source: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let source = source.replace("'\"'", "''");
    let (mut found, mut rest) = (Vec::new(), source.as_str());
    while let Some(open) = rest.find('"') {
        let (before, text) = (&rest[..open], &rest[open + 1..]);
        let mut escaped = false;
        let Some(close) = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        }) else {
            break;
        };
        let literal = unescape(&text[..close]);
        let lower = literal.trim_start();
        let begins =
            ["select ", "with ", "insert into ", "update ", "delete from "].iter().any(|w| lower.starts_with(w));
        if begins && !before.trim_end().ends_with("format!(") {
            found.push(literal.trim().to_owned());
        }
        rest = &text[close + 1..];
    }
    found
}

/// A backslash at a line's end swallows the break and the indentation after it.
fn unescape(literal: &str) -> String {
    let mut out = String::new();
    let mut parts = literal.split("\\\n");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.trim_start());
    }
    out.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}
