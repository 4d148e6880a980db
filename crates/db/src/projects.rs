//! Projects, their branches and their secrets.

use jiff::Timestamp;
use plimsoll_core::status::Stage;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, DbError, Result};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub slug: String,
    pub repo_url: String,
    pub default_branch: String,
    pub runtime_version: String,
    /// `active`, `archived` or `suspended`.
    pub status: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Branches that are still in the repository.
    pub branch_count: i64,
    pub last_build_status: Option<String>,
    pub last_build_at: Option<Timestamp>,
}

/// How reading a project's branches from its repository stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncState {
    /// A reading is due or under way.
    pub sync_requested_at: Option<Timestamp>,
    pub synced_at: Option<Timestamp>,
    /// Why the last one failed, and what to do.
    pub sync_error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    pub id: Uuid,
    pub project_id: Uuid,
    pub name: String,
    /// `production`, `staging` or `development`.
    pub stage: String,
    pub is_production: bool,
    pub last_build_id: Option<Uuid>,
    pub git_ref: Option<String>,
    /// `ready`, `building`, `error` or `archived`.
    pub status: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub build_count: i64,
    pub last_build_status: Option<String>,
    pub last_build_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Default)]
pub struct NewProject<'a> {
    pub name: &'a str,
    pub repo_url: &'a str,
    /// Derived from the name where left out.
    pub slug: Option<&'a str>,
    /// Read from the repository where left out.
    pub default_branch: Option<&'a str>,
}

/// A project whose repository is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectToSync {
    pub id: Uuid,
    pub org_id: Uuid,
    pub repo_url: String,
    pub default_branch: String,
}

/// What reading the repository changed about a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchChange {
    pub branch_id: Uuid,
    pub name: String,
    /// `added`, `moved` (its newest commit is another), `restored` or `archived`.
    pub change: String,
    pub head_sha: Option<String>,
}

/// A build secret as it is listed: never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectSecret {
    pub name: String,
    pub updated_by: Option<Uuid>,
    pub updated_by_email: Option<String>,
    pub updated_at: Timestamp,
}

impl Db {
    /// Every project the caller may see, by name.
    pub async fn list_projects(&self, actor: &Actor) -> Result<Vec<Project>> {
        let rows = self.query(actor, "select * from ops.list_projects()", &[]).await?;
        rows.iter().map(project).collect()
    }

    /// # Errors
    /// [`DbError::NotFound`] when there is no such project, or none that the caller may see.
    pub async fn project(&self, actor: &Actor, project_id: Uuid) -> Result<Project> {
        let sql = "select * from ops.list_projects() where id = $1";
        let rows = self.query(actor, sql, &[(&project_id, Type::UUID)]).await?;
        project(rows.first().ok_or_else(no_such_project)?)
    }

    /// A project by the slugs that stand in URLs.
    ///
    /// # Errors
    /// [`DbError::NotFound`] as [`Db::project`].
    pub async fn project_by_slug(&self, actor: &Actor, org_slug: &str, project_slug: &str) -> Result<Project> {
        let sql = "select p.* from registry.orgs o join ops.list_projects() p on p.org_id = o.id
                   where o.slug = $1 and p.slug = $2";
        let rows = self.query(actor, sql, &[(&org_slug, Type::TEXT), (&project_slug, Type::TEXT)]).await?;
        project(rows.first().ok_or_else(no_such_project)?)
    }

    /// The org's project of this repository, however its address is spelled.
    pub async fn project_by_repo(&self, actor: &Actor, org_id: Uuid, repo_url: &str) -> Result<Option<Uuid>> {
        let params = [(&org_id as _, Type::UUID), (&repo_url as _, Type::TEXT)];
        Ok(self.query_one(actor, "select ops.project_by_repo($1, $2)", &params).await?.try_get(0)?)
    }

