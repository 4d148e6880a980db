//! `plimsoll runner`: claims and runs builds for a server anywhere.

use plimsoll_runner::{Credentials, Runner};
use tokio_util::sync::CancellationToken;

use crate::cli::{Global, Runner as Args};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::stack::{self, StopSignals};

pub(crate) async fn run(args: &Args, global: &Global, config: Config, output: &Output) -> Result<(), Failure> {
    stack::log_to_stderr(&config)?;
    let mut signals = StopSignals::listen()?;
    stack::prepare_data_dir(&config.data_dir)?;
    let url = global.url.as_deref().ok_or_else(|| Failure::usage("say which server with --url or PLIMSOLL_URL"))?;
    let token = global.token.clone().ok_or_else(|| {
        Failure::usage(
            "give an API token with scope `runner` by PLIMSOLL_TOKEN: Settings → Tokens in the console makes one",
        )
    })?;
    let local = stack::local_repositories(&config, false)?;
    let mut runner = stack::runner_config(&config, url, Credentials::Registration(token), local)?
        .ok_or_else(|| Failure::usage("runner_slots is 0: a runner needs at least one"))?;
    if let Some(name) = &args.name {
        runner.name.clone_from(name);
    }
    output.progress(format!("· runner {} for {url}, {} at a time", runner.name, runner.slots));

    let stop = CancellationToken::new();
    let running = tokio::spawn(Runner::run(runner, stop.clone()));
    tokio::pin!(running);
    tokio::select! {
        ended = &mut running => return finished(ended),
        () = signals.came() => {}
    }
    output.progress("· handing back what runs, then stopping");
    stop.cancel();
    finished(running.await)
}

fn finished(ended: Result<Result<(), plimsoll_runner::Error>, tokio::task::JoinError>) -> Result<(), Failure> {
    match ended {
        Ok(result) => result.map_err(|e| Failure::failed(e.to_string())),
        Err(error) => Err(Failure::failed(format!("the runner panicked: {error}"))),
    }
}
