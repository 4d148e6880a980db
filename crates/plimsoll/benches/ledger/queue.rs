//! Claim and finish, fair and fenced, against a bare `skip locked` table and against job queues on the same server.

use plimsoll_core::protocol::{Claim, ClaimRequest, Register, Registered};
use plimsoll_core::status::SandboxLevel;
use plimsoll_db::{Db, migrate};

use crate::Args;
use crate::instance::Instance;
use crate::logs::connect;
use crate::report::Report;
use crate::{peers, pgbench};

/// Tenants and branches that the runs are spread over. Production branches, whose runs queue: on others a newer run would end
/// the older ones, and it is claims that are measured.
const ORGS: u64 = 100;
const BRANCHES_PER_ORG: u64 = 20;

const BARE_SCHEMA: &str = "
create table bare (id bigserial primary key, status text not null default 'queued', payload text);
create index bare_queued on bare (id) where status = 'queued';
alter table bare set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)";
const BARE_ENQUEUE: &str = "insert into bare (payload) values ('x');\n";
const BARE_CYCLE: &str = "
update bare set status = 'running' where id = (select id from bare where status = 'queued' order by id for update skip locked limit 1) returning id \\gset
update bare set status = 'done' where id = :id;
";

/// Through the functions a runner and a trigger use; only the transport differs.
const OUR_ENQUEUE: &str = "
\\set n random(1, 2000)
select project_id, branch_id from bench.branches where n = :n \\gset
select ops.trigger_build(':project_id', ':branch_id');
";
const OUR_CYCLE: &str = "
select build_id, fencing_token, next_line from ops.claim_for_runner((select id from bench.runner)) \\gset
select ops.finish_run(':build_id', :fencing_token, 'success', null, null, :next_line);
";

pub(crate) async fn measure(args: &Args, instance: &Instance, report: &mut Report) {
    let url = fresh_database(instance, "bench_queue").await;
    let client = connect(&url).await;
    migrate::apply(&Db::open(&url, 2).expect("a URL"), migrate::Options::default()).await.expect("the schema applies");
    client.batch_execute(BARE_SCHEMA).await.expect("the bare table is made");
    client.batch_execute(&tenants()).await.expect("tenants are made");

    if args.wants("queue") {
        let with_enqueue = |cycle: &str, enqueue: &str| format!("{enqueue}{cycle}");
        prefill(&client, args.clients as u64 * 4).await;
        let bare = pgbench::run(&url, &with_enqueue(BARE_CYCLE, BARE_ENQUEUE), args.clients, args.seconds);
        let ours = pgbench::run(&url, &with_enqueue(OUR_CYCLE, OUR_ENQUEUE), args.clients, args.seconds);
        report.compare(
            "enqueue + claim + finish, nothing queued",
            ours.per_second,
            "cycles/s",
            ("bare skip locked", bare.per_second),
            None,
        );
        layers(args, &url, &client, bare.per_second, report).await;

        prefill(&client, (args.seconds * 12_000).max(100_000)).await;
        let bare = pgbench::run(&url, BARE_CYCLE, args.clients, args.seconds);
        let ours = pgbench::run(&url, OUR_CYCLE, args.clients, args.seconds);
        report.compare(
            "claim + finish, shallow queue",
            ours.per_second,
            "cycles/s",
            ("bare skip locked", bare.per_second),
            Some("≥ 0.5"),
        );

        prefill(&client, args.backlog).await;
        let bare = pgbench::run(&url, BARE_CYCLE, args.clients, args.seconds);
        let ours = pgbench::run(&url, OUR_CYCLE, args.clients, args.seconds);
        let name = format!("claim + finish, {} queued", args.backlog);
        report.compare(name, ours.per_second, "cycles/s", ("bare skip locked", bare.per_second), Some("≥ 0.5"));

        let churn = pgbench::run(&url, &with_enqueue(OUR_CYCLE, OUR_ENQUEUE), args.clients, args.churn_seconds);
        if let (Some(first), Some(last)) = (churn.fifths.first(), churn.fifths.last()) {
            let name = format!("last fifth of {} s of churn, {} queued", args.churn_seconds, args.backlog);
            report.compare(name, *last, "cycles/s", ("first fifth", *first), Some("no decay"));
        }
    }
    if args.wants("peers") {
        prefill(&client, 60_000).await;
        let ours = pgbench::run(&url, OUR_CYCLE, args.clients, args.seconds);
        peers::measure(args, instance, ours.per_second, report).await;
    }
}

/// What each guarantee costs: the bare cycle with one more of them at a time, in the same schema and run.
async fn layers(args: &Args, url: &str, client: &tokio_postgres::Client, bare: f64, report: &mut Report) {
    client.batch_execute(include_str!("layers.sql")).await.expect("the layered tables are made");
    for (name, script) in [
        (
            "  bare + lease with fencing token",
            "select id, token from bench.claim_fenced() \\gset\nselect bench.finish_fenced(:id, :token);\n",
        ),
        (
            "  + one running a branch",
            "select id, token from bench.claim_per_branch() \\gset\nselect bench.finish_per_branch(:id, :token);\n",
        ),
        (
            "  + fairness and limits by org",
            "select id, token from bench.claim_fair() \\gset\nselect bench.finish_fair(:id, :token);\n",
        ),
    ] {
        client.batch_execute("select bench.refill(400000)").await.expect("refilled");
        let rate = pgbench::run(url, script, args.clients, args.seconds);
        report.compare(name, rate.per_second, "cycles/s", ("bare enqueue + cycle", bare), None);
    }
}

