//! The body for the API's description; what is sent is read field by field, so that each fault can be named.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Samples of one project.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct SampleBatchSent {
    project_id: Uuid,
    /// Of the same project.
    branch_id: Option<Uuid>,
    /// When it was measured.
    ts: SentTime,
    /// At most 10,000.
    samples: Vec<SampleSent>,
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described")]
enum SentTime {
    /// ISO 8601, UTC where it names no offset.
    Text(String),
    /// Milliseconds since 1970.
    Milliseconds(i64),
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
struct SampleSent {
    /// Letters, digits, underscores and colons, no digit first.
    metric: String,
    value: f64,
    /// What tells it from others of the metric: text, numbers, true or false by name.
    #[schema(value_type = Option<Object>)]
    dims: Option<Value>,
}
