//! Orgs, members, credentials, webhooks and the audit log, as the server calls them.

use jiff::{SignedDuration, Timestamp};
use plimsoll_core::github::Push;
use plimsoll_core::status::Role;
use plimsoll_db::audit::AuditFilter;
use plimsoll_db::registry::{Joined, NewApiToken};
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use uuid::Uuid;

async fn database() -> (TestDb, Db) {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 8).unwrap();
    (test, db)
}

const fn user(user_id: Uuid) -> Actor {
    Actor::User { user_id, claims: None }
}

/// Far enough away that no test meets it.
fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24)
}

#[tokio::test]
async fn servers_that_start_at_once_make_one_owner_and_one_org() {
    let (test, db) = database().await;
    let made = futures::future::join_all((0..8).map(|_| db.ensure_owner("Owner@Example.com", "Home"))).await;
    let first = *made[0].as_ref().unwrap();
    assert!(made.iter().all(|m| *m.as_ref().unwrap() == first));
    let row = test.client().await.query_one("select count(*) from registry.orgs", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    let orgs = db.my_orgs(&user(first.user_id)).await.unwrap();
    assert_eq!((orgs[0].slug.as_str(), orgs[0].role), ("home", Role::Owner));
    assert_eq!(db.email_of(first.user_id).await.unwrap().as_deref(), Some("owner@example.com"));
}

#[tokio::test]
async fn an_invited_person_comes_in_by_link_and_is_out_with_the_next_request_once_removed() {
    let (test, db) = database().await;
    let org = seed::org(&test.client().await, "Acme").await;
    let owner = user(org.owner);
    let link = [7u8; 32];
    let invited = db.invite_member(&owner, org.id, "new@example.com", Role::Developer, &link, later()).await.unwrap();
    let person = user(invited);
    assert_eq!(db.member_role(&person, org.id).await.unwrap(), None);

    assert_eq!(db.use_signin_link(&link).await.unwrap(), Some(invited));
    assert_eq!(db.use_signin_link(&link).await.unwrap(), None);
    let session = [8u8; 32];
    db.create_session(&session, invited, Some("Firefox"), later()).await.unwrap();
    assert_eq!(db.authenticate_session(&session).await.unwrap(), Some(invited));
    assert_eq!(db.member_role(&person, org.id).await.unwrap(), Some(Role::Developer));
    assert_eq!(db.list_members(&person, org.id).await.unwrap().len(), 2);

    db.remove_member(&owner, org.id, invited).await.unwrap();
    assert_eq!(db.member_role(&person, org.id).await.unwrap(), None);
    assert!(db.my_orgs(&person).await.unwrap().is_empty());
    assert!(matches!(db.list_members(&person, org.id).await, Err(DbError::NotFound(_))));

    // Somebody who has an account comes back as themselves: the link alone opens nothing.
    db.invite_member(&owner, org.id, "new@example.com", Role::Viewer, &[9; 32], later()).await.unwrap();
    assert_eq!(db.use_signin_link(&[9; 32]).await.unwrap(), None);
    assert_eq!(db.member_role(&person, org.id).await.unwrap(), None);
    assert_eq!(db.join_org(&[9; 32], Some(org.owner)).await.unwrap(), Joined::ForAnother);
    assert_eq!(db.join_org(&[9; 32], Some(invited)).await.unwrap(), Joined::Member);
    assert_eq!(db.join_org(&[9; 32], Some(invited)).await.unwrap(), Joined::NotGood);
    assert_eq!(db.member_role(&person, org.id).await.unwrap(), Some(Role::Viewer));
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    let (test, db) = database().await;
    let client = test.client().await;
    for round in 0..5 {
        let org = seed::org(&client, "Acme").await;
        let other = seed::member(&client, org.id, "owner").await;
        let (first, second) = (user(org.owner), user(other));
        let (a, b) = if round % 2 == 0 {
            futures::join!(db.remove_member(&first, org.id, org.owner), db.remove_member(&second, org.id, other))
        } else {
            futures::join!(
                db.set_member_role(&first, org.id, other, Role::Admin),
                db.set_member_role(&second, org.id, org.owner, Role::Admin)
            )
        };
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let owners =
            "select count(*) from registry.org_members where org_id = $1 and role = 'owner' and status = 'active'";
        assert_eq!(client.query_one(owners, &[&org.id]).await.unwrap().get::<_, i64>(0), 1);
    }
}

#[tokio::test]
async fn a_token_acts_as_its_maker_within_its_org_and_scopes() {
    let (test, db) = database().await;
    let client = test.client().await;
    let (org, other) = (seed::org(&client, "Acme").await, seed::org(&client, "Other").await);
    let admin = seed::member(&client, org.id, "admin").await;
    let hash = [1u8; 32];
    let scopes = ["build".to_owned()];
    let new = NewApiToken { name: "ci", scopes: &scopes, prefix: "plim_api_1", token_hash: &hash, expires_at: None };
    let token_id = db.create_api_token(&user(admin), org.id, &new).await.unwrap();
    let token = db.authenticate_token(&hash).await.unwrap().unwrap();
    assert_eq!((token.token_id, token.org_id, token.user_id), (token_id, org.id, admin));
    let token = Actor::from(token);

    assert_eq!(db.member_role(&token, org.id).await.unwrap(), Some(Role::Developer));
    assert_eq!(db.member_role(&token, other.id).await.unwrap(), None);
    assert!(matches!(db.list_api_tokens(&token, org.id).await, Err(DbError::Forbidden(_))));
    assert!(matches!(db.list_members(&token, other.id).await, Err(DbError::NotFound(_))));
    let listed = db.list_api_tokens(&user(org.owner), org.id).await.unwrap();
    assert!(listed[0].last_used_at.is_some() && listed[0].scopes == scopes);

    // A JWT that claims to be such a token is not believed: it could only lose by it, but it could also lie in the audit log.
    let lying = Actor::User {
        user_id: admin,
        claims: Some(
            serde_json::json!({"plimsoll_token_id": token_id, "plimsoll_org_id": other.id, "plimsoll_scopes": ["admin"]}),
        ),
    };
    assert_eq!(db.member_role(&lying, org.id).await.unwrap(), Some(Role::Admin));

    db.revoke_api_token(&user(admin), token_id).await.unwrap();
    assert_eq!(db.authenticate_token(&hash).await.unwrap(), None);
    let filter = AuditFilter { action: Some("token"), ..Default::default() };
    let entries = db.audit_entries(&user(org.owner), org.id, &filter).await.unwrap();
    let actions: Vec<_> = entries.into_iter().map(|e| (e.action, e.actor)).collect();
    let by = format!("user:{admin}");
    assert_eq!(actions, [("token.revoked".to_owned(), by.clone()), ("token.created".to_owned(), by)]);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let (test, db) = database().await;
    let person = seed::user(&test.client().await).await;
    for hash in [[1u8; 32], [2; 32]] {
        db.create_session(&hash, person, None, later()).await.unwrap();
    }
    db.set_password(person, "$argon2id$…", Some(&[2; 32])).await.unwrap();
    assert_eq!(db.authenticate_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(db.authenticate_session(&[2; 32]).await.unwrap(), Some(person));
    let email = db.email_of(person).await.unwrap().unwrap();
    assert_eq!(db.password_hash_for(&email.to_uppercase()).await.unwrap().unwrap().user_id, person);
    assert_eq!(db.password_hash_for("nobody@example.com").await.unwrap(), None);
    db.end_session(&[2; 32]).await.unwrap();
    assert_eq!(db.authenticate_session(&[2; 32]).await.unwrap(), None);
    db.create_session(&[3; 32], person, None, Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(db.delete_expired_credentials().await.unwrap(), 1);
}

#[tokio::test]
async fn a_push_delivered_five_times_and_at_once_builds_once() {
    let (test, db) = database().await;
    let client = test.client().await;
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "https://github.com/acme/shop").await;
    let owner = user(org.owner);
    db.set_webhook_secret(&owner, org.id, "github", b"sealed").await.unwrap();
    assert!(db.webhook_secret_rotated_at(&owner, org.id, "github").await.unwrap().is_some());
    let secret = db.webhook_secret(&project.to_string(), "github").await.unwrap().unwrap();
    assert_eq!((secret.org_id, secret.project_id, secret.previous_sealed), (org.id, Some(project), None));

    let payload = serde_json::json!({"ref": "refs/heads/main"});
    let received =
        futures::future::join_all((0..5).map(|_| db.receive_webhook(org.id, "github", "d1", "push", &payload)));
    assert_eq!(received.await.into_iter().filter(|new| *new.as_ref().unwrap()).count(), 1);
    let due = db.due_webhooks(10).await.unwrap();
    assert_eq!((due.len(), due[0].attempts, &due[0].payload), (1, 1, &payload));
    assert!(db.due_webhooks(10).await.unwrap().is_empty());

    let push = Push {
        repo_urls: vec!["git@github.com:Acme/shop.git".into()],
        branch: "main".into(),
        sha: "a".repeat(40),
        message: Some("Mend it".into()),
        author: Some("Ada".into()),
        pushed_at: None,
        created: true,
        deleted: false,
    };
    let outcomes = futures::future::join_all((0..5).map(|_| db.apply_push(due[0].id, &push))).await;
    for outcome in outcomes {
        assert_eq!(outcome.unwrap(), "shop: build 1 of main");
    }
    let row = client.query_one("select count(*) from ops.run_queue", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    db.postpone_webhook(due[0].id, std::time::Duration::ZERO, "again").await.unwrap();
    assert_eq!(db.due_webhooks(10).await.unwrap()[0].attempts, 2);
    db.finish_webhook(due[0].id, "done").await.unwrap();
    assert!(db.due_webhooks(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_signed_in_may_do_nothing() {
    let (test, db) = database().await;
    let org = seed::org(&test.client().await, "Acme").await;
    for result in [
        db.my_orgs(&Actor::Anonymous).await.map(|_| ()),
        db.list_projects(&Actor::Anonymous).await.map(|_| ()),
        db.list_members(&Actor::Anonymous, org.id).await.map(|_| ()),
        db.create_org(&Actor::Anonymous, "Mine").await.map(|_| ()),
    ] {
        assert!(matches!(result, Err(DbError::Forbidden(_))), "{result:?}");
    }
}
