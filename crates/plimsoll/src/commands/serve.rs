//! `plimsoll serve`: the same server against a PostgreSQL of yours.

use plimsoll_db::{Db, migrate};

use crate::cli::Serve;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;
use crate::stack::{self, Stack, StopSignals};

pub(crate) async fn run(args: &Serve, config: Config, output: &Output) -> Result<(), Failure> {
    stack::log_to_stderr(&config)?;
    let mut signals = StopSignals::listen()?;
    stack::prepare_data_dir(&config.data_dir)?;
    let db_url = config.given("database_url").ok_or_else(|| {
        Failure::usage("serve wants DATABASE_URL, such as postgres://user:password@host:5432/postgres. Without a database of your own, use `plimsoll up`")
    })?;
    let listener = stack::listen(stack::listen_address(&config)?).await?;
    let keys = stack::keys(&config)?;
    let db = Db::open(db_url, config.parse("database_connections", "a whole number")?)?;
    if args.no_migrate {
        let pending = migrate::pending(&db).await?;
        if !pending.is_empty() {
            return Err(Failure::failed(format!("the schema is not current: run `plimsoll migrate`\n{pending}")));
        }
    } else {
        let report = migrate::apply(&db, migrate::Options::default()).await?;
        output.progress(format!("· {}", report.to_string().lines().last().unwrap_or_default()));
    }
    let postgres_version = db.server_version().await?;
    let local = stack::local_repositories(&config, false)?;
    let mut stack = Stack::start(&config, listener, db, keys, local)?;
    let url = stack::base_url(stack.address);
    RuntimeFile {
        pid: std::process::id() as i32,
        api_url: url.clone(),
        db_url: db_url.to_owned(),
        plimsoll_version: env!("CARGO_PKG_VERSION").to_owned(),
        postgres_version,
    }
    .write(&config.data_dir)?;
    output.result(&serde_json::json!({"console_url": url}), format!("serving on {url}"));

    let ended = tokio::select! {
        () = signals.came() => Ok(()),
        failure = stack.failed() => Err(failure),
    };
    stack.stop().await;
    RuntimeFile::remove(&config.data_dir);
    ended
}
