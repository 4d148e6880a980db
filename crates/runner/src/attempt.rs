//! One build from claim to finish.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use plimsoll_core::build_file::StepSpec;
use plimsoll_core::mask::{Secrets, Unmaskable};
use plimsoll_core::protocol::{Claim, Commit, Finish, Outcome};
use plimsoll_core::repo_url::RepoUrl;
use plimsoll_core::status::{ArtifactType, FailureReason, Level, Phase, StepStatus};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use crate::api::{AttemptApi, CallError};
use crate::artifacts::Artifacts;
use crate::checkout::{CheckedOut, Checkout};
use crate::environment::{self, Folders};
use crate::execute::{Ended, Supervision};
use crate::git::{self, Git};
use crate::heartbeat::{self, Granted};
use crate::host::{Host, Paths};
use crate::journal::{Journal, JournalLimits};
use crate::keep::Kept;
use crate::minder::Minder;
use crate::plan::{self, Plan};
use crate::progress::Progress;
use crate::reports;
use crate::retrying::while_leased;
use crate::sandbox::Place;
use crate::spawn::Mark;
use crate::steps::Steps;
use crate::stop::{Halt, Stop, StopSignal};
use crate::upload::upload;
use crate::{family, workdir};

/// Runs the build of `claim` and tells the server how it ended, unless the lease is lost on the way.
pub(crate) async fn run(host: Arc<Host>, runner_token: String, claim: Claim, granted: Granted) {
    let mark = Mark::new(claim.build_id, claim.fencing_token);
    let api = host.api.attempt(&claim);
    let stop = StopSignal::new();
    let (proven, mut is_proven) = watch::channel(false);
    let beating = Owned(tokio::spawn(heartbeat::keep(api.clone(), stop.clone(), granted, proven)));
    let shutting_down = Owned(tokio::spawn(watch_shutdown(Arc::clone(&host), stop.clone())));
    // Nothing may run before the lease is known to be ours.
    tokio::select! {
        _ = is_proven.wait_for(|proven| *proven) => {}
        _ = stop.stopped() => {}
    }
    let paths = Paths::new(&host, &claim, mark.as_str());
    let (outcome, next_line) = match workdir::remove_tree(&paths.attempt).await.and_then(|()| paths.create()) {
        Ok(()) => {
            let attempt =
                Attempt::new(Arc::clone(&host), &runner_token, claim.clone(), paths.clone(), api.clone(), stop.clone());
            attempt.run(mark.clone()).await
        }
        Err(error) => {
            let Halt::Infrastructure(message) = Halt::io("cannot make the build's folders", &error) else {
                unreachable!()
            };
            (Some(Outcome::Infrastructure { message }), claim.next_line)
        }
    };
    finish(&api, &stop, &claim, outcome, next_line).await;
    drop((beating, shutting_down));
    family::kill_all(&mark, None).await;
    if let Err(error) = workdir::remove_tree(&paths.attempt).await {
        tracing::warn!(build.id = %claim.build_id, error = %error, "cannot remove the folders of a build: {error}");
    }
}

async fn watch_shutdown(host: Arc<Host>, stop: StopSignal) {
    host.shutdown.cancelled().await;
    tokio::time::sleep(Duration::from_secs(host.config.drain_seconds)).await;
    stop.stop(Stop::Shutdown);
}

async fn finish(api: &AttemptApi, stop: &StopSignal, claim: &Claim, outcome: Option<Outcome>, next_line: i64) {
    let build_id = claim.build_id;
    let Some(outcome) = outcome.filter(|_| !stop.is_lost()) else {
        let why = match stop.cause() {
            Some(Stop::Lost(why)) => why,
            _ => "its end could not be told".to_owned(),
        };
        return tracing::warn!(build.id = %build_id, "gave up a build: {why}");
    };
    let mut finish = Finish { outcome, next_line };
    let mut answer = while_leased(stop, "report the end of a build", || api.finish(&finish)).await;
    if let Err(CallError::LineGap(next_line)) = answer {
        // An append may have taken effect whose answer never came because the log was given up.
        finish.next_line = next_line;
        answer = while_leased(stop, "report the end of a build", || api.finish(&finish)).await;
    }
    match answer {
        Ok(()) => tracing::info!(build.id = %build_id, log.next_line = finish.next_line, "finished a build"),
        Err(CallError::Stale) => tracing::warn!(build.id = %build_id, "the end of a build came after its lease"),
        Err(error) => {
            tracing::error!(build.id = %build_id, error = %error, "the server refuses the end of a build: {error}");
        }
    }
}

