//! The enumerations that clients see, spelled as on the wire, and which status may follow which.

use serde::{Deserialize, Serialize};

/// Declares an enumeration whose wire names are the ones in the data model.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The wire name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownName {
                        kind: stringify!($name),
                        given: text.chars().take(60).collect(),
                        expected: &[$($text),+],
                    }),
                }
            }
        }
    };
}

/// A word that is not one of an enumeration's wire names.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{given:?} is not a {kind}: expected one of {}", expected.join(", "))]
pub struct UnknownName {
    pub kind: &'static str,
    pub given: String,
    pub expected: &'static [&'static str],
}

wire_enum! {
    /// Where a build is in its life.
    BuildStatus { Queued = "queued", Running = "running", Success = "success", Failed = "failed", Cancelled = "cancelled" }
}
wire_enum! {
    /// Why a build did not succeed.
    FailureReason {
        StepFailed = "step_failed", TimedOut = "timed_out", RunnerLost = "runner_lost", Cancelled = "cancelled",
        Superseded = "superseded", Infrastructure = "infrastructure", CheckoutFailed = "checkout_failed",
        InvalidBuildFile = "invalid_build_file", LogLimit = "log_limit", SecretUnmaskable = "secret_unmaskable",
    }
}
wire_enum! {
    /// What a build is doing; every log line and step belongs to one.
    Phase {
        Checkout = "checkout", Build = "build", Test = "test", Package = "package", Deploy = "deploy",
        Promote = "promote", System = "system",
    }
}
wire_enum! { Level { Debug = "debug", Info = "info", Warn = "warn", Error = "error" } }
wire_enum! { Stage { Production = "production", Staging = "staging", Development = "development" } }
wire_enum! { Trigger { Manual = "manual", Commit = "commit", Schedule = "schedule", Api = "api" } }
wire_enum! { ArtifactType { Log = "log", Image = "image", Dump = "dump", Report = "report" } }
wire_enum! {
    /// Roles inside an org, from least to most.
    Role { Viewer = "viewer", Developer = "developer", Admin = "admin", Owner = "owner" }
}
wire_enum! {
    StepStatus {
        Pending = "pending", Running = "running", Success = "success", Failed = "failed", TimedOut = "timed_out",
        Cancelled = "cancelled", Skipped = "skipped",
    }
}
wire_enum! { TestOutcome { Passed = "passed", Failed = "failed", Skipped = "skipped" } }
wire_enum! {
    /// How far a build was fenced off from the machine it ran on.
    SandboxLevel {
        /// Plain processes of the runner's user.
        None = "none",
        /// bubblewrap: own mount and pid namespaces, the machine's files read-only.
        Bubblewrap = "bubblewrap",
    }
}

impl BuildStatus {
    /// Success, failed and cancelled are final.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled)
    }

    /// Whether a caller may move a build from `self` to `to`. Requeueing a lost lease (`running` to `queued`) is not
    /// here: only the reaper does that, with the lease as proof.
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Queued, Self::Running | Self::Cancelled)
                | (Self::Running, Self::Success | Self::Failed | Self::Cancelled)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_are_read_back() {
        for status in BuildStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
        }
        let error = "prod".parse::<Stage>().unwrap_err().to_string();
        assert_eq!(error, "\"prod\" is not a Stage: expected one of production, staging, development");
    }

    #[test]
    fn statuses_only_move_on() {
        use BuildStatus::{Cancelled, Failed, Queued, Running, Success};
        let allowed =
            [(Queued, Running), (Queued, Cancelled), (Running, Success), (Running, Failed), (Running, Cancelled)];
        for from in BuildStatus::ALL {
            for to in BuildStatus::ALL {
                assert_eq!(from.may_become(*to), allowed.contains(&(*from, *to)), "{from} to {to}");
            }
            assert_eq!(from.is_terminal(), !matches!(from, Queued | Running));
        }
    }
}
