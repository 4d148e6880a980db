//! Every lint of `db/tests/lints` turns red when what it looks for is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plimsoll_db::migrate;
use plimsoll_testkit::TestDb;

/// A lint, what somebody might do, and a part of what the lint then says.
const BREACHES: &[(&str, &str, &str)] = &[
    ("always_true_policy", "create policy hole on ops.builds for update to authenticated using (true)", "builds.hole"),
    (
        "always_true_policy",
        "alter policy developers_insert on ops.branches with check (true)",
        "branches.developers_insert",
    ),
    ("autovacuum_off", "alter table ops.leases set (autovacuum_enabled = off)", "ops.leases"),
    ("definer_view", "create view ops.hole as select * from ops.builds", "ops.hole"),
    ("definer_view", "alter view ops.build_logs reset (security_invoker)", "ops.build_logs"),
    ("duplicate_index", "create index hole on ops.builds (branch_id, created_at desc)", "ops.hole"),
    (
        "exposed_auth_users",
        "create view ops.hole as select email from auth.users; grant select on ops.hole to authenticated",
        "ops.hole",
    ),
    (
        "extension_in_our_schemas",
        "update pg_extension set extnamespace = 'ops'::regnamespace where extname = 'plpgsql'",
        "plpgsql",
    ),
    (
        "foreign_key_to_auth",
        "create table ops.hole (email text references auth.users (email))",
        "ops.hole.hole_email_fkey",
    ),
    (
        "foreign_key_without_org",
        "alter table metrics.test_cases drop constraint test_cases_org_id_test_run_id_fkey, \
         add foreign key (test_run_id) references metrics.test_runs (id)",
        "metrics.test_cases",
    ),
    (
        "foreign_table",
        "create foreign data wrapper hole; create server hole foreign data wrapper hole; \
         create foreign table ops.hole (id integer) server hole; grant select on ops.hole to authenticated",
        "ops.hole",
    ),
    ("function_comment", "create function ops.hole() returns integer language sql as 'select 1'", "ops.hole()"),
    ("functions_for_strangers", "grant execute on function ops.list_projects() to public", "ops.list_projects()"),
    ("functions_for_strangers", "grant execute on function ops.list_projects() to anon", "ops.list_projects()"),
    ("functions_for_strangers", "create function ops.hole() returns integer language sql as 'select 1'", "ops.hole()"),
    (
        "invalid_index",
        "update pg_index set indisvalid = false where indexrelid = 'ops.builds_branch_created'::regclass",
        "ops.builds_branch_created",
    ),
    (
        "lookup_per_row",
        "alter policy members_read on ops.builds using (array_length(array(select ops.my_org_ids()), 1) > 0)",
        "builds.members_read",
    ),
    ("lookup_per_row", "alter policy members_read on ops.projects to public", "projects.members_read"),
    (
        "materialized_view",
        "create materialized view ops.hole as select * from ops.builds; grant select on ops.hole to authenticated",
        "ops.hole",
    ),
    ("mutable_search_path", "alter function ops.list_projects() reset search_path", "ops.list_projects()"),
    ("no_primary_key", "create table ops.hole (id integer)", "ops.hole"),
    (
        "null_caller_in_policy",
        "alter policy members_read on ops.builds using ((select auth.uid()) is null or org_id = any (array(select ops.my_org_ids())))",
        "builds.members_read",
    ),
    (
        "null_caller_in_policy",
        "alter policy members_read on ops.builds using (auth.uid() is null or org_id = any (array(select ops.my_org_ids())))",
        "builds.members_read",
    ),
    ("policy_without_rls", "alter table ops.builds disable row level security", "ops.builds"),
    ("rls_disabled", "create table ops.hole (id integer)", "ops.hole"),
    ("rls_disabled", "alter table ops.log_chunks_default disable row level security", "ops.log_chunks_default"),
    ("rls_without_policy", "drop policy members_read on ops.artifacts", "ops.artifacts"),
    (
        "sensitive_columns",
        "grant select on registry.credentials to authenticated",
        "registry.credentials.password_hash",
    ),
    (
        "sensitive_columns",
        "grant select (sealed) on ops.project_secrets to authenticated",
        "ops.project_secrets.sealed",
    ),
    (
        "several_permissive_policies",
        "create policy hole on ops.builds to authenticated using (org_id = any (array(select ops.my_org_ids())))",
        "ops.builds for r",
    ),
    ("unindexed_foreign_key", "drop index registry.api_tokens_created_by", "registry.api_tokens (created_by)"),
    (
        "unwrapped_auth_call",
        "alter policy developers_insert on ops.builds with check (created_by = auth.uid())",
        "builds.developers_insert",
    ),
    (
        "unwrapped_auth_call",
        "alter policy members_read on ops.builds using (org_id::text = current_setting('request.jwt.claims', true))",
        "builds.members_read",
    ),
    ("upgrade_safe_types", "create table ops.hole (what regproc)", "ops.hole.what"),
    (
        "user_metadata_in_policy",
        "alter policy members_read on ops.builds using (org_id::text = (select auth.jwt()) -> 'user_metadata' ->> 'org')",
        "builds.members_read",
    ),
];

#[tokio::test]
async fn every_lint_turns_red() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../db/tests");
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let samples: String = migrate::samples().iter().map(|file| file.sql).collect();
    let before = format!("begin;\n{}\n{samples}\n", read("prelude.sql"));
    for (lint, breach, says) in BREACHES {
        client.batch_execute(&before).await.unwrap();
        client.batch_execute(breach).await.unwrap_or_else(|e| panic!("{breach}: {e:?}"));
        let said = match client.batch_execute(&read(&format!("lints/{lint}.sql"))).await {
            Ok(()) => "nothing".to_owned(),
            Err(error) => error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned()),
        };
        client.batch_execute("rollback").await.unwrap();
        assert!(said.contains("expected null, got") && said.contains(says), "{lint} on {breach:?} said: {said}");
    }
    let lints: BTreeSet<String> = fs::read_dir(folder.join("lints"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let tried = BREACHES.iter().map(|(lint, _, _)| (*lint).to_owned()).collect();
    assert_eq!(lints, tried, "every lint has a breach here that it must find");
}
