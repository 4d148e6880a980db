//! The command line: reads arguments and settings, runs one command, turns its result into text or JSON and an exit code.

mod cli;
mod client;
mod commands;
mod config;
mod failure;
mod output;
mod runtime_file;
mod stack;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.global.json);
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(cli, &output)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

async fn run(cli: Cli, output: &Output) -> Result<(), Failure> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| Failure::failed("the TLS provider was installed twice"))?;
    let global = &cli.global;
    let flags = flags(&cli.command);
    let config =
        Config::load(global.data_dir.clone(), global.config.as_deref(), |name| std::env::var(name).ok(), &flags)?;
    match &cli.command {
        Command::Up(args) => commands::up::run(args, config, output).await,
        Command::Serve(args) => commands::serve::run(args, config, output).await,
        Command::Runner(args) => commands::runner::run(args, global, config, output).await,
        Command::Status(args) => commands::status::run(args, &config, output).await,
        Command::Migrate(args) => commands::migrate::run(args, &config, output).await,
        Command::Doctor => commands::doctor::run(&config, output).await,
        Command::Config => commands::config::run(&config, output),
        Command::Trigger(args) => commands::trigger::run(args, global, &config, output).await,
        Command::Builds(args) => commands::builds::run(args, global, &config, output).await,
        Command::Logs(args) => commands::logs::run(args, global, &config, output).await,
        Command::Cancel(args) => commands::cancel::run(args, global, &config, output).await,
        Command::Prove(what) => commands::prove::run(what, &config, output).await,
        Command::Seed(args) => commands::seed::run(args, &config, output).await,
        Command::Keys(args) => commands::keys::run(args, global, &config, output).await,
        Command::SigninLink(args) => commands::signin_link::run(args, &config, output).await,
        Command::Completions { shell } => commands::completions::run(*shell, output),
    }
}

/// Flags that stand above the settings of the same name.
fn flags(command: &Command) -> Vec<(&'static str, Option<String>)> {
    match command {
        Command::Up(up) => vec![("listen", up.listen.clone()), ("runner_slots", up.no_runner.then(|| "0".to_owned()))],
        Command::Serve(serve) => vec![("listen", serve.listen.clone())],
        Command::Runner(runner) => {
            vec![("runner_slots", runner.slots.map(|n| n.to_string())), ("runner_sandbox", runner.sandbox.clone())]
        }
        _ => Vec::new(),
    }
}
