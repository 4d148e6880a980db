//! What the gateway adds to PostgreSQL's own work, and what row level security adds to a query's.

use crate::Args;
use crate::instance::Instance;
use crate::logs::connect;
use crate::report::Report;
use crate::{http, pgbench};

const USER: &str = "00000000-0000-4000-8000-00000000bec0";
const ORG: &str = "00000001-0000-4000-8000-00000000bec0";

pub(crate) async fn measure(args: &Args, instance: &Instance, report: &mut Report) {
    let client = connect(&instance.db_url).await;
    for statement in include_str!("tenants.sql").split(";\n") {
        client.batch_execute(statement).await.expect("tenants are made");
    }
    rates(args, instance, report).await;
    policies(args, instance, &client, report).await;
}

/// The same transaction over pgbench and over HTTP.
async fn rates(args: &Args, instance: &Instance, report: &mut Report) {
    let bearer = instance.user_token(USER);
    for (name, path, sql) in [
        ("rpc/list_projects, 20 projects", "/rest/v1/rpc/list_projects", "select * from ops.list_projects();"),
        (
            "table read of 100 rows",
            "/rest/v1/builds?select=*&order=created_at.desc&limit=100",
            "select * from ops.builds order by created_at desc limit 100;",
        ),
    ] {
        let direct = pgbench::run(&instance.db_url, &as_member(sql), args.clients, args.seconds);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {bearer}\r\nAccept-Profile: ops\r\n\r\n"
        );
        http::run(&instance.url, request.clone(), args.clients, 1).await;
        let load = http::run(&instance.url, request, args.clients, args.seconds).await;
        let baseline = ("pgbench, the same transaction", direct.per_second);
        report.compare(name, load.per_second, "requests/s", baseline, Some("≥ 0.6"));
        // The gateway's answer is JSON, which PostgreSQL makes: the same of pgbench.
        let json = format!("select json_agg(t) from ({}) t;", sql.trim_end_matches(';'));
        let as_json = pgbench::run(&instance.db_url, &as_member(&json), args.clients, args.seconds);
        report.compare("  the same", load.per_second, "requests/s", ("pgbench, as JSON", as_json.per_second), None);
        report.add(format!("  p99, {} bytes", load.body_bytes), load.percentile_ms(0.99), "ms", None);
    }
}

/// Time a call as a member beside the same as service_role; 1,000 orgs, 100,000 builds.
async fn policies(args: &Args, instance: &Instance, client: &tokio_postgres::Client, report: &mut Report) {
    let row = client
        .query_one(
            "select b.id, b.project_id from ops.log_chunks c join ops.builds b on b.id = c.build_id where c.org_id = $1 limit 1",
            &[&ORG.parse::<uuid::Uuid>().expect("an id")],
        )
        .await
        .expect("a build with a log");
    let (build, project): (uuid::Uuid, uuid::Uuid) = (row.get(0), row.get(1));
    let failed = format!(
        "select * from ops.builds where project_id = '{project}' \
         and status = 'failed' order by created_at desc limit 50;"
    );
    let logs = format!("select * from ops.build_logs('{build}', 200);");
    for (name, member_sql, service_sql) in [
        // The same rows: as service_role every org's projects would be listed.
        (
            "policies: list_projects",
            "select * from ops.list_projects();".to_owned(),
            format!("select * from ops.list_projects() where org_id = '{ORG}';"),
        ),
        ("policies: build_logs, 200 lines", logs.clone(), logs),
        ("policies: a project's builds that failed, newest 50", failed.clone(), failed),
    ] {
        let service = pgbench::run(&instance.db_url, &as_service(&service_sql), 1, args.seconds);
        let member = pgbench::run(&instance.db_url, &as_member(&member_sql), 1, args.seconds);
        report.compare(
            name,
            1_000.0 / member.per_second,
            "ms",
            ("service_role, the same rows, ms", 1_000.0 / service.per_second),
            Some("≤ 1.3"),
        );
    }
}

fn as_member(sql: &str) -> String {
    transaction("authenticated", &format!(r#"{{"sub": "{USER}", "role": "authenticated"}}"#), sql)
}

fn as_service(sql: &str) -> String {
    transaction("service_role", r#"{"role": "service_role"}"#, sql)
}

fn transaction(role: &str, claims: &str, sql: &str) -> String {
    format!(
        "begin;\nset local role {role};\nselect set_config('request.jwt.claims', '{claims}', true);\n{sql}\ncommit;\n"
    )
}
