use std::fmt::Write as _;

use crate::harbour::Harbour;

/// The table of PostgREST's reference, "HTTP Status Codes", with one or two of each class.
const STATUSES: &[(&str, u16)] = &[
    ("08000", 503),
    ("08006", 503),
    ("09000", 500),
    ("0L000", 403),
    ("0P000", 403),
    ("21000", 500),
    ("22012", 400),
    ("22023", 400),
    ("22P02", 400),
    ("23502", 400),
    ("23503", 409),
    ("23505", 409),
    ("23514", 400),
    ("23P01", 400),
    ("25000", 500),
    ("25001", 500),
    ("25006", 405),
    ("28000", 403),
    ("28P01", 403),
    ("2D000", 500),
    ("38000", 500),
    ("39000", 500),
    ("3B000", 500),
    ("40001", 500),
    ("40P01", 500),
    ("42501", 403),
    ("42601", 400),
    ("42703", 400),
    ("42883", 404),
    ("42P01", 404),
    ("42P17", 500),
    ("44000", 400),
    ("53000", 503),
    ("53100", 503),
    ("53300", 503),
    ("53400", 500),
    ("54000", 500),
    ("55000", 500),
    ("55P03", 500),
    ("57000", 500),
    ("57014", 500),
    ("57P01", 503),
    ("58000", 500),
    ("58030", 500),
    ("F0000", 500),
    ("HV000", 500),
    ("P0001", 400),
    ("P0002", 500),
    ("P0003", 500),
    ("PT400", 400),
    ("PT404", 404),
    ("PT409", 409),
    ("PT422", 422),
    ("PT503", 503),
    ("XX000", 500),
    ("ZZ999", 400),
];

#[tokio::test]
async fn have_their_statuses() {
    let mut script = String::new();
    for (state, status) in STATUSES {
        let _ = write!(
            script,
            "{state} by POST\nPOST /rpc/fail_with\n{{\"state\": \"{state}\"}}\n{status} {}\n\n\
             {state} by GET\nGET /rpc/fail_with?state={state}\n{status} {}\n\n",
            body(state),
            body(state),
        );
    }
    Harbour::new().await.check(&script).await;
}

/// The same of nobody: only a missing right is another status.
#[tokio::test]
async fn of_nobody() {
    let harbour = Harbour::new().await;
    harbour.run("grant execute on function fail_with(text, text) to anon").await;
    let mut script = String::new();
    for (state, status) in [("42501", 401), ("0P000", 403), ("28000", 403), ("PT403", 403), ("P0001", 400)] {
        let _ = write!(
            script,
            "{state}\nPOST /rpc/fail_with\nas: nobody\n{{\"state\": \"{state}\"}}\n{status} {}\n\n",
            body(state)
        );
    }
    harbour.check(&script).await;
}

/// A connection that the database ends in the middle is an answer, and the next request is served.
#[tokio::test]
async fn of_a_connection_that_ends() {
    let harbour = Harbour::new().await;
    harbour
        .run(
            "create function hang_up() returns void language sql volatile security definer as
               'select pg_terminate_backend(pg_backend_pid())';
             grant execute on function hang_up() to authenticated",
        )
        .await;
    harbour
        .check(
            r#"
            ended by an administrator
            POST /rpc/hang_up
            503 {"code": "57P01", "details": null, "hint": null, "message": "terminating connection due to administrator command"}

            and served again
            GET /ports?select=id&id=eq.1
            200 [{"id": 1}]
            "#,
        )
        .await;
}

fn body(state: &str) -> String {
    format!("{{\"code\": \"{state}\", \"details\": null, \"hint\": null, \"message\": \"failed on purpose\"}}")
}
