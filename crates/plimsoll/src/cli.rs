//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "plimsoll",
    version,
    about = "The delivery ledger for teams on PostgreSQL or Supabase",
    long_about = "The delivery ledger for teams on PostgreSQL or Supabase: runs builds, streams their logs, and keeps everything in one database.\n\nStart with `plimsoll up --repo .`: it brings up a private PostgreSQL, the server, a runner and the console, and builds the repository's newest commit.",
    after_help = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not reachable · 4 the build it waited for did not succeed"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args)]
pub(crate) struct Global {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Where Plimsoll keeps its database, keys, artifacts and caches.
    #[arg(long, global = true, env = "PLIMSOLL_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file; `plimsoll.toml` in the data directory when not given.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Server to talk to; the one that runs here when not given.
    #[arg(long, global = true, env = "PLIMSOLL_URL", value_name = "URL")]
    pub url: Option<String>,
    /// API token for the server; the local service key when not given.
    #[arg(long, global = true, env = "PLIMSOLL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Bring up everything on this machine: PostgreSQL, server, runner, console.
    Up(Up),
    /// What runs here: URLs, keys and versions.
    Status(Status),
    /// Serve against a PostgreSQL of yours or Supabase, given by DATABASE_URL.
    Serve(Serve),
    /// Claim and run builds for a server anywhere.
    Runner(Runner),
    /// Bring the database's schema up to date and say what was applied.
    Migrate(Migrate),
    /// Check database, roles, extensions, pooler, clock, git and sandbox, and say how to mend.
    Doctor,
    /// Print the effective settings and where each came from.
    Config,
    /// Queue a build.
    Trigger(Trigger),
    /// List builds.
    Builds(Builds),
    /// Print a build's log; -f follows until it ends.
    Logs(Logs),
    /// Stop a build.
    Cancel(BuildArg),
    /// Show that what must hold does hold, on the connected database.
    #[command(subcommand)]
    Prove(Prove),
    /// Fill the database with demo data.
    Seed(Seed),
    /// List the server's own keys; change one or end one.
    Keys(Keys),
    /// Print a link that signs somebody in, once, within the hour.
    SigninLink(SigninLink),
    /// Print a completion script for a shell.
    Completions { shell: clap_complete::Shell },
}

#[derive(Args)]
pub(crate) struct Up {
    /// Repository to register and build: a path or a URL.
    #[arg(long, value_name = "PATH_OR_URL")]
    pub repo: Option<String>,
    /// Address and port to serve on.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Do not open the browser.
    #[arg(long)]
    pub no_open: bool,
    /// Do not run builds here; runners elsewhere will.
    #[arg(long)]
    pub no_runner: bool,
}

#[derive(Args)]
pub(crate) struct SigninLink {
    /// Whom, by e-mail address; the owner of the installation when not given.
    pub email: Option<String>,
    /// Take the password away and sign the person out everywhere: they choose another.
    #[arg(long, requires = "email")]
    pub forget_password: bool,
}

#[derive(Args)]
pub(crate) struct Status {
    /// Print NAME='value' lines for a shell: `eval "$(plimsoll status --env)"`. Nothing is printed when nothing runs.
    #[arg(long, conflicts_with = "json")]
    pub env: bool,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Address and port to serve on.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Leave the schema as it is; fail where it is not current.
    #[arg(long)]
    pub no_migrate: bool,
}

#[derive(Args)]
pub(crate) struct Runner {
    /// Name shown in the console; the host's name when not given.
    #[arg(long)]
    pub name: Option<String>,
    /// Builds to run at a time.
    #[arg(long, value_name = "N")]
    pub slots: Option<u32>,
    /// auto, bubblewrap or none.
    #[arg(long)]
    pub sandbox: Option<String>,
}

#[derive(Args)]
pub(crate) struct Migrate {
    /// Say what would be applied, and apply nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub(crate) struct Trigger {
    /// Project: its slug or id.
    pub project: String,
    /// Branch; the default branch when not given.
    #[arg(long)]
    pub branch: Option<String>,
    /// Commit; the newest of the branch when not given.
    #[arg(long)]
    pub commit: Option<String>,
    /// The same key again answers the first build instead of making another.
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Wait for the end; exit 4 unless it succeeds.
    #[arg(long)]
    pub wait: bool,
}

#[derive(Args)]
pub(crate) struct Builds {
    /// Project: its slug or id; all when not given.
    pub project: Option<String>,
    /// Only builds of this status.
    #[arg(long)]
    pub status: Option<String>,
    /// Most to list.
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
}

#[derive(Args)]
pub(crate) struct BuildArg {
    /// Build: its id, or project#number.
    pub build: String,
}

#[derive(Args)]
pub(crate) struct Logs {
    /// Build: its id, or project#number.
    pub build: String,
    /// Go on until the build ends.
    #[arg(short, long)]
    pub follow: bool,
    /// Keep colours; only a terminal gets them otherwise.
    #[arg(long)]
    pub color: bool,
}

#[derive(Subcommand)]
pub(crate) enum Prove {
    /// No tenant reaches what is another's: tries every object as everybody, then breaks it on purpose to see that it is noticed.
    #[command(
        long_about = "Shows that no tenant reaches what is another's, on the database given by DATABASE_URL or the one that runs here.\n\nTwo sample organisations are put into a transaction that is never committed. In it, members of each role, removed members, strangers, API tokens, anon and service_role try to read and write every table, view, column and sequence and to call every function, and how that ends is compared with what is stated for each. Then policies, grants and checks are broken, one at a time, and each breach must be noticed.\n\nNothing is left behind. While it runs, usually well under a minute, migrations wait; each breach locks one table for some milliseconds, and gives way within half a second where others hold it. On a very busy system leave the breaches out with --no-mutations."
    )]
    Isolation(ProveIsolation),
}

#[derive(Args)]
pub(crate) struct ProveIsolation {
    /// Do not break anything on purpose: locks no table, and shows less.
    #[arg(long)]
    pub no_mutations: bool,
}

/// Kinds of keys, and what each is called.
pub(crate) const KEY_KINDS: [(&str, &str); 6] = [
    ("publishable", "publishable key"),
    ("secret", "secret key"),
    ("ingest", "ingest token"),
    ("advisory", "advisory token"),
    ("signing", "signing key"),
    ("jwt-secret", "JWT secret"),
];

#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub command: Option<KeysCommand>,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Those that are good: two of a kind at most.
    List,
    /// Put a new key in use; the one so far stays good until the next change.
    Rotate {
        /// Which.
        #[arg(value_parser = KEY_KINDS.map(|(kind, _)| kind))]
        kind: String,
    },
    /// End a key within seconds.
    Revoke {
        /// Its id, as `keys list` prints it.
        id: String,
        /// End it even where it is in use: a new one takes its place.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Args)]
pub(crate) struct Seed {
    /// How many projects.
    #[arg(long, default_value_t = 3)]
    pub projects: u32,
    /// How many finished builds a branch.
    #[arg(long, default_value_t = 12)]
    pub builds: u32,
    /// How many log lines a build.
    #[arg(long, default_value_t = 200)]
    pub lines: u32,
}
