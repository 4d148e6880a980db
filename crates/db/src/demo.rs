//! Demo data: projects with branches and a history of builds, so that every page has something to show.
//!
//! The same size always makes the same data. Rows go in by `insert … select generate_series`, a statement a table, so
//! a large demo is quick; nothing here is used by a real installation.

use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Db, Result};

/// How much to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub projects: u32,
    /// Finished builds a branch.
    pub builds: u32,
    /// Log lines a build.
    pub lines: u32,
}

#[derive(Debug, Default, Serialize)]
pub struct Made {
    pub projects: i64,
    pub branches: i64,
    pub builds: i64,
    pub log_lines: i64,
    pub tests: i64,
}

/// Names that read like a real organisation's.
const PROJECTS: &[&str] = &["shop", "billing", "warehouse", "mobile-api", "reports", "identity", "search", "website"];

pub(crate) const INSERT_PROJECTS: &str = "
insert into ops.projects (org_id, name, slug, repo_url, sync_requested_at, synced_at)
select $1, initcap(replace(name, '-', ' ')), slug, 'https://git.example.com/demo/' || slug || '.git', null, now()
from (select name, 'demo-' || name || case when n > array_length($2::text[], 1) then '-' || n else '' end as slug
      from generate_series(1, $3::int) n, lateral (select ($2::text[])[(n - 1) % array_length($2::text[], 1) + 1] as name) p) named
on conflict (org_id, slug) do nothing";

pub(crate) const INSERT_BRANCHES: &str = "
insert into ops.branches (org_id, project_id, name, stage, git_ref, status, head_sha)
select p.org_id, p.id, b.name, b.stage, 'refs/heads/' || b.name, 'ready', md5(p.slug || b.name) || '00000000'
from ops.projects p
cross join (values ('main', 'production'), ('staging', 'staging'), ('release-2', 'staging'), ('feature/checkout', 'development'),
                   ('feature/search', 'development'), ('fix/rounding', 'development')) b (name, stage)
where p.org_id = $1 and p.slug like 'demo-%'
on conflict (project_id, name) do nothing";

pub(crate) const INSERT_BUILDS: &str = "
with planned as (
  select b.org_id, b.project_id, b.id as branch_id, n,
         ('x' || substr(md5(b.id::text || n), 1, 8))::bit(32)::bigint as chance,
         now() - make_interval(hours => (n * 7)::int, mins => (abs(hashtext(b.name)) % 360)::int) as at
  from ops.branches b join ops.projects p on p.id = b.project_id, generate_series(1, $2::int) n
  where p.org_id = $1 and p.slug like 'demo-%' and b.last_build_id is null
), numbered as (
  select planned.*, row_number() over (partition by project_id order by at) + p.next_build_number - 1 as number,
         case when chance % 100 < 84 then 'success' when chance % 100 < 96 then 'failed' else 'cancelled' end as status,
         40 + chance % 380 as seconds
  from planned join ops.projects p on p.id = planned.project_id
)
insert into ops.builds (org_id, project_id, branch_id, build_number, status, failure_reason, error_message, trigger, commit_sha,
                        commit_message, commit_author, recipe, sandbox_level, created_at, started_at, finished_at,
                        duration_seconds, log_bucket, log_lines, first_error_line)
select org_id, project_id, branch_id, number, status,
       case status when 'failed' then 'step_failed' when 'cancelled' then 'superseded' end,
       case status when 'failed' then 'step \"test\" failed with exit code 1' when 'cancelled' then 'a newer commit was pushed' end,
       (array['commit', 'commit', 'commit', 'manual', 'api'])[1 + chance % 5],
       md5(branch_id::text || n) || '00000000',
       (array['Round totals per line', 'Cache the price list', 'Let a cart be shared', 'Speed up the nightly import',
              'Show taxes before checkout', 'Upgrade the runtime', 'Fix the flaky address test'])[1 + chance % 7],
       (array['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald'])[1 + chance % 5] || ' <dev@example.com>',
       'plimsoll.toml', 'bubblewrap', at, at + make_interval(secs => 2 + chance % 20),
       at + make_interval(secs => 2 + chance % 20 + seconds), seconds, (at at time zone 'utc')::date, $3::int,
       case status when 'failed' then greatest(1, $3::int - 3) end
