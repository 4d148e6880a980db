use clap::CommandFactory;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(shell: clap_complete::Shell, output: &Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    output.result(&serde_json::json!({"shell": shell.to_string(), "script": script}), &script);
    Ok(())
}
