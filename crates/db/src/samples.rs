//! Samples of a project: in by the batch, out by the series.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::queue::Idempotency;
use crate::{Actor, Db, Result};

/// Samples of one project and one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleBatch {
    pub project_id: Uuid,
    pub branch_id: Option<Uuid>,
    pub ts: Timestamp,
    /// One entry a sample, as in `values` and `dims`.
    pub metrics: Vec<String>,
    pub values: Vec<f64>,
    /// JSON objects.
    pub dims: Vec<Option<serde_json::Value>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    pub ts: Timestamp,
    pub value: f64,
    pub dims: serde_json::Value,
}

const INGEST_SAMPLES: &str = "select ops.ingest_samples($1, $2, $3, $4, $5, $6, $7, $8)";
const PROJECT_METRICS: &str = "select ts, value, dims from ops.project_metrics($1, $2, $3)";
const ENSURE_SAMPLE_PARTITIONS: &str = "select ops.ensure_sample_partitions($1)";
const DROP_SAMPLE_PARTITIONS: &str =
    "select ops.drop_sample_partitions_before((now() at time zone 'utc')::date - $1::integer)";

impl Db {
    /// Stores a batch in one statement, all of it or nothing; answers how many samples it has. As the server itself:
    /// whoever sends samples proved it by a token that is no person's.
    ///
    /// # Errors
    /// [`crate::DbError::Invalid`] names the sample that is wrong; [`crate::DbError::NotFound`] when there is no such
    /// project or branch; [`crate::DbError::Conflict`] when the key was used with another batch.
    pub async fn ingest_samples(&self, batch: &SampleBatch, idempotency: Option<Idempotency<'_>>) -> Result<i64> {
        let row = self
            .query_one_as_server(
                INGEST_SAMPLES,
                &[
                    (&batch.project_id, Type::UUID),
                    (&batch.branch_id, Type::UUID),
                    (&batch.ts, Type::TIMESTAMPTZ),
                    (&batch.metrics, Type::TEXT_ARRAY),
                    (&batch.values, Type::FLOAT8_ARRAY),
                    (&batch.dims, Type::JSONB_ARRAY),
                    (&idempotency.map(|i| i.key), Type::TEXT),
                    (&idempotency.map(|i| i.request_hash), Type::BYTEA),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// A project's samples of one metric in the last `hours` hours, oldest first. Viewer and up.
    pub async fn project_metrics(
        &self,
        actor: &Actor,
        project_id: Uuid,
        metric: &str,
        hours: i32,
    ) -> Result<Vec<Sample>> {
        let params = [(&project_id as _, Type::UUID), (&metric as _, Type::TEXT), (&hours as _, Type::INT4)];
        self.query(actor, PROJECT_METRICS, &params)
            .await?
            .iter()
            .map(|row| Ok(Sample { ts: row.try_get("ts")?, value: row.try_get("value")?, dims: row.try_get("dims")? }))
            .collect()
    }

    /// Makes the weekly partitions that are missing up to `weeks_ahead`; answers how many.
    pub async fn ensure_sample_partitions(&self, weeks_ahead: i32) -> Result<i32> {
        Ok(self.query_one_as_server(ENSURE_SAMPLE_PARTITIONS, &[(&weeks_ahead, Type::INT4)]).await?.try_get(0)?)
    }

    /// Forgets samples older than `days`, by whole weeks; answers how many partitions were dropped.
    pub async fn drop_sample_partitions_older_than(&self, days: i32) -> Result<i32> {
        Ok(self.query_one_as_server(DROP_SAMPLE_PARTITIONS, &[(&days, Type::INT4)]).await?.try_get(0)?)
    }
}
