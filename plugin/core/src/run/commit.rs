//! What a step commits, and what people are told before it.
//!
//! An alert is remembered, then raised, and only then is forgotten what it is
//! about. A step that ends in between raises it once more, of which the host keeps
//! one (Oro row E12), or resolves what was never raised. In any other order there
//! would be an alert that nobody hears of, or one that nothing ever ends.

use crate::ports::Ports;

use super::report::Halt;
use super::resource::{Resource, ResourceStatus as _};
use super::step::Step;
use super::store::Batch;

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Whether something is to be stored or said.
    pub(super) fn has_news(&self) -> bool {
        self.status != self.stored || self.rails != self.stored_rails || self.has_words()
    }

    /// Whether something is to be said about items.
    fn has_words(&self) -> bool {
        !self.alerts.is_empty() || self.aside.is_pending()
    }

    /// Commits `batch`, and what is to be said about its items with it. How far
    /// the sides were read stays as it is in storage.
    pub(super) fn commit(&mut self, mut batch: Batch) -> Result<(), Halt> {
        if !self.has_words() {
            return Ok(self.store.commit(self.ports, batch)?);
        }
        self.raise_alerts()?;
        self.put_aside(&mut batch)?;
        self.commit_with_health(batch)?;
        self.aside.was_stored();
        Ok(())
    }

    /// Commits `batch` together with how it stands, but not with how far the sides
    /// were read.
    fn commit_with_health(&mut self, mut batch: Batch) -> Result<(), Halt> {
        let mut status = self.stored.clone();
        *status.health_mut() = self.status.health().clone();
        if status != self.stored {
            batch.put(self.store.keys.status(), &status);
        }
        self.store.commit(self.ports, batch)?;
        self.stored = status;
        Ok(())
    }

    /// Commits `batch` together with how far both sides were read. Where that
    /// fails, the observations are not kept, so neither is the cursor behind
    /// them: whatever saves the status later must not skip what was lost.
    pub(super) fn commit_with_status(&mut self, mut batch: Batch) -> Result<(), Halt> {
        let mut committed = self.raise_alerts().and_then(|()| self.put_aside(&mut batch));
        if committed.is_ok() {
            batch.put(self.store.keys.status(), &self.status);
            if self.rails != self.stored_rails {
                batch.put_rails(&self.store.keys, &self.rails);
            }
            committed = self.store.commit(self.ports, batch).map_err(Halt::from);
        }
        if committed.is_ok() {
            self.stored = self.status.clone();
            self.stored_rails = self.rails.clone();
            self.aside.was_stored();
        } else {
            let health = std::mem::take(self.status.health_mut());
            self.status = self.stored.clone();
            *self.status.health_mut() = health;
            self.rails = self.stored_rails.clone();
        }
        committed
    }

    pub(super) fn save_status(&mut self) -> Result<(), Halt> {
        self.commit_with_status(Batch::default())
    }

    /// Has people told what this step has to say so far. What the host does not
    /// take comes up again together with its item: what is about to be stored with
    /// this fails, and a write that was refused is sent once more.
    pub(super) fn raise_alerts(&mut self) -> Result<(), Halt> {
        if self.alerts.is_empty() {
            return Ok(());
        }
        self.commit_with_health(Batch::default())?;
        let alerts = std::mem::take(&mut self.alerts);
        self.ports.raise(alerts).map_err(|error| {
            self.is_untold();
            Halt::Host(error)
        })
    }
}
