//! How a command fails: what to say, and the exit code for scripts.

/// An error with its exit code. See the help text for what the codes mean.
#[derive(Debug)]
pub(crate) struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { code: 3, message: message.into() }
    }

    /// The build that was waited for did not succeed.
    pub(crate) fn build(message: impl Into<String>) -> Self {
        Self { code: 4, message: message.into() }
    }
}

impl From<crate::config::BadConfig> for Failure {
    fn from(error: crate::config::BadConfig) -> Self {
        Self::usage(error.0)
    }
}

impl From<plimsoll_db::DbError> for Failure {
    fn from(error: plimsoll_db::DbError) -> Self {
        match error {
            plimsoll_db::DbError::Unavailable(_) => Self::unreachable(error.to_string()),
            other => Self::failed(with_causes(&other)),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

/// The message and all its causes: a person at a terminal is shown what a client over HTTP is not.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        cause = error.source();
    }
    text
}
