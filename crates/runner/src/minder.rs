//! Kills an attempt's processes when the runner is killed and cannot do it.
//!
//! The kernel's parent-death signal reaches only direct children. The minder is a small shell that holds the reading
//! end of a pipe: when the runner dies the pipe closes, and it kills the groups it was told of and whatever carries the
//! mark. In a bubblewrap sandbox too: its processes die with it as one, but if the runner dies in the instant in which
//! the sandbox is being set up, the inner half has not yet asked to die with the outer.

use std::process::{Command, Stdio};

use nix::unistd::Pid;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};

use crate::spawn::{Bond, MARK_VARIABLE, Mark, spawn};

/// `$1` is the mark, `$2` its limit. Reads `add GROUP`, `drop GROUP` and, at the regular end, `done`.
const SCRIPT: &str = r#"
groups=' '
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    drop) groups="${groups%% $group *} ${groups#* $group }" ;;
    done) exit 0 ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
[ -r /proc/self/environ ] || exit 0
round=0
while [ $round -lt 20 ]; do
  round=$((round + 1))
  found=
  marked=$(grep -slzx -- "$1" /proc/[0-9]*/environ; grep -sl -- "^Max realtime timeout .* $2 " /proc/[0-9]*/limits)
  for file in $marked; do
    pid=${file#/proc/}
    pid=${pid%%/*}
    kill -9 "$pid" 2>/dev/null && found=yes
  done
  [ "$found" ] || break
done
"#;

pub(crate) struct Minder {
    child: Child,
    pipe: ChildStdin,
}

impl Minder {
    /// # Errors
    /// When no shell can be started.
    pub(crate) async fn start(mark: &Mark) -> std::io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "plimsoll-minder", &format!("{MARK_VARIABLE}={}", mark.as_str())])
            .arg(mark.limit().to_string())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = spawn(command, Bond::Free).await?;
        let pipe = child.stdin.take().expect("stdin is piped");
        Ok(Self { child, pipe })
    }

    pub(crate) async fn add(&mut self, group: Pid) {
        self.say(&format!("add {group}\n")).await;
    }

    /// The group is gone and its number may be given to others.
    pub(crate) async fn drop_group(&mut self, group: Pid) {
        self.say(&format!("drop {group}\n")).await;
    }

    async fn say(&mut self, line: &str) {
        if let Err(error) = self.pipe.write_all(line.as_bytes()).await {
            tracing::warn!(error = %error, "the minder of a build has died: {error}");
        }
    }

    /// The attempt has ended and cleaned up after itself.
    pub(crate) async fn dismiss(mut self) {
        self.say("done\n").await;
        drop(self.pipe);
        let _ = self.child.wait().await;
    }
}