from numbered";

pub(crate) const UPDATE_COUNTERS: &str = "
with newest as (
  select distinct on (b.branch_id) b.branch_id, b.id, b.status
  from ops.builds b join ops.projects p on p.id = b.project_id
  where p.org_id = $1 and p.slug like 'demo-%' order by b.branch_id, b.created_at desc
), branches as (
  update ops.branches set last_build_id = newest.id, status = case newest.status when 'failed' then 'error' else 'ready' end
  from newest where newest.branch_id = branches.id
)
update ops.projects p set next_build_number = coalesce((select max(build_number) + 1 from ops.builds where project_id = p.id), 1)
where p.org_id = $1 and p.slug like 'demo-%'";

/// Lines in chunks of 500, as a runner sends them, with colours, steps and, in failed builds, an error near the end.
pub(crate) const INSERT_LOGS: &str = "
insert into ops.log_chunks (bucket, build_id, first_line, line_count, org_id, base_at, dt_ms, kind, body)
select b.log_bucket, b.id, first_line, count(*), b.org_id, b.started_at,
       array_agg((line * 1000 * b.duration_seconds / $2::int)::int order by line),
       array_agg((case when line <= 4 then 0 when line < $2::int / 2 then 1 else 2 end
                 + case when line = b.first_error_line then 24 else 8 end)::smallint order by line),
       string_agg(case when line = b.first_error_line then E'\\x1b[31merror:\\x1b[0m assertion failed: expected 12.40, got 12.39'
                       when line % 40 = 0 then E'\\x1b[1m\\x1b[32m   Compiling\\x1b[0m module ' || line
                       else 'step output ' || line || ' ' || md5(b.id::text || line) end, E'\\n' order by line)
from ops.builds b join ops.projects p on p.id = b.project_id,
     lateral (select line, line - (line - 1) % 500 as first_line from generate_series(1, $2::int) line) lines
where p.org_id = $1 and p.slug like 'demo-%' and b.log_lines > 0
  and not exists (select from ops.log_chunks c where c.bucket = b.log_bucket and c.build_id = b.id)
group by b.id, first_line";

pub(crate) const INSERT_MARKS: &str = "
insert into ops.log_marks (build_id, line, kind, org_id, label)
select b.id, b.first_error_line, 'error', b.org_id, 'assertion failed: expected 12.40, got 12.39'
from ops.builds b join ops.projects p on p.id = b.project_id
where p.org_id = $1 and p.slug like 'demo-%' and b.first_error_line is not null
on conflict do nothing";

pub(crate) const INSERT_STEPS: &str = "
insert into ops.build_steps (build_id, attempt, position, org_id, name, phase, command, status, started_at, finished_at, exit_code, first_line)
select b.id, 1, s.position, b.org_id, s.name, s.phase, s.command,
       case when s.position < 3 or b.status = 'success' then 'success' when s.position = 3 then b.status else 'skipped' end,
       b.started_at + (b.finished_at - b.started_at) * s.starts, b.started_at + (b.finished_at - b.started_at) * s.ends,
       case when s.position < 3 or b.status = 'success' then 0 when s.position = 3 and b.status = 'failed' then 1 end,
       greatest(1, ($2::int * s.starts)::bigint)
from ops.builds b join ops.projects p on p.id = b.project_id
cross join (values (1, 'checkout', 'checkout', null, 0.0, 0.02), (2, 'build', 'build', 'make build', 0.02, 0.5),
                   (3, 'test', 'test', 'make test', 0.5, 0.95), (4, 'package', 'package', 'make package', 0.95, 1.0))
  s (position, name, phase, command, starts, ends)
where p.org_id = $1 and p.slug like 'demo-%'
on conflict do nothing";

pub(crate) const INSERT_TEST_RUNS: &str = "
insert into metrics.test_runs (org_id, project_id, build_id, run_id, run_timestamp, total_tests, passed_tests, failed_tests,
                               skipped_tests, execution_time_seconds, branch_name, commit_sha)
