//! Takes what a build made to the server.

use std::path::{Path, PathBuf};

use plimsoll_core::mask::Secrets;
use plimsoll_core::status::{ArtifactType, Level};
use ring::digest::{Context, SHA256};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use crate::api::{AttemptApi, CallError, Upload};
use crate::journal::Journal;
use crate::retrying::while_leased;
use crate::stop::{Halt, StopSignal};

const READ_BYTES: usize = 256 << 10;

/// Sends files, and says in the log what it sends and what it does not.
pub(crate) struct Artifacts<'a> {
    pub(crate) api: &'a AttemptApi,
    pub(crate) journal: &'a Journal,
    pub(crate) stop: &'a StopSignal,
    pub(crate) max_bytes: u64,
}

impl Artifacts<'_> {
    /// Sends one file. What cannot be sent because of the file itself is said in the log and is no error.
    ///
    /// # Errors
    /// When the attempt is over.
    pub(crate) async fn send(&self, name: &str, path: &Path, kind: ArtifactType) -> Result<(), Halt> {
        let name = self.journal.secrets.mask(name);
        let digest = match digest(path, &self.journal.secrets, self.max_bytes).await {
            Ok(digest) => digest,
            Err(why) => {
                self.journal.system(Level::Warn, &format!("artifact {name} is not kept: {why}"));
                return Ok(());
            }
        };
        let upload = Upload {
            name: &name,
            kind,
            sha256: &digest.sha256,
            mime_type: mime_type(&name),
            size_bytes: digest.size_bytes,
        };
        let sent = while_leased(self.stop, "send an artifact", || async {
            let file = tokio::fs::File::open(path).await.map_err(|error| CallError::Rejected {
                status: 0,
                message: format!("it cannot be read any more: {error}"),
            })?;
            // Not more than was announced, should the file have grown.
            let bytes = ReaderStream::with_capacity(file.take(digest.size_bytes), READ_BYTES);
            self.api.artifact(&upload, reqwest::Body::wrap_stream(bytes)).await
        });
        match sent.await {
            Ok(_) => {
                self.journal.system(Level::Info, &format!("artifact {name} kept ({} bytes)", digest.size_bytes));
                Ok(())
            }
            Err(CallError::Stale) => Err(Halt::Stopped(self.stop.stopped().await)),
            Err(error) => {
                self.journal.system(Level::Warn, &format!("artifact {name} is not kept: {error}"));
                Ok(())
            }
        }
    }
}

struct Digest {
    sha256: String,
    size_bytes: u64,
}

/// Reads the file once. Refuses one that holds a secret: masking would change it, and it would leave the runner.
async fn digest(path: &Path, secrets: &Secrets, max_bytes: u64) -> Result<Digest, String> {
    let path: PathBuf = path.to_owned();
    let secrets = secrets.clone();
    tokio::task::spawn_blocking(move || {
        use std::io::Read as _;
        let unreadable = |error: std::io::Error| format!("it cannot be read: {error}");
        let mut file = std::fs::File::open(path).map_err(unreadable)?;
        let mut masker = secrets.masker();
        let (mut plain, mut masked) = (Context::new(&SHA256), Context::new(&SHA256));
        let (mut buffer, mut out) = (vec![0; READ_BYTES], Vec::new());
        let mut size_bytes = 0;
        loop {
            let n = file.read(&mut buffer).map_err(unreadable)?;
            size_bytes += n as u64;
            if size_bytes > max_bytes {
                return Err(format!("it has more than {max_bytes} bytes"));
            }
            plain.update(&buffer[..n]);
            if n == 0 {
                masker.flush(&mut out);
            } else {
                masker.push(&buffer[..n], &mut out);
            }
            masked.update(&out);
            out.clear();
            if n == 0 {
                break;
            }
        }
        let (plain, masked) = (plain.finish(), masked.finish());
        if plain.as_ref() != masked.as_ref() {
            return Err("it holds one of the project's secrets".to_owned());
        }
        Ok(Digest { sha256: hex::encode(plain), size_bytes })
    })
    .await
    .map_err(|error| error.to_string())?
}

/// By the name's ending; what browsers would run is not told apart from bytes.
fn mime_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("txt" | "log" | "md") => "text/plain",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("pdf") => "application/pdf",
        Some("zip" | "whl" | "jar") => "application/zip",
        Some("gz" | "tgz") => "application/gzip",
        Some("tar") => "application/x-tar",
        _ => "application/octet-stream",
    }
}