fn tenants() -> String {
    format!(
        "create schema bench;
         insert into registry.orgs (name) select 'Bench ' || n from generate_series(1, {ORGS}) n;
         update ops.queue_lanes set max_running = 1000;
         insert into ops.projects (org_id, name, slug, repo_url, sync_requested_at)
           select id, 'p' || n, 'p' || n, 'https://git.example.com/p.git', null from registry.orgs, generate_series(1, {BRANCHES_PER_ORG}) n;
         insert into ops.branches (org_id, project_id, name, stage) select org_id, id, 'main', 'production' from ops.projects;
         create table bench.branches as
           select row_number() over (order by md5(id::text)) as n, org_id, project_id, id as branch_id from ops.branches;
         create unique index on bench.branches (n);
         create table bench.runner (id uuid);
         insert into bench.runner select ops.register_runner(null, 'bench', sha256('bench'), '0', 'linux', 'x86_64', 'here', 1, 'none');
         analyze"
    )
}

/// Fills both queues to the same depth. Rows go in with triggers and foreign keys off: filling is not what is measured.
async fn prefill(client: &tokio_postgres::Client, depth: u64) {
    let sql = format!(
        "truncate bare;
         insert into bare (payload) select 'x' from generate_series(1, {depth});
         set session_replication_role = replica;
         truncate ops.builds, ops.run_queue, ops.leases, ops.build_attempts cascade;
         with made as (
           insert into ops.builds (org_id, project_id, branch_id, build_number, created_at)
           select b.org_id, b.project_id, b.branch_id, g, now() - make_interval(secs => {depth} - g)
           from generate_series(1, {depth}) g join bench.branches b on b.n = (g - 1) % {all} + 1
           returning id, org_id, project_id, branch_id, build_number, created_at
         )
         insert into ops.run_queue (org_id, project_id, branch_id, build_id, rank, ready)
         select org_id, project_id, branch_id, id, created_at, build_number <= {all} from made;
         set session_replication_role = origin;
         update ops.projects set next_build_number = {depth} + 1;
         update ops.queue_lanes l set running = 0, served_at = '-infinity',
           head_rank = (select min(rank) from ops.run_queue q where q.org_id = l.org_id and q.ready);
         vacuum analyze",
        all = ORGS * BRANCHES_PER_ORG,
    );
    for statement in sql.split(';') {
        client.batch_execute(statement).await.unwrap_or_else(|e| panic!("prefill: {e:?}\n{statement}"));
    }
}

/// An empty database on the instance's server.
pub(crate) async fn fresh_database(instance: &Instance, name: &str) -> String {
    let client = connect(&instance.db_url).await;
    client.batch_execute(&format!("drop database if exists {name}")).await.expect("dropped");
    client.batch_execute(&format!("create database {name}")).await.expect("created");
    let mut url: url::Url = instance.db_url.parse().expect("a URL");
    url.set_path(name);
    url.into()
}

/// A project with `count` branches and a claimed build on each, through the public API.
pub(crate) async fn start_builds(instance: &Instance, count: usize) -> Vec<Claim> {
    let http = reqwest::Client::new();
    let (url, key) = (&instance.url, &instance.service_key);
    let client = connect(&instance.db_url).await;
    let rows = client
        .query(
            "with project as (
               insert into ops.projects (org_id, name, slug, repo_url, sync_requested_at)
               select id, 'bench', 'bench-' || gen_random_uuid(), 'https://git.example.com/bench.git', null
               from registry.orgs order by created_at limit 1 returning org_id, id)
             insert into ops.branches (org_id, project_id, name)
             select org_id, id, 'b' || n from project, generate_series(1, $1::int) n returning project_id, id",
            &[&(count as i32)],
        )
        .await
        .expect("branches are made");
    for row in rows {
        let (project, branch): (uuid::Uuid, uuid::Uuid) = (row.get(0), row.get(1));
        let answer = http
            .post(format!("{url}/api/ops/projects/{project}/trigger"))
            .bearer_auth(key)
            .json(&serde_json::json!({"branch_id": branch}))
            .send()
            .await
            .expect("answers");
        assert!(answer.status().is_success(), "trigger refused: {}", answer.text().await.unwrap_or_default());
    }
    let register = Register {
        name: "bench".into(),
        version: "0".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        host: "here".into(),
        slots: count as u32,
        sandbox_level: SandboxLevel::None,
    };
    let registered =
        http.post(format!("{url}/runner/v1/register")).bearer_auth(key).json(&register).send().await.expect("answers");
    let registered: Registered = registered.error_for_status().expect("registered").json().await.expect("JSON");
    let mut claims = Vec::new();
    for _ in 0..count {
        let claim = http
            .post(format!("{url}/runner/v1/claim?wait_seconds=10"))
            .bearer_auth(&registered.runner_token)
            .json(&ClaimRequest::default())
            .send()
            .await
            .expect("answers");
        claims.push(claim.error_for_status().expect("claimed").json().await.expect("a claim"));
    }
    claims
}
