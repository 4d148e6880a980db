//! What keeps tables small and partitions ahead of time.

use plimsoll_db::{Db, DbError};

/// Weeks of log partitions made ahead: a server may be down that long without lines landing in the default partition.
const WEEKS_AHEAD: i32 = 4;

/// Makes partitions ahead, drops those past retention, and deletes credentials and keys that can no longer be used.
pub async fn tidy(db: Db, log_retention_days: u32) -> Result<usize, DbError> {
    let made = db.ensure_log_partitions(WEEKS_AHEAD).await?;
    let dropped = db.drop_log_partitions_older_than(log_retention_days as i32).await?;
    let deleted = db.delete_expired_credentials().await?;
    Ok((i64::from(made) + i64::from(dropped) + deleted) as usize)
}
