use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_db::DbError;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

type Run = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = Result<usize, DbError>> + Send>> + Send>;

/// Work that is done again and again: on a signal, and every `every` whatever was missed.
pub(crate) struct Task {
    name: &'static str,
    every: Duration,
    signal: Arc<Notify>,
    run: Run,
}

impl Task {
    /// `run` answers how many things it did.
    pub(crate) fn new<F, Fut>(name: &'static str, every: Duration, signal: Arc<Notify>, mut run: F) -> Self
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<usize, DbError>> + Send + 'static,
    {
        Self { name, every, signal, run: Box::new(move || Box::pin(run())) }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut failures = 0u32;
        loop {
            match (self.run)().await {
                Ok(done) => {
                    if failures > 0 {
                        tracing::info!(task.name = self.name, "{} works again", self.name);
                    }
                    failures = 0;
                    if done > 0 {
                        tracing::debug!(task.name = self.name, task.done = done, "{} did {done}", self.name);
                    }
                }
                Err(error) => {
                    failures += 1;
                    // Said at the first failure and then ever more rarely: a database that is away must not fill the log.
                    if failures.is_power_of_two() {
                        tracing::warn!(task.name = self.name, task.failures = failures, error = %error, "{} failed", self.name);
                    }
                }
            }
            // While it fails, wait longer: up to 16 times the interval, a minute at most beyond it.
            let wait = if failures == 0 {
                self.every
            } else {
                (self.every * 2u32.pow(failures.min(4))).min(self.every + Duration::from_secs(60))
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.signal.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn runs_at_once_on_each_signal_and_ends_when_told() {
        let signal = Arc::new(Notify::new());
        let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = Task::new("test", Duration::from_secs(86_400), signal.clone(), move || {
            ran.send(()).unwrap();
            async { Ok(0) }
        });
        let running = tokio::spawn(task.run(stop.clone()));
        runs.recv().await.unwrap();
        signal.notify_one();
        runs.recv().await.unwrap();
        stop.cancel();
        running.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_task_is_tried_again_and_backs_off() {
        let started = tokio::time::Instant::now();
        let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = Task::new("test", Duration::from_secs(1), Arc::default(), move || {
            ran.send(()).unwrap();
            async { Err(DbError::Unavailable("away".into())) }
        });
        let running = tokio::spawn(task.run(stop.clone()));
        for _ in 0..4 {
            runs.recv().await.unwrap();
        }
        assert_eq!(started.elapsed().as_secs(), 2 + 4 + 8);
        stop.cancel();
        running.await.unwrap();
    }
}
