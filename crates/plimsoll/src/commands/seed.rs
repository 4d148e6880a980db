use plimsoll_db::{Db, demo, migrate};

use crate::cli::Seed;
use crate::commands::migrate::database_url;
use crate::commands::up::{ORG_NAME, OWNER_EMAIL};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

/// Most of each, so that a slip of the hand does not fill a disk.
const MOST: (u32, u32, u32) = (1_000, 10_000, 200_000);

pub(crate) async fn run(args: &Seed, config: &Config, output: &Output) -> Result<(), Failure> {
    if args.projects > MOST.0 || args.builds > MOST.1 || args.lines > MOST.2 {
        return Err(Failure::usage(format!(
            "at most {} projects, {} builds a branch and {} lines a build",
            MOST.0, MOST.1, MOST.2
        )));
    }
    let db = Db::open(&database_url(config)?, 2)?;
    migrate::apply(&db, migrate::Options::default()).await?;
    let owner = db.ensure_owner(OWNER_EMAIL, ORG_NAME).await?;
    let bar = if output.is_json() { indicatif::ProgressBar::hidden() } else { indicatif::ProgressBar::new_spinner() };
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let size = demo::Size { projects: args.projects, builds: args.builds, lines: args.lines };
    let made = db.make_demo(owner.org_id, size, |step| bar.set_message(step.to_owned())).await?;
    bar.finish_and_clear();
    let text = format!(
        "demo data: {} projects, {} branches, {} builds, {} log lines, {} tests",
        made.projects, made.branches, made.builds, made.log_lines, made.tests
    );
    output.result(&made, text);
    Ok(())
}
