//! Answers that several endpoints give.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Created {
    pub(crate) id: Uuid,
}