/// A task that ends with its owner.
struct Owned(JoinHandle<()>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Attempt {
    host: Arc<Host>,
    claim: Claim,
    paths: Paths,
    api: AttemptApi,
    stop: StopSignal,
    journal: Arc<Journal>,
    progress: Arc<Progress>,
    /// A secret that cannot be hidden: the build ends before it begins.
    unmaskable: Option<Unmaskable>,
}

impl Attempt {
    fn new(host: Arc<Host>, runner_token: &str, claim: Claim, paths: Paths, api: AttemptApi, stop: StopSignal) -> Self {
        let (secrets, unmaskable) = secrets(&claim, runner_token);
        let limits = JournalLimits {
            first_line: claim.next_line,
            max_log_bytes: claim.max_log_bytes,
            spool_limit_bytes: host.config.spool_limit_bytes,
        };
        let journal = Journal::new(&paths.spool, secrets, stop.clone(), &limits);
        Self { host, claim, paths, api, stop, journal, progress: Progress::new(), unmaskable }
    }

    /// Answers the outcome, absent when the lease is lost, and one past the last line the server has.
    async fn run(self, mark: Mark) -> (Option<Outcome>, i64) {
        let flushing = Owned(tokio::spawn(Arc::clone(&self.journal).flush()));
        let uploading =
            tokio::spawn(upload(Arc::clone(&self.journal), self.api.clone(), self.stop.clone(), self.claim.next_line));
        let closing = watch::Sender::new(false);
        let reporting =
            tokio::spawn(Arc::clone(&self.progress).report(self.api.clone(), self.stop.clone(), closing.subscribe()));

        let done = self.build(mark).await;
        self.progress.close();
        let outcome = self.outcome(done);
        self.say_end(outcome.as_ref());
        self.journal.end();
        let next_line = uploading.await.unwrap_or(self.claim.next_line);
        drop(flushing);
        closing.send_replace(true);
        let _ = reporting.await;
        // The log's way to the server may have failed after the build itself was done.
        let outcome = match (outcome, self.stop.cause()) {
            (_, Some(Stop::Lost(_))) => None,
            // A build that is done is not given back for a shutdown.
            (Some(Outcome::Success), Some(Stop::Shutdown)) => Some(Outcome::Success),
            (Some(Outcome::Success), Some(late)) => late.outcome(),
            (outcome, _) => outcome,
        };
        (outcome, next_line)
    }

    fn outcome(&self, done: Result<(), Halt>) -> Option<Outcome> {
        let mask = |message: String| self.journal.secrets.mask(&message);
        match done {
            Ok(()) => Some(Outcome::Success),
            Err(Halt::Fail { reason, message }) => Some(Outcome::Failed { reason, message: mask(message) }),
            Err(Halt::Infrastructure(message)) => Some(Outcome::Infrastructure { message: mask(message) }),
            Err(Halt::Stopped(cause)) => cause.outcome(),
        }
    }

    fn say_end(&self, outcome: Option<&Outcome>) {
        match outcome {
            Some(Outcome::Success) => self.journal.system(Level::Info, "build succeeded"),
            Some(Outcome::Failed { reason, message }) => {
                self.journal.system(Level::Error, &format!("build failed ({reason}): {message}"));
            }
            Some(Outcome::Cancelled { reason, message }) => {
                self.journal.system(Level::Warn, &format!("build cancelled ({reason}): {message}"));
            }
            Some(Outcome::Infrastructure { message }) => {
                self.journal.system(Level::Error, &format!("the runner gave the build back: {message}"));
            }
            None => {}
        }
    }

    async fn build(&self, mark: Mark) -> Result<(), Halt> {
        self.introduce();
        if let Some(cause) = self.stop.cause() {
            return Err(Halt::Stopped(cause));
        }
        if let Some(unmaskable) = &self.unmaskable {
            return Err(Halt::fail(FailureReason::SecretUnmaskable, unmaskable.to_string()));
        }
        let supervision = self.supervision(mark).await;
        let done = self.supervised(&supervision).await;
        if let Some(minder) = supervision.minder {
            minder.into_inner().dismiss().await;
        }
        done
    }

    async fn supervised(&self, supervision: &Supervision) -> Result<(), Halt> {
        let checked_out = self.check_out(&supervision.mark).await?;
        let planned = plan::make(&self.paths.checkout, checked_out.files.clone());
        self.record(&checked_out, planned.as_ref().ok()).await?;
        let plan = planned?;
        self.journal.system(Level::Info, &plan.why);
        self.execute(&plan, &checked_out, supervision).await
    }

    fn introduce(&self) {
        let (host, claim) = (&self.host, &self.claim);
        self.journal.system(
            Level::Info,
            &format!(
                "runner {} {} ({} {}), git {}",
                host.config.name,
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH,
                host.git_version,
            ),
        );
        let (level, why) = (host.sandbox.level(), host.sandbox.why());
        self.journal.system(Level::Info, &format!("sandbox: {level} ({why})"));
        let attempt = if claim.attempt > 1 { format!(", attempt {}", claim.attempt) } else { String::new() };
        self.journal.system(
            Level::Info,
            &format!(
                "project {}, branch {}, build {}{attempt}",
                claim.project_slug, claim.branch_name, claim.build_number
            ),
        );
    }

    async fn check_out(&self, mark: &Mark) -> Result<CheckedOut, Halt> {
        let step = self.progress.add("Checkout".to_owned(), Phase::Checkout, None);
        let mark_label = Some((plimsoll_core::log::MarkKind::Phase, "checkout"));
        let first_line = self.journal.say(Phase::Checkout, Level::Info, "phase checkout", mark_label);
        self.progress.start(step, first_line);
        let done = self.fetch(mark).await;
        match &done {
            Ok(commit) => {
                self.progress.end(step, StepStatus::Success, None);
                let title = commit.message.lines().next().unwrap_or_default();
                let text = format!("commit {} by {}: {title}", commit.sha, commit.author);
                self.journal.say(Phase::Checkout, Level::Info, &text, None);
            }
            Err(Halt::Stopped(_)) => self.progress.end(step, StepStatus::Cancelled, None),
            Err(_) => self.progress.end(step, StepStatus::Failed, None),
        }
        done
    }

    async fn fetch(&self, mark: &Mark) -> Result<CheckedOut, Halt> {
        let policy = self.host.url_policy();
        let repository = RepoUrl::parse(&self.claim.repo_url, policy)
            .map_err(|error| Halt::fail(FailureReason::CheckoutFailed, error.to_string()))?;
        let git = Git::new(&self.paths.git, &repository, policy, mark.clone(), self.stop.clone())
            .map_err(|error| Halt::io("cannot write git's configuration", &error))?;
        let checkout = Checkout {
            git: &git,
            claim: &self.claim,
            journal: &self.journal,
            mirror: self.paths.mirror.clone(),
            target: self.paths.checkout.clone(),
            suspect: AtomicBool::new(false),
        };
        checkout.run().await
    }

    async fn record(&self, checked_out: &CheckedOut, plan: Option<&Plan>) -> Result<(), Halt> {
        let mask = |text: &str| self.journal.secrets.mask(text);
        let commit = Commit {
            sha: checked_out.sha.clone(),
            message: mask(&checked_out.message),
            author: mask(&checked_out.author),
            recipe: plan.map(|plan| plan.source.clone()),
            sandbox_level: self.host.sandbox.level(),
        };
        self.settle(while_leased(&self.stop, "record the commit", || self.api.commit(&commit)).await, "the commit")
            .await
    }

    /// What the server will not take it will not take again on another runner.
    async fn settle(&self, answer: Result<(), CallError>, what: &str) -> Result<(), Halt> {
        match answer {
            Ok(()) => Ok(()),
            Err(CallError::Stale) => Err(Halt::Stopped(self.stop.stopped().await)),
            Err(error) => {
                self.journal.system(Level::Warn, &format!("the server does not take {what}: {error}"));
                Ok(())
            }
        }
    }

    async fn supervision(&self, mark: Mark) -> Supervision {
        let minder = Minder::start(&mark)
            .await
            .inspect_err(|error| tracing::warn!(error = %error, "a build runs without a minder: {error}"))
            .ok();
        Supervision {
            mark,
            stop: self.stop.clone(),
            journal: Arc::clone(&self.journal),
            grace: Duration::from_secs(self.host.config.grace_seconds),
            sandboxed: self.host.sandbox.is_bubblewrap(),
            minder: minder.map(Mutex::new),
        }
    }

    async fn execute(&self, plan: &Plan, commit: &CheckedOut, supervision: &Supervision) -> Result<(), Halt> {
        let place = self.host.place(&self.paths);
        self.try_sandbox(&place, supervision).await?;
        let kept = Kept { store: &self.paths.kept, checkout: &self.paths.checkout };
        for path in kept.restore(&plan.file.cache) {
            self.journal.system(Level::Info, &format!("restored {path} from an earlier build"));
        }
        let mask = |text: &str| self.journal.secrets.mask(text);
        let add = |step: &StepSpec| self.progress.add(mask(&step.name), step.phase, Some(mask(&step.run)));
        let places: Vec<usize> = plan.file.steps.iter().map(add).collect();
        let folders = Folders {
            checkout: &self.paths.checkout,
            home: &self.paths.home,
            cache: &self.paths.cache,
            tmp: (!supervision.sandboxed).then_some(&self.paths.tmp),
        };
        let config = &self.host.config;
        let steps = Steps {
            supervision,
            sandbox: &self.host.sandbox,
            place: &place,
            checkout: self.paths.checkout.clone(),
            env: environment::of_build(&self.host.own, &config.pass_env, &self.claim, &commit.sha, &folders),
            progress: &self.progress,
            artifacts: self.artifacts(),
        };
        let since = SystemTime::now();
        let done = steps.run(&plan.file, &places).await;
        if !matches!(done, Err(Halt::Stopped(_))) {
            self.keep_reports(plan, since).await?;
            for complaint in kept.save(&plan.file.cache) {
                self.journal.system(Level::Warn, &complaint);
            }
        }
        done
    }

    /// A sandbox that works in general may still fail with this build's folders; that is not the build's fault.
    async fn try_sandbox(&self, place: &Place, supervision: &Supervision) -> Result<(), Halt> {
        if !supervision.sandboxed {
            return Ok(());
        }
        let mut command = self.host.sandbox.command(place, &self.paths.checkout, "true", &[]);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        match supervision.run(command, Phase::System, None).await {
            Ok(Ended::Exited { code: 0, .. }) => Ok(()),
            Ok(Ended::Stopped(cause)) => Err(Halt::Stopped(cause)),
            Ok(_) => Err(Halt::Infrastructure("the sandbox cannot be set up; the log says why".to_owned())),
            Err(error) => Err(Halt::io("cannot start the sandbox", &error)),
        }
    }

    fn artifacts(&self) -> Artifacts<'_> {
        let max_bytes = self.host.config.max_artifact_bytes;
        Artifacts { api: &self.api, journal: &self.journal, stop: &self.stop, max_bytes }
    }

    async fn keep_reports(&self, plan: &Plan, since: SystemTime) -> Result<(), Halt> {
        let patterns: Vec<String> = plan.file.steps.iter().flat_map(|step| step.test_reports.clone()).collect();
        let (checkout, secrets) = (self.paths.checkout.clone(), self.journal.secrets.clone());
        let read = tokio::task::spawn_blocking(move || reports::read(&checkout, &patterns, since, &secrets)).await;
        let reports = read.unwrap_or_default();
        for complaint in &reports.complaints {
            self.journal.system(Level::Warn, complaint);
        }
        if let Some(summary) = reports.summary() {
            self.journal.system(Level::Info, &summary);
        }
        if let Some(tests) = &reports.tests {
            let answer = while_leased(&self.stop, "send test results", || self.api.tests(tests)).await;
            self.settle(answer, "the test results").await?;
        }
        let already: Vec<String> = plan.file.steps.iter().flat_map(|step| step.artifacts.clone()).collect();
        let kept = crate::collect::find(&self.paths.checkout, &already, &[]).files;
        for file in reports.files.iter().filter(|file| !kept.iter().any(|kept| kept.path == file.path)) {
            self.artifacts().send(&file.name, &file.path, ArtifactType::Report).await?;
        }
        Ok(())
    }
}

/// Everything that must not show: the project's secrets, the tokens, and a login in the repository's address.
fn secrets(claim: &Claim, runner_token: &str) -> (Secrets, Option<Unmaskable>) {
    let login = git::secret_of(&claim.repo_url).unwrap_or_default();
    let own = [("the attempt token", claim.attempt_token.as_str()), ("the runner token", runner_token)];
    let maskable = |(name, value): &(&str, &str)| Secrets::new([(*name, *value)]).is_ok();
    // These never reach a step, so one that cannot be hidden does no harm.
    let own: Vec<(&str, &str)> =
        own.into_iter().chain([("the repository's login", login.as_str())]).filter(maskable).collect();
    let projects = claim.secrets.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    match Secrets::new(projects.chain(own.iter().copied())) {
        Ok(secrets) => (secrets, None),
        Err(unmaskable) => {
            let only_own =
                Secrets::new(own).unwrap_or_else(|_| Secrets::new([]).expect("nothing can always be hidden"));
            (only_own, Some(unmaskable))
        }
    }
}
