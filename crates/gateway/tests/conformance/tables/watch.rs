use crate::script::check;

/// What outside watchers write, by the names of the contract and without the columns they do not know.
#[tokio::test]
async fn samples_health_advisories_and_records() {
    check(
        r#"
        samples of a project, a batch at once
        POST /metrics
        schema: -
        as: service
        [{"project_id": "$project", "ts": "2026-11-21T10:00:00Z", "metric": "cpu_pct", "value": 45.2, "dims": {"host": "web-1"}}, {"project_id": "$project", "ts": "2026-11-21T10:01:00Z", "metric": "cpu_pct", "value": 46, "dims": {}}]
        201
        db: select count(*) from ops.metrics where org_id = '$org' => 2

        of another org than the project's
        POST /metrics
        schema: -
        as: service
        {"org_id": "$rival_org", "project_id": "$project", "metric": "cpu_pct", "value": 1}
        409 !23503
        db: select count(*) from ops.metrics => 2

        with a name that is none
        POST /metrics
        schema: -
        as: service
        {"project_id": "$project", "metric": "cpu pct", "value": 1}
        400 !23514

        not by people
        POST /metrics
        schema: -
        as: owner
        {"project_id": "$project", "metric": "cpu_pct", "value": 1}
        403 !42501

        read by the project's members
        GET /metrics?select=metric,value,dims&metric=eq.cpu_pct&order=ts.desc
        schema: -
        as: viewer
        200 [{"metric": "cpu_pct", "value": 46, "dims": {}}, {"metric": "cpu_pct", "value": 45.2, "dims": {"host": "web-1"}}]

        and by nobody else
        GET /metrics
        schema: -
        as: rival
        200 []

        the health of a branch, again and again
        POST /monitoring
        schema: -
        as: service
        {"branch_id": "$branch", "status": "healthy", "cpu_usage_pct": 41.5}
        201

        by the branch
        POST /monitoring?on_conflict=branch_id
        schema: -
        as: service
        Prefer: resolution=merge-duplicates
        {"branch_id": "$branch", "status": "critical", "alerts": [{"rule": "cpu"}]}
        200

        one row a branch
        GET /monitoring?select=project_id,status,cpu_usage_pct,alerts,branches(name)
        schema: -
        as: viewer
        200 [{"project_id": "$project", "status": "critical", "cpu_usage_pct": 41.5, "alerts": [{"rule": "cpu"}], "branches": {"name": "main"}}]

        what the monitor records
        POST /system_metrics
        schema: -
        as: service
        {"metric_name": "queue_depth", "value": 12, "unit": "jobs", "status": "ok", "labels": {"queue": "ingest"}}
        201

        which is the whole installation's where there are two orgs
        GET /system_metrics
        schema: -
        as: owner
        200 []

        a job of nobody
        POST /ingest_jobs
        schema: -
        as: service
        {"kind": "import", "payload": {"file": "orders.csv"}}
        400 !PT400

        a job of a project
        POST /ingest_jobs
        schema: -
        as: service
        {"project_id": "$project", "kind": "import", "payload": {"file": "orders.csv"}}
        201

        what a model did
        POST /ai_action_ledger
        schema: -
        as: service
        {"project_id": "$project", "action": "summarise", "model": "small", "status": "success", "input_tokens": 900, "output_tokens": 100, "cost_usd": 0.0125, "latency_ms": 840}
        201

        and what it cost
        GET /ai_action_ledger?select=action,total_tokens,cost_usd
        schema: -
        as: viewer
        200 [{"action": "summarise", "total_tokens": 1000, "cost_usd": 0.01250000}]

        an upgrade is planned by an admin
        POST /upgrades
        schema: -
        as: admin
        {"project_id": "$project", "from_version": "18.0", "to_version": "19.0"}
        201

        moved on by one
        PATCH /upgrades?to_version=eq.19.0
        schema: -
        as: admin
        {"status": "in_progress", "started_at": "2026-11-21T10:00:00Z"}
        204
        db: select status from ops.upgrades => in_progress

        and not by a developer
        PATCH /upgrades?to_version=eq.19.0
        schema: -
        as: developer
        {"status": "completed"}
        204
        db: select status from ops.upgrades => in_progress
        "#,
    )
    .await;
}

/// The functions of the contract, by their wire names.
#[tokio::test]
async fn series_and_advisories() {
    check(
        r#"
        of the projects that nobody builds, all but one put away
        PATCH /projects?id=neq.$project
        schema: -
        as: service
        {"status": "archived"}
        204

        the one is found once
        POST /rpc/scan_advisories
        schema: -
        as: service
        {}
        200 1

        and not again
        POST /rpc/scan_advisories
        schema: -
        as: service
        {}
        200 0

        by the server alone
        POST /rpc/scan_advisories
        schema: -
        as: owner
        {}
        403 !42501

        the members read it
        POST /rpc/list_advisories?select=severity,category,status,key
        schema: -
        as: viewer
        {"p_project_id": "$project"}
        200 [{"severity": "warning", "category": "reliability", "status": "open", "key": "no_recent_build"}]

        to others the project is not there
        POST /rpc/list_advisories
        schema: -
        as: rival
        {"p_project_id": "$project"}
        404 !PT404 there is no such project

        nor is a series of it
        POST /rpc/project_metrics
        schema: -
        as: rival
        {"p_project_id": "$project", "p_metric": "cpu_pct"}
        404 !PT404 there is no such project

        a batch by the function
        POST /rpc/ingest_samples
        schema: -
        as: service
        {"p_project_id": "$project", "p_branch_id": null, "p_ts": "2026-11-21T10:00:00Z", "p_metrics": ["cpu_pct", "cpu_pct"], "p_values": [1.5, 2]}
        200 2

        that names its bad sample
        POST /rpc/ingest_samples
        schema: -
        as: service
        {"p_project_id": "$project", "p_branch_id": null, "p_ts": "2026-11-21T10:00:00Z", "p_metrics": ["cpu_pct", "cpu pct"], "p_values": [1.5, 2]}
        400 !PT400

        the series, read-only
        GET /rpc/project_metrics?p_project_id=$project&p_metric=cpu_pct&p_hours=876000&select=value,dims
        schema: -
        as: viewer
        200 [{"value": 1.5, "dims": {}}, {"value": 2, "dims": {}}]

        hours that are none
        GET /rpc/project_metrics?p_project_id=$project&p_metric=cpu_pct&p_hours=0
        schema: -
        as: viewer
        400 !PT400
        "#,
    )
    .await;
}
