//! Making a cluster that is not there yet.

use std::path::Path;
use std::process::Output;

use crate::account::Account;
use crate::data_dir::{DataDir, write_private};
use crate::error::During;
use crate::{Binaries, Durability, EmbeddedConfig, EmbeddedError, Result, settings};

/// Runs initdb beside the final place and moves the result there, so that a cluster is either whole or absent.
pub(crate) async fn cluster(
    config: &EmbeddedConfig,
    data_dir: &DataDir,
    binaries: &Binaries,
    account: &Account,
    superuser_password: &str,
) -> Result<()> {
    let place = data_dir.cluster();
    if place.exists() && std::fs::read_dir(&place).during("reading", &place)?.next().is_some() {
        return Err(EmbeddedError::Server(format!(
            "{} holds files but no PostgreSQL cluster: move them away, or choose another data directory",
            place.display()
        )));
    }
    let nursery = data_dir.root().join("nursery");
    if nursery.exists() {
        std::fs::remove_dir_all(&nursery).during("removing", &nursery)?;
    }
    account.private_folder(&nursery)?;
    let password_file = data_dir.root().join("initdb.password");
    write_private(&password_file, superuser_password)?;
    account.give(&password_file)?;

    let unfinished = nursery.join("cluster");
    let mut last = None;
    for locale in locales(binaries.version.major) {
        let output = initdb(config, binaries, account, &unfinished, &password_file, locale).await?;
        if output.status.success() {
            settings::write_first(&unfinished, account)?;
            std::fs::remove_file(&password_file).during("removing", &password_file)?;
            if place.exists() {
                std::fs::remove_dir(&place).during("removing", &place)?;
            }
            std::fs::rename(&unfinished, &place).during("moving into place", &place)?;
            return std::fs::remove_dir_all(&nursery).during("removing", &nursery);
        }
        let said = said(&output);
        let unknown_locale = said.contains("invalid locale") || said.contains("locale name");
        last = Some(said);
        if !unknown_locale {
            break;
        }
    }
    let said = last.unwrap_or_default();
    Err(EmbeddedError::Server(format!("{} failed: {said}", binaries.program("initdb").display())))
}

/// Text is compared by code point everywhere, so that an index means the same on every system; from 17 on PostgreSQL
/// brings that locale itself, before it is the C library's.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= 17 {
        &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}

async fn initdb(
    config: &EmbeddedConfig,
    binaries: &Binaries,
    account: &Account,
    place: &Path,
    password_file: &Path,
    locale: &[&str],
) -> Result<Output> {
    let program = binaries.program("initdb");
    let mut command = account.command(&program);
    command
        .arg("--pgdata")
        .arg(place)
        .arg(format!("--pwfile={}", password_file.display()))
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
        ])
        .args(locale)
        .args((config.durability == Durability::None).then_some("--no-sync"));
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    command.output().await.during("running", &program)
}

fn said(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join("; ")
}
