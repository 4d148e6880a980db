//! The server's settings: for a small machine that the builds share.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::account::Account;
use crate::error::During;
use crate::{Binaries, Durability, EmbeddedConfig, Result};

const FILE: &str = "plimsoll.conf";
const MIB: u64 = 1 << 20;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listening<'a> {
    pub port: u16,
    pub socket_folder: &'a Path,
}

/// The text of `plimsoll.conf`, written anew at every start.
pub(crate) fn text(
    config: &EmbeddedConfig,
    binaries: &Binaries,
    listening: &Listening<'_>,
    memory_bytes: u64,
) -> String {
    let socket_folder = listening.socket_folder.display().to_string().replace('\'', "''");
    let mut out = String::from(
        "# Written at every start. Put your own settings into cluster/local.conf, which is read after this.\n",
    );
    let mut set = |name: &str, value: &dyn std::fmt::Display| _ = writeln!(out, "{name} = {value}");

    set("listen_addresses", &"'127.0.0.1'");
    set("port", &listening.port);
    set("unix_socket_directories", &format!("'{socket_folder}'"));
    set("unix_socket_permissions", &"0700");
    set("max_connections", &config.max_connections);
    set("password_encryption", &"'scram-sha-256'");

    let mib = |bytes: u64, least: u64, most: u64| format!("{}MB", (bytes / MIB).clamp(least, most));
    set("shared_buffers", &mib(memory_bytes / 8, 32, 1024));
    set("effective_cache_size", &mib(memory_bytes / 2, 128, 16 * 1024));
    set("maintenance_work_mem", &mib(memory_bytes / 32, 16, 256));
    set("work_mem", &"8MB");
    set("jit", &"off");
    set("random_page_cost", &"1.1");

    set("wal_compression", &"on");
    set("max_wal_size", &"1GB");
    set("checkpoint_timeout", &"15min");
    if config.durability == Durability::None {
        // Commits still reach the kernel, so killing the server loses nothing.
        for name in ["fsync", "full_page_writes"] {
            set(name, &"off");
        }
    }

    // The queue's rows are short-lived: with the default pace of vacuum its throughput halves within a minute.
    set("autovacuum_naptime", &"5s");
    set("autovacuum_vacuum_cost_limit", &1000);

    // A session that holds a transaction open keeps vacuum from every table.
    set("idle_in_transaction_session_timeout", &"5min");
    set("tcp_keepalives_idle", &60);

    set("timezone", &"'UTC'");
    set("log_timezone", &"'UTC'");
    set("lc_messages", &"'C'");
    set("logging_collector", &"on");
    set("log_directory", &"'log'");
    set("log_filename", &"'postgresql-%a.log'");
    set("log_rotation_age", &"1d");
    set("log_rotation_size", &0);
    set("log_truncate_on_rotation", &"on");
    set("log_line_prefix", &"'%m [%p] %u@%d %a '");
    set("log_min_duration_statement", &"1s");
    set("log_parameter_max_length", &200);
    set("log_lock_waits", &"on");

    set("track_io_timing", &"on");
    if binaries.has_module("pg_stat_statements") {
        set("shared_preload_libraries", &"'pg_stat_statements'");
    }
    out
}

/// Writes `plimsoll.conf` beside the cluster: a folder of the server's user is no place for root to write.
pub(crate) fn write(data_dir: &Path, text: &str) -> Result<()> {
    let path = data_dir.join(FILE);
    std::fs::write(&path, text).during("writing", &path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).during("opening", &path)
}

/// What a new cluster's own files say: read ours, then the operator's; nobody comes in without a password.
pub(crate) fn write_first(cluster: &Path, account: &Account) -> Result<()> {
    let includes = format!("include_if_exists = '../{FILE}'\ninclude_if_exists = 'local.conf'\n");
    account.append(&cluster.join("postgresql.conf"), &includes)?;
    let hba = cluster.join("pg_hba.conf");
    std::fs::remove_file(&hba).during("replacing", &hba)?;
    account.append(&hba, "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;

    fn settings(memory_bytes: u64, durability: Durability) -> String {
        let mut config = EmbeddedConfig::new("/x");
        config.durability = durability;
        let binaries = Binaries { folder: "/nowhere/bin".into(), version: Version { major: 18, minor: 0 } };
        text(&config, &binaries, &Listening { port: 15_500, socket_folder: Path::new("/x/it's") }, memory_bytes)
    }

    #[test]
    fn memory_is_shared_with_the_builds_whatever_there_is_of_it() {
        let small = settings(512 * MIB, Durability::Full);
        assert!(
            small.contains("shared_buffers = 64MB\n") && small.contains("effective_cache_size = 256MB\n"),
            "{small}"
        );
        let large = settings(256 << 30, Durability::Full);
        assert!(large.contains("shared_buffers = 1024MB\n"), "{large}");
    }

    #[test]
    fn commits_are_durable_unless_asked_otherwise() {
        assert!(!settings(MIB, Durability::Full).contains("fsync"));
        assert!(settings(MIB, Durability::None).contains("fsync = off\n"));
    }

    #[test]
    fn values_are_quoted_and_absent_modules_not_loaded() {
        let text = settings(MIB, Durability::Full);
        assert!(text.contains("unix_socket_directories = '/x/it''s'\n") && text.contains("port = 15500\n"), "{text}");
        assert!(!text.contains("shared_preload_libraries"));
    }
}