    /// # Errors
    /// [`DbError::Conflict`] when the given slug is taken.
    pub async fn create_project(&self, actor: &Actor, org_id: Uuid, new: &NewProject<'_>) -> Result<Uuid> {
        let row = self
            .query_one(
                actor,
                "select ops.create_project($1, $2, $3, $4, $5)",
                &[
                    (&org_id, Type::UUID),
                    (&new.name, Type::TEXT),
                    (&new.repo_url, Type::TEXT),
                    (&new.slug, Type::TEXT),
                    (&new.default_branch, Type::TEXT),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Cancels the project's unfinished builds and takes no new ones.
    pub async fn archive_project(&self, actor: &Actor, project_id: Uuid) -> Result<()> {
        self.query(actor, "select ops.archive_project($1)", &[(&project_id, Type::UUID)]).await?;
        Ok(())
    }

    /// The project's branches, production first.
    pub async fn project_branches(&self, actor: &Actor, project_id: Uuid) -> Result<Vec<Branch>> {
        let rows = self.query(actor, "select * from ops.project_branches($1)", &[(&project_id, Type::UUID)]).await?;
        rows.iter().map(branch).collect()
    }

    /// The project of a branch that the caller may see.
    pub async fn project_of_branch(&self, actor: &Actor, branch_id: Uuid) -> Result<Option<Uuid>> {
        let sql = "select project_id from ops.branches where id = $1";
        let rows = self.query(actor, sql, &[(&branch_id, Type::UUID)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// Moves a branch between development and staging.
    ///
    /// # Errors
    /// [`DbError::Conflict`] onto production and off it.
    pub async fn set_branch_stage(&self, actor: &Actor, branch_id: Uuid, stage: Stage) -> Result<()> {
        let params = [(&branch_id as _, Type::UUID), (&stage.as_str() as _, Type::TEXT)];
        self.query(actor, "select ops.set_branch_stage($1, $2)", &params).await?;
        Ok(())
    }

    /// Makes a branch the production branch; the one that was takes its stage.
    pub async fn set_production_branch(&self, actor: &Actor, branch_id: Uuid) -> Result<()> {
        self.query(actor, "select ops.set_production_branch($1)", &[(&branch_id, Type::UUID)]).await?;
        Ok(())
    }

    /// Asks for the branches to be read from the repository again.
    pub async fn request_sync(&self, actor: &Actor, project_id: Uuid) -> Result<()> {
        self.query(actor, "select ops.request_sync($1)", &[(&project_id, Type::UUID)]).await?;
        Ok(())
    }

    /// # Errors
    /// [`DbError::NotFound`] as [`Db::project`].
    pub async fn sync_state(&self, actor: &Actor, project_id: Uuid) -> Result<SyncState> {
        let sql = "select sync_requested_at, synced_at, sync_error from ops.projects where id = $1";
        let rows = self.query(actor, sql, &[(&project_id, Type::UUID)]).await?;
        let row = rows.first().ok_or_else(no_such_project)?;
        Ok(SyncState {
            sync_requested_at: row.try_get("sync_requested_at")?,
            synced_at: row.try_get("synced_at")?,
            sync_error: row.try_get("sync_error")?,
        })
    }

    /// Takes projects whose repositories are to be read, for this process to do so within two minutes.
    pub async fn projects_to_sync(&self, limit: i64) -> Result<Vec<ProjectToSync>> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let rows = self.query_as_server("select * from ops.projects_to_sync($1)", &[(&limit, Type::INT4)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProjectToSync {
                    id: row.try_get("project_id")?,
                    org_id: row.try_get("org_id")?,
                    repo_url: row.try_get("repo_url")?,
                    default_branch: row.try_get("default_branch")?,
                })
            })
            .collect()
    }

    /// Makes the project's branches those of the repository: `branches` is `[{"name", "sha"}, …]`.
    pub async fn sync_branches(
        &self,
        project_id: Uuid,
        default_branch: &str,
        branches: &serde_json::Value,
    ) -> Result<Vec<BranchChange>> {
        let params = [(&project_id as _, Type::UUID), (&default_branch as _, Type::TEXT), (branches as _, Type::JSONB)];
        let sql = "select branch_id, name, change, head_sha from ops.sync_branches($1, $2, $3)";
        let rows = self.query_as_server(sql, &params).await?;
        rows.iter()
            .map(|row| {
                Ok(BranchChange {
                    branch_id: row.try_get("branch_id")?,
                    name: row.try_get("name")?,
                    change: row.try_get("change")?,
                    head_sha: row.try_get("head_sha")?,
                })
            })
            .collect()
    }

    /// Notes why the repository could not be read; it is tried again in five minutes, or when somebody asks.
    pub async fn record_sync_error(&self, project_id: Uuid, error: &str) -> Result<()> {
        let params = [(&project_id as _, Type::UUID), (&error as _, Type::TEXT)];
        self.query_as_server("select ops.record_sync_error($1, $2)", &params).await?;
        Ok(())
    }

    pub async fn list_project_secrets(&self, actor: &Actor, project_id: Uuid) -> Result<Vec<ProjectSecret>> {
        let sql = "select * from ops.list_project_secrets($1)";
        let rows = self.query(actor, sql, &[(&project_id, Type::UUID)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProjectSecret {
                    name: row.try_get("name")?,
                    updated_by: row.try_get("updated_by")?,
                    updated_by_email: row.try_get("updated_by_email")?,
                    updated_at: row.try_get("updated_at")?,
                })
            })
            .collect()
    }

    /// Stores a build secret that the server's key has sealed.
    pub async fn set_project_secret(&self, actor: &Actor, project_id: Uuid, name: &str, sealed: &[u8]) -> Result<()> {
        let params = [(&project_id as _, Type::UUID), (&name as _, Type::TEXT), (&sealed as _, Type::BYTEA)];
        self.query(actor, "select ops.set_project_secret($1, $2, $3)", &params).await?;
        Ok(())
    }

    pub async fn delete_project_secret(&self, actor: &Actor, project_id: Uuid, name: &str) -> Result<()> {
        let params = [(&project_id as _, Type::UUID), (&name as _, Type::TEXT)];
        self.query(actor, "select ops.delete_project_secret($1, $2)", &params).await?;
        Ok(())
    }

    /// Names and sealed values of the project's build secrets, for the server to open and hand out with a claim.
    pub async fn sealed_project_secrets(&self, project_id: Uuid) -> Result<Vec<(String, Vec<u8>)>> {
        let sql = "select name, sealed from ops.sealed_project_secrets($1)";
        let rows = self.query_as_server(sql, &[(&project_id, Type::UUID)]).await?;
        rows.iter().map(|row| Ok((row.try_get("name")?, row.try_get("sealed")?))).collect()
    }
}

fn no_such_project() -> DbError {
    DbError::NotFound("there is no such project".to_owned())
}

fn project(row: &Row) -> Result<Project> {
    Ok(Project {
        id: row.try_get("id")?,
        org_id: row.try_get("org_id")?,
        name: row.try_get("name")?,
        slug: row.try_get("slug")?,
        repo_url: row.try_get("repo_url")?,
        default_branch: row.try_get("default_branch")?,
        runtime_version: row.try_get("runtime_version")?,
        status: row.try_get("status")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        branch_count: row.try_get("branch_count")?,
        last_build_status: row.try_get("last_build_status")?,
        last_build_at: row.try_get("last_build_at")?,
    })
}

fn branch(row: &Row) -> Result<Branch> {
    Ok(Branch {
        id: row.try_get("id")?,
        project_id: row.try_get("project_id")?,
        name: row.try_get("name")?,
        stage: row.try_get("stage")?,
        is_production: row.try_get("is_production")?,
        last_build_id: row.try_get("last_build_id")?,
        git_ref: row.try_get("git_ref")?,
        status: row.try_get("status")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        build_count: row.try_get("build_count")?,
        last_build_status: row.try_get("last_build_status")?,
        last_build_at: row.try_get("last_build_at")?,
    })
}
