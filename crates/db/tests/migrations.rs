//! Migrations meet databases that are not empty: after each, its sample rows go in before the next is applied.

use std::fs;
use std::path::Path;

use plimsoll_db::{Db, migrate};
use plimsoll_testkit::TestDb;

#[tokio::test]
async fn every_migration_survives_the_rows_of_those_before() {
    let test = TestDb::empty().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 2).unwrap();
    let (migrations, _, _) = migrate::sources();
    for migration in &migrations {
        migrate::apply_migrations_through(&db, migration.name()).await.unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../db/samples/{}.sql", migration.name()));
        let sample = fs::read_to_string(&path).unwrap_or_else(|_| {
            panic!("{} has no sample rows: add db/samples/{}.sql", migration.path, migration.name())
        });
        client.batch_execute(&sample).await.unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    }
    let report = migrate::apply(&db, migrate::Options::default()).await.unwrap();
    assert_eq!(report.already_applied, migrations.len());
    assert!(report.definitions_applied > 0);
    let row = client.query_one("select count(*) from ops.builds", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 6);
}

#[test]
fn every_sample_belongs_to_a_migration() {
    let (migrations, _, _) = migrate::sources();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../db/samples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(migrations.iter().any(|m| m.name() == name), "{} fits no migration", path.display());
    }
}

#[test]
fn names_say_when_and_what() {
    let (migrations, _, _) = migrate::sources();
    for migration in &migrations {
        let (when, what) = migration.name().split_once('_').unwrap_or(("", ""));
        assert!(when.len() == 14 && when.bytes().all(|b| b.is_ascii_digit()), "{}", migration.path);
        assert!(what.split('_').count() >= 2, "{}: timestamp_verb_noun", migration.path);
    }
}

#[test]
fn no_migration_adds_a_column_that_existing_rows_cannot_have() {
    for migration in migrate::sources().0 {
        assert_eq!(impossible_columns(migration.sql), Vec::<String>::new(), "{}", migration.path);
    }
}

#[test]
fn the_check_for_impossible_columns_finds_them() {
    for (sql, bad) in [
        ("alter table ops.builds add column x integer not null;", true),
        ("ALTER TABLE ops.builds\n  ADD x text default 'a',\n  ADD COLUMN y text NOT NULL;", true),
        ("alter table ops.builds add column if not exists x integer not null;", true),
        ("-- a comment; with a semicolon\nalter table ops.builds add column x uuid primary key;", true),
        ("alter table ops.builds add column x integer not null default 0;", false),
        ("alter table ops.builds add column x integer generated always as (1) stored not null;", false),
        ("alter table ops.builds add column x bigint generated always as identity not null;", false),
        ("alter table ops.builds add column x numeric(10, 2);", false),
        ("alter table ops.builds add check (x is not null);", false),
        ("alter table ops.builds add constraint c check (x is not null);", false),
        ("create table ops.x (y integer not null);", false),
    ] {
        assert_eq!(!impossible_columns(sql).is_empty(), bad, "{sql}");
    }
}

/// Clauses of `alter table … add column` that demand a value and give none.
fn impossible_columns(sql: &str) -> Vec<String> {
    let text: String = sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for statement in text.to_lowercase().split(';') {
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(rest) = words.find("alter table ").map(|at| &words[at..]) else { continue };
        for clause in split_outside_parentheses(rest) {
            let Some((_, column)) = clause.split_once(" add ").or_else(|| clause.trim().split_once("add ")) else {
                continue;
            };
            let adds_no_column = ["check", "constraint", "foreign", "unique", "primary", "exclude"];
            if adds_no_column.iter().any(|word| column.trim_start().starts_with(word)) {
                continue;
            }
            let column = column.replace("if not exists ", "");
            let demands = column.contains("not null") || column.contains("primary key");
            if demands && !column.contains("default") && !column.contains("generated") {
                found.push(clause.trim().to_owned());
            }
        }
    }
    found
}

fn split_outside_parentheses(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}
