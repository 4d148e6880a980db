use plimsoll_db::{Db, migrate};

use crate::cli::Migrate;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;

pub(crate) async fn run(args: &Migrate, config: &Config, output: &Output) -> Result<(), Failure> {
    let db = Db::open(&database_url(config)?, 2)?;
    if args.dry_run {
        let pending = migrate::pending(&db).await?;
        output.result(&pending, &pending);
        return Ok(());
    }
    let report = migrate::apply(&db, migrate::Options::default()).await?;
    output.result(&report, &report);
    Ok(())
}

/// The database given, else the one that runs here.
pub(crate) fn database_url(config: &Config) -> Result<String, Failure> {
    config
        .given("database_url")
        .map(str::to_owned)
        .or_else(|| RuntimeFile::read(&config.data_dir).filter(RuntimeFile::is_alive).map(|r| r.db_url))
        .ok_or_else(|| Failure::unreachable("no database: set DATABASE_URL, or start one with `plimsoll up`"))
}
