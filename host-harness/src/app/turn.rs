//! Whoever asks for a run has their turn: behind the run of the mailbox that is going on in
//! this process, and behind those who asked before. Next: [`super::sync`].

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::error::AppError;
use super::mailbox::RunningMailbox;
use super::report::Blocked;
use super::start::App;
use crate::crm::users::User;

/// How long whoever asks for a run waits for the one that is going on: what is
/// scheduled is mostly over within a second, a first synchronization is not. Shorter
/// than what stands between a browser and a server lets a connection be silent.
const TURN_TIME_MAX: Duration = Duration::from_secs(20);

impl App {
    /// Has this process work on a mailbox for whoever asks for it, until the answer is
    /// dropped. Nobody else of this process does so meanwhile, even where the lease is
    /// over by the clock because the clock was moved: the run is known to go on. Whoever
    /// asks comes behind it: what they have just edited may be new to it. What they
    /// confirm is the account that is connected when they ask.
    ///
    /// # Errors
    /// [`Blocked::StaleFence`] where a run of the mailbox is going on here, for longer
    /// than anybody waits, or the application ends.
    pub(super) async fn turn(&self, user: &User) -> Result<RunningMailbox, AppError> {
        self.turn_within(user, TURN_TIME_MAX).await
    }

    /// The same for whoever has another patience.
    pub(super) async fn turn_within(&self, user: &User, patience: Duration) -> Result<RunningMailbox, AppError> {
        let in_turn = async {
            self.confirm_first_sync(user.id).await?;
            Ok::<_, AppError>(self.inner.mailboxes.begin_run_in_turn(user.id).await)
        };
        let running = match tokio::time::timeout(patience, in_turn).await {
            Ok(running) => running?,
            Err(_) => None,
        };
        let is_stopping = self.inner.stopping.load(Ordering::Relaxed);
        running.filter(|_| !is_stopping).ok_or(AppError::Blocked(Blocked::StaleFence))
    }

    /// Lets a mailbox go, and what is due of it begin.
    pub(super) fn end_run(&self, running: RunningMailbox) {
        drop(running);
        self.inner.wake.notify_one();
    }
}
