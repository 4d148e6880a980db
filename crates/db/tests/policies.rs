//! The tests that prove isolation notice when it is broken: each of these changes must turn one of them red.

use std::fs;
use std::path::Path;

use plimsoll_testkit::TestDb;

/// What somebody might do, and a part of what the failing test then says.
const MUTATIONS: &[(&str, &str)] = &[
    ("alter table ops.builds disable row level security", "without row level security"),
    ("drop policy members_read on ops.artifacts", "rows of their own org in ops.artifacts"),
    ("alter policy members_read on ops.builds using (true)", "looked up once"),
    (
        "alter policy members_read on ops.builds using (array_length(array(select ops.my_org_ids()), 1) > 0)",
        "looked up once",
    ),
    (
        "alter policy members_read on ops.builds using (org_id is not null or org_id = any (array(select ops.my_org_ids())))",
        "rows of another org in ops.builds",
    ),
    ("alter policy members_read on ops.projects to public", "are for other roles"),
    ("create policy too_much on ops.projects for select to authenticated using (true)", "looked up once"),
    ("create view ops.leak as select * from ops.builds", "security_invoker"),
    ("create materialized view ops.leak as select * from ops.builds", "security_invoker"),
    ("create table ops.forgotten (org_id uuid)", "ops.forgotten"),
    ("create table ops.forgotten (org_id uuid); alter table ops.forgotten enable row level security", "ops.forgotten"),
    ("grant select on registry.credentials to authenticated", "secret columns"),
    ("grant select (token_hash) on registry.api_tokens to authenticated", "secret columns"),
    ("grant select on ops.project_secrets to authenticated", "secret columns"),
    ("grant update on ops.projects to authenticated", "grants that nobody stated"),
    ("grant update (name) on ops.projects to authenticated", "grants that nobody stated"),
    ("grant truncate on ops.builds to authenticated", "grants that nobody stated"),
    ("grant select on ops.projects to anon", "grants that nobody stated"),
    ("grant select on ops.log_chunks_default to authenticated", "grants that nobody stated"),
    ("grant usage on sequence ops.audit_log_id_seq to authenticated", "sequences"),
    ("grant usage on schema ops to anon", "may enter a schema"),
    (
        "create function ops.loose() returns integer language sql as 'select 1'; revoke all on function ops.loose() from public",
        "do not set search_path",
    ),
    ("grant execute on function ops.list_projects() to public", "public or anon may call"),
    ("grant execute on function registry.authenticate_token(bytea) to authenticated", "without a stated expectation"),
    ("alter function ops.list_projects() reset search_path", "do not set search_path"),
    (
        "alter table metrics.test_cases drop constraint test_cases_org_id_test_run_id_fkey, \
         add foreign key (test_run_id) references metrics.test_runs (id)",
        "without org_id",
    ),
    (
        "create or replace function registry.member_role(p_org_id uuid) returns text language sql stable security definer \
         set search_path = '' as $$ select role from registry.org_members where org_id = p_org_id and user_id = auth.uid() $$",
        "for a token",
    ),
    ("update registry.org_members set status = 'active'", "for removed"),
];

#[tokio::test]
async fn every_breach_turns_a_test_red() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../db");
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
    let mut samples: Vec<_> = fs::read_dir(folder.join("samples")).unwrap().map(|e| e.unwrap().path()).collect();
    samples.sort();
    let samples: String = samples.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let before = format!("begin;\n{}\n{samples}\n", read("tests/prelude.sql"));
    let tests = [read("tests/catalogue.sql"), read("tests/isolation.sql")];

    for (mutation, says) in MUTATIONS {
        let mut messages = Vec::new();
        for sql in &tests {
            client.batch_execute(&before).await.unwrap();
            client.batch_execute(mutation).await.unwrap_or_else(|e| panic!("{mutation}: {e:?}"));
            if let Err(error) = client.batch_execute(sql).await {
                messages.push(error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned()));
            }
            client.batch_execute("rollback").await.unwrap();
        }
        assert!(
            messages.iter().any(|message| message.contains(says)),
            "{mutation}\nshould have been noticed as {says:?}; said: {messages:?}"
        );
    }
}
