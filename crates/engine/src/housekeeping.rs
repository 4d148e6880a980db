//! What keeps tables small and partitions ahead of time.

use plimsoll_db::{Db, DbError};

/// How long what grows without end is kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Days that build logs are kept.
    pub log_days: u32,
    /// Days that samples are kept.
    pub sample_days: u32,
}

/// Weeks of partitions made ahead: a server may be down that long without rows landing in the default partition.
const WEEKS_AHEAD: i32 = 4;

/// Makes partitions ahead, drops those past retention, and deletes credentials and keys that can no longer be used.
pub async fn tidy(db: Db, keep: Retention) -> Result<usize, DbError> {
    let made = db.ensure_log_partitions(WEEKS_AHEAD).await? + db.ensure_sample_partitions(WEEKS_AHEAD).await?;
    let dropped = db.drop_log_partitions_older_than(keep.log_days as i32).await?
        + db.drop_sample_partitions_older_than(keep.sample_days as i32).await?;
    let deleted = db.delete_expired_credentials().await?;
    Ok((i64::from(made) + i64::from(dropped) + deleted) as usize)
}
