//! Rows that tests begin with, written straight into the tables so that a test of one function leans on no other.

use tokio_postgres::Client;
use uuid::Uuid;

/// An org and its owner.
#[derive(Debug, Clone, Copy)]
pub struct Org {
    pub id: Uuid,
    pub owner: Uuid,
}

/// A person who can sign in.
pub async fn user(client: &Client) -> Uuid {
    let id = Uuid::new_v4();
    client
        .execute("insert into auth.users (id, email) values ($1, $2)", &[&id, &format!("{id}@example.test")])
        .await
        .expect("insert a user");
    id
}

/// An org with one active owner. Its slug is made of `name` and random letters, so that the same name can be used twice.
pub async fn org(client: &Client, name: &str) -> Org {
    let owner = user(client).await;
    let id = Uuid::new_v4();
    let slug = format!("{}-{}", slug(name), &id.simple().to_string()[..8]);
    client
        .execute("insert into registry.orgs (id, name, slug) values ($1, $2, $3)", &[&id, &name, &slug])
        .await
        .expect("insert an org");
    add_member(client, id, owner, "owner").await;
    Org { id, owner }
}

/// A new person with `role` (`owner`, `admin`, `developer`, `viewer`) in the org.
pub async fn member(client: &Client, org_id: Uuid, role: &str) -> Uuid {
    let user_id = user(client).await;
    add_member(client, org_id, user_id, role).await;
    user_id
}

async fn add_member(client: &Client, org_id: Uuid, user_id: Uuid, role: &str) {
    client
        .execute(
            "insert into registry.org_members (org_id, user_id, role) values ($1, $2, $3)",
            &[&org_id, &user_id, &role],
        )
        .await
        .expect("insert a member");
}

/// A project whose branches nobody has read yet, and need not (`sync_requested_at` is null).
pub async fn project(client: &Client, org_id: Uuid, name: &str, repo_url: &str) -> Uuid {
    let id = Uuid::new_v4();
    client
        .execute(
            "insert into ops.projects (id, org_id, name, slug, repo_url, sync_requested_at)
             values ($1, $2, $3, $4, $5, null)",
            &[&id, &org_id, &name, &slug(name), &repo_url],
        )
        .await
        .expect("insert a project");
    id
}

/// A branch in `stage` (`production`, `staging`, `development`).
pub async fn branch(client: &Client, project_id: Uuid, name: &str, stage: &str) -> Uuid {
    let id = Uuid::new_v4();
    client
        .execute(
            "insert into ops.branches (id, org_id, project_id, name, stage, is_production, git_ref)
             select $1, org_id, id, $3, $4::text, $4::text = 'production', 'refs/heads/' || $3 from ops.projects where id = $2",
            &[&id, &project_id, &name, &stage],
        )
        .await
        .expect("insert a branch");
    id
}

/// A queued build that is not in the queue: `enqueue_build` is left to the test.
pub async fn build(client: &Client, branch_id: Uuid) -> Uuid {
    let id = Uuid::new_v4();
    let inserted = client
        .execute(
            "with numbered as (
               update ops.projects p set next_build_number = next_build_number + 1
                 from ops.branches b where b.id = $2 and p.id = b.project_id
               returning p.org_id, p.id as project_id, p.next_build_number - 1 as build_number)
             insert into ops.builds (id, org_id, project_id, branch_id, build_number)
             select $1, org_id, project_id, $2, build_number from numbered",
            &[&id, &branch_id],
        )
        .await
        .expect("insert a build");
    assert_eq!(inserted, 1, "no branch {branch_id}");
    id
}

fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() { "x".to_owned() } else { words.join("-") }
}
