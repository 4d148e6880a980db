//! `db/schema.sql` shows what all migrations, functions and policies add up to, so that a change of any is seen in one
//! place. It is the same on every supported version of PostgreSQL.

use std::fs;
use std::path::Path;

use plimsoll_testkit::TestDb;

#[tokio::test]
async fn the_checked_in_schema_is_the_schema() {
    let test = TestDb::new().await;
    let client = test.client().await;
    client.batch_execute("set search_path = ''").await.unwrap();
    let row = client.query_one(include_str!("schema/dump.sql"), &[]).await.unwrap();
    let present = format!(
        "-- What db/migrations, db/functions and db/policies add up to. Generated: do not edit, run\n\
         -- PLIMSOLL_BLESS=1 cargo nextest run -p plimsoll-db --test schema\n\n{}",
        row.get::<_, String>(0)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../db/schema.sql");
    if std::env::var_os("PLIMSOLL_BLESS").is_some() {
        fs::write(&path, &present).unwrap();
        return;
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    if present != checked_in {
        let difference = first_difference(&checked_in, &present);
        panic!(
            "db/schema.sql is not the schema that the migrations make.\n{difference}\n\
             If the change is meant, write it anew and commit it: PLIMSOLL_BLESS=1 cargo nextest run -p plimsoll-db --test schema"
        );
    }
}

fn first_difference(checked_in: &str, present: &str) -> String {
    let mut pairs = checked_in.lines().zip(present.lines()).enumerate();
    match pairs.find(|(_, (old, new))| old != new) {
        Some((line, (old, new))) => format!("line {}:\n  checked in: {old}\n  is:         {new}", line + 1),
        None => format!("{} lines are checked in, {} are there", checked_in.lines().count(), present.lines().count()),
    }
}
