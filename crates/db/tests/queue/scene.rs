//! An org with a project, its branches, and a runner, on a database of its own.

use plimsoll_core::protocol::Register;
use plimsoll_core::status::{BuildStatus, SandboxLevel};
use plimsoll_db::queue::{ClaimedRun, NewBuild};
use plimsoll_db::{Actor, Db};
use plimsoll_testkit::{TestDb, seed};
use tokio_postgres::Client;
use uuid::Uuid;

pub(crate) struct Scene {
    pub(crate) db: Db,
    pub(crate) client: Client,
    pub(crate) org: seed::Org,
    pub(crate) project: Uuid,
    pub(crate) runner: Uuid,
    // Last, so that the database is dropped after its connections.
    _test: TestDb,
}

/// Where a build ended or stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let test = TestDb::new().await;
        let db = Db::open(test.url(), 10).unwrap();
        let client = test.client().await;
        let org = seed::org(&client, "Acme").await;
        let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
        let runner = db.register_runner(None, &runner("r1"), &[1; 32]).await.unwrap();
        Self { db, client, org, project, runner, _test: test }
    }

    pub(crate) fn owner(&self) -> Actor {
        Actor::User { user_id: self.org.owner, claims: None }
    }

    pub(crate) async fn branch(&self, name: &str, stage: &str) -> Uuid {
        seed::branch(&self.client, self.project, name, stage).await
    }

    /// A branch of an org of its own.
    pub(crate) async fn foreign_branch(&self, org: &str) -> (seed::Org, Uuid, Uuid) {
        let org = seed::org(&self.client, org).await;
        let project = seed::project(&self.client, org.id, "app", "https://git.example/app.git").await;
        let branch = seed::branch(&self.client, project, "main", "production").await;
        (org, project, branch)
    }

    pub(crate) async fn trigger(&self, branch: Uuid) -> Uuid {
        self.trigger_in(self.project, branch).await
    }

    pub(crate) async fn trigger_in(&self, project: Uuid, branch: Uuid) -> Uuid {
        self.db.trigger_build(&Actor::Service, &NewBuild::manual(project, branch), None).await.unwrap().build_id
    }

    pub(crate) async fn claim(&self) -> Option<ClaimedRun> {
        self.db.claim_for_runner(self.runner, 30).await.unwrap()
    }

    pub(crate) async fn succeed(&self, run: &ClaimedRun) {
        let (build, token) = (run.build_id, run.fencing_token);
        self.db.finish_run(build, token, BuildStatus::Success, None, None, run.next_line).await.unwrap();
    }

    /// Claims and finishes until nothing is left: the builds in the order they were handed out.
    pub(crate) async fn drain(&self) -> Vec<Uuid> {
        let mut order = Vec::new();
        while let Some(run) = self.claim().await {
            self.succeed(&run).await;
            order.push(run.build_id);
        }
        order
    }

    pub(crate) async fn stand(&self, build: Uuid) -> Stand {
        let sql = "select status, failure_reason, error_message from ops.builds where id = $1";
        let row = self.client.query_one(sql, &[&build]).await.unwrap();
        Stand { status: row.get(0), reason: row.get(1), message: row.get(2) }
    }

    pub(crate) async fn status(&self, build: Uuid) -> String {
        self.stand(build).await.status
    }

    /// Lets the build's lease run out.
    pub(crate) async fn expire(&self, build: Uuid) {
        let sql = "update ops.leases set expires_at = clock_timestamp() - interval '1 second' where build_id = $1";
        assert_eq!(self.client.execute(sql, &[&build]).await.unwrap(), 1, "build {build} has no lease");
    }

    /// Rows where what the queue keeps for speed differs from what it is made of; none when all is well.
    pub(crate) async fn contradictions(&self) -> Vec<String> {
        let rows = self.client.query(CONTRADICTIONS, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn assert_consistent(&self) {
        let found = self.contradictions().await;
        assert!(found.is_empty(), "{found:#?}");
    }
}

pub(crate) fn runner(name: &str) -> Register {
    Register {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
        host: "here".to_owned(),
        slots: 1,
        sandbox_level: SandboxLevel::None,
    }
}

const CONTRADICTIONS: &str = "
with heads as (
  select distinct on (q.branch_id) q.id, q.branch_id, q.next_attempt_at from ops.run_queue q
    where q.status = 'queued' order by q.branch_id, q.rank, q.id
), claimable as (
  select h.id from heads h where h.next_attempt_at is null
    and not exists (select from ops.run_queue b where b.branch_id = h.branch_id and b.status in ('claimed', 'running'))
)
select format('lane %s counts %s running, %s leases', l.org_id, l.running, count(s.build_id))
  from ops.queue_lanes l left join ops.leases s on s.org_id = l.org_id group by l.org_id, l.running having l.running <> count(s.build_id)
union all
select format('lane %s has head %s, its first ready run %s', l.org_id, l.head_rank, min(q.rank))
  from ops.queue_lanes l left join ops.run_queue q on q.org_id = l.org_id and q.ready
  group by l.org_id, l.head_rank having l.head_rank is distinct from min(q.rank)
union all
select format('run %s is ready: %s, may be claimed: %s', q.id, q.ready, c.id is not null)
  from ops.run_queue q left join claimable c on c.id = q.id where q.ready <> (c.id is not null)
union all
select format('build %s is %s, its run %s', b.id, b.status, q.status)
  from ops.builds b join ops.run_queue q on q.build_id = b.id
  where (b.status, q.status) not in (('queued', 'queued'), ('queued', 'claimed'), ('running', 'running'), ('success', 'done'),
    ('cancelled', 'done'), ('failed', 'failed'))
union all
select format('run %s is %s, leased: %s', q.id, q.status, s.build_id is not null)
  from ops.run_queue q left join ops.leases s on s.build_id = q.build_id
  where (q.status in ('claimed', 'running')) <> (s.build_id is not null)
union all
select format('build %s had %s attempts, %s ended or live', q.build_id, q.attempts, count(a.*) + count(distinct s.build_id))
  from ops.run_queue q left join ops.build_attempts a on a.build_id = q.build_id left join ops.leases s on s.build_id = q.build_id
  group by q.build_id, q.attempts having q.attempts <> count(a.*) + count(distinct s.build_id)";
