//! How processes of a build are started: in a session of their own, bound to the runner's life, and carrying a mark
//! that their descendants cannot easily shed.
//!
//! This is the one file with `unsafe`: what a child does between fork and exec can only be said through `pre_exec`.
//! The closure calls setsid, prctl and setrlimit and nothing else; all three are safe after fork, and it allocates
//! nothing.

#![allow(unsafe_code)]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::OnceLock;

use tokio::process::Child;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Environment variable every process of an attempt carries.
pub(crate) const MARK_VARIABLE: &str = "PLIMSOLL_ATTEMPT_ID";

/// Tells the processes of one attempt from all others, in two ways: by an environment variable, and by an odd hard
/// limit on real-time CPU use. The second survives `env -i`, `setsid` and double forks, and hinders nobody: it is
/// over a century.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    id: String,
}

impl Mark {
    pub(crate) fn new(build_id: Uuid, fencing_token: i64) -> Self {
        Self { id: format!("{build_id}.{fencing_token}") }
    }

    /// From the name of an attempt's folder.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (build_id, fence) = text.split_once('.')?;
        Some(Self::new(build_id.parse().ok()?, fence.parse().ok()?))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.id
    }

    /// Microseconds: 2⁵² and a 40-bit hash of the id.
    pub(crate) fn limit(&self) -> u64 {
        // FNV-1a: no secret is involved, only a spread.
        let hash = self
            .id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (1 << 52) | (hash & ((1 << 40) - 1))
    }
}

/// What binds a process to the runner.
#[derive(Debug, Clone)]
pub(crate) enum Bond {
    /// Part of an attempt: marked, and killed by the kernel when the runner dies.
    Attempt(Mark),
    /// Killed by the kernel when the runner dies.
    Runner,
    /// Outlives the runner.
    Free,
}

struct Order {
    command: Command,
    bond: Bond,
    runtime: tokio::runtime::Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts `command` as the leader of its own session and process group. The child is killed when the value is dropped,
/// except a free one.
///
/// # Errors
/// As for `std::process::Command::spawn`.
pub(crate) async fn spawn(mut command: Command, bond: Bond) -> io::Result<Child> {
    if let Bond::Attempt(mark) = &bond {
        command.env(MARK_VARIABLE, mark.as_str());
    }
    let (reply, answer) = oneshot::channel();
    let order = Order { command, bond, runtime: tokio::runtime::Handle::current(), reply };
    spawner().send(order).map_err(|_| io::Error::other("the thread that starts processes has ended"))?;
    answer.await.map_err(|_| io::Error::other("the thread that starts processes has ended"))?
}

/// A thread that never ends: the parent-death signal fires when the *thread* that forked ends, and runtime threads come
/// and go.
fn spawner() -> &'static std::sync::mpsc::Sender<Order> {
    static SPAWNER: OnceLock<std::sync::mpsc::Sender<Order>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (sender, orders) = std::sync::mpsc::channel::<Order>();
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || {
                for order in orders {
                    let started = start(order.command, &order.bond, &order.runtime);
                    // The asker may have been cancelled; dropping the child then kills it.
                    let _ = order.reply.send(started);
                }
            })
            .expect("the operating system refuses a thread");
        sender
    })
}

fn start(mut command: Command, bond: &Bond, runtime: &tokio::runtime::Handle) -> io::Result<Child> {
    let parent = nix::unistd::getpid();
    let dies_with_runner = !matches!(bond, Bond::Free);
    let limit = match bond {
        Bond::Attempt(mark) => Some(mark.limit()),
        Bond::Runner | Bond::Free => None,
    };
    // SAFETY: the closure runs in the forked child and only makes system calls that are safe there; it takes its values
    // by copy and neither allocates nor locks.
    unsafe {
        command.pre_exec(move || prepare_child(parent, dies_with_runner, limit));
    }
    let _entered = runtime.enter();
    tokio::process::Command::from(command).kill_on_drop(dies_with_runner).spawn()
}

#[cfg(target_os = "linux")]
fn prepare_child(parent: nix::unistd::Pid, dies_with_runner: bool, limit: Option<u64>) -> io::Result<()> {
    use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

    nix::unistd::setsid()?;
    if dies_with_runner {
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        // The runner may have died before the line above took effect.
        if nix::unistd::getppid() != parent {
            return Err(io::Error::from_raw_os_error(nix::libc::ESRCH));
        }
    }
    if let Some(limit) = limit {
        // Inside another build the outer mark stays: the limit can only be lowered, and the outer runner needs it.
        if getrlimit(Resource::RLIMIT_RTTIME)?.1 == RLIM_INFINITY {
            setrlimit(Resource::RLIMIT_RTTIME, limit, limit)?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn prepare_child(_parent: nix::unistd::Pid, _dies_with_runner: bool, _limit: Option<u64>) -> io::Result<()> {
    nix::unistd::setsid()?;
    Ok(())
}
