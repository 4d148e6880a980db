//! Who the runner is to the server: a token, remembered in the work directory.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use plimsoll_core::protocol::Register;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::api::{Api, CallError};
use crate::config::{Credentials, RunnerConfig};
use crate::error::{At as _, Error, Result};
use crate::retrying::Backoff;

/// What is remembered. A token is of use only with the server that gave it.
#[derive(Serialize, Deserialize)]
struct Remembered {
    server_url: url::Url,
    runner_token: String,
}

pub(crate) struct Identity {
    file: PathBuf,
    credentials: Credentials,
    server_url: url::Url,
    registration: Register,
    token: Option<String>,
}

impl Identity {
    pub(crate) fn load(work_dir: &Path, config: &RunnerConfig, registration: Register) -> Self {
        let file = work_dir.join("runner.json");
        let token = match &config.credentials {
            Credentials::Runner(token) => Some(token.clone()),
            Credentials::Registration(_) => std::fs::read(&file)
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Remembered>(&bytes).ok())
                .filter(|remembered| remembered.server_url == config.server_url)
                .map(|remembered| remembered.runner_token),
        };
        Self {
            file,
            credentials: config.credentials.clone(),
            server_url: config.server_url.clone(),
            registration,
            token,
        }
    }

    /// The token to claim with; registers if there is none. `None`: shut down meanwhile.
    ///
    /// # Errors
    /// When the server refuses the registration token.
    pub(crate) async fn token(&mut self, api: &Api, shutdown: &CancellationToken) -> Result<Option<String>> {
        if let Some(token) = &self.token {
            return Ok(Some(token.clone()));
        }
        let Credentials::Registration(registration_token) = &self.credentials else {
            return Err(Error::Refused {
                what: "runner token",
                message: "it is not or no longer valid".to_owned(),
                hint: "register the runner again with an API token that has the scope runner",
            });
        };
        let mut backoff = Backoff::new();
        loop {
            let wait = match api.register(registration_token, &self.registration).await {
                Ok(registered) => {
                    tracing::info!(runner.id = %registered.runner_id, "registered with {}", self.server_url);
                    remember(&self.file, &self.server_url, &registered.runner_token)?;
                    self.token = Some(registered.runner_token.clone());
                    return Ok(Some(registered.runner_token));
                }
                Err(CallError::Unreachable { message, retry_after }) => {
                    tracing::warn!("cannot reach {} yet: {message}", self.server_url);
                    backoff.next(retry_after)
                }
                Err(error) => {
                    return Err(Error::Refused {
                        what: "registration",
                        message: error.to_string(),
                        hint: "give an API token with the scope runner, made in the console under Settings",
                    });
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shutdown.cancelled() => return Ok(None),
            }
        }
    }

    /// The server does not know the token (any more).
    pub(crate) fn forget(&mut self) {
        self.token = None;
    }
}

fn remember(file: &Path, server_url: &url::Url, token: &str) -> Result<()> {
    let remembered = Remembered { server_url: server_url.clone(), runner_token: token.to_owned() };
    let bytes = serde_json::to_vec(&remembered).expect("plain data");
    // Written beside and moved, so that a crash leaves the old one or the new one.
    let fresh = file.with_extension("new");
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written =
        options.open(&fresh).and_then(|mut file| file.write_all(&bytes)).and_then(|()| std::fs::rename(&fresh, file));
    written.at("cannot remember the registration in", file)
}