select b.org_id, b.project_id, b.id, 'build-' || b.build_number, b.finished_at, 24, case b.status when 'success' then 23 else 22 end,
       case b.status when 'success' then 0 else 1 end, 1, b.duration_seconds * 0.4, br.name, b.commit_sha
from ops.builds b join ops.projects p on p.id = b.project_id join ops.branches br on br.id = b.branch_id
where p.org_id = $1 and p.slug like 'demo-%' and b.status <> 'cancelled'
on conflict do nothing";

pub(crate) const INSERT_TEST_CASES: &str = "
insert into metrics.test_cases (test_run_id, position, org_id, suite, name, outcome, duration_seconds, failure)
select r.id, n, r.org_id, (array['checkout', 'pricing', 'stock'])[1 + n % 3], 'case ' || n,
       case when n = 7 then 'skipped' when n = 13 and r.failed_tests > 0 then 'failed' else 'passed' end,
       0.01 + (n * 37 % 100) / 50.0,
       case when n = 13 and r.failed_tests > 0 then 'assertion failed: expected 12.40, got 12.39' end
from metrics.test_runs r join ops.projects p on p.id = r.project_id, generate_series(1, 24) n
where p.org_id = $1 and p.slug like 'demo-%'
on conflict do nothing";

pub(crate) const COUNT: &str = "
select (select count(*) from ops.projects where org_id = $1 and slug like 'demo-%'),
       (select count(*) from ops.branches b join ops.projects p on p.id = b.project_id where p.org_id = $1 and p.slug like 'demo-%'),
       (select count(*) from ops.builds b join ops.projects p on p.id = b.project_id where p.org_id = $1 and p.slug like 'demo-%'),
       (select coalesce(sum(b.log_lines), 0)::bigint from ops.builds b join ops.projects p on p.id = b.project_id where p.org_id = $1 and p.slug like 'demo-%'),
       (select coalesce(sum(total_tests), 0)::bigint from metrics.test_runs r join ops.projects p on p.id = r.project_id where p.org_id = $1 and p.slug like 'demo-%')";

impl Db {
    /// Adds demo projects to an org; what is there already is kept, so a repeat adds only what is missing.
    pub async fn make_demo(&self, org_id: Uuid, size: Size, said: impl Fn(&str)) -> Result<Made> {
        let (projects, builds, lines) = (size.projects as i32, size.builds as i32, size.lines as i32);
        said("projects and branches");
        self.query_as_server(
            INSERT_PROJECTS,
            &[(&org_id, Type::UUID), (&PROJECTS, Type::TEXT_ARRAY), (&projects, Type::INT4)],
        )
        .await?;
        self.query_as_server(INSERT_BRANCHES, &[(&org_id, Type::UUID)]).await?;
        said("builds");
        self.query_as_server(INSERT_BUILDS, &[(&org_id, Type::UUID), (&builds, Type::INT4), (&lines, Type::INT4)])
            .await?;
        self.query_as_server(UPDATE_COUNTERS, &[(&org_id, Type::UUID)]).await?;
        said("logs");
        if lines > 0 {
            self.query_as_server(INSERT_LOGS, &[(&org_id, Type::UUID), (&lines, Type::INT4)]).await?;
            self.query_as_server(INSERT_MARKS, &[(&org_id, Type::UUID)]).await?;
        }
        said("steps and tests");
        self.query_as_server(INSERT_STEPS, &[(&org_id, Type::UUID), (&lines, Type::INT4)]).await?;
        self.query_as_server(INSERT_TEST_RUNS, &[(&org_id, Type::UUID)]).await?;
        self.query_as_server(INSERT_TEST_CASES, &[(&org_id, Type::UUID)]).await?;
        let row = self.query_one_as_server(COUNT, &[(&org_id, Type::UUID)]).await?;
        Ok(Made {
            projects: row.try_get(0)?,
            branches: row.try_get(1)?,
            builds: row.try_get(2)?,
            log_lines: row.try_get(3)?,
            tests: row.try_get(4)?,
        })
    }
}
