//! What happens while a run is going on: a person goes on working, or another
//! process takes the mailbox over. Next: [`super::quiet`].

use chrono::TimeDelta;
use tandem_runtime::{Gate, Interruption};
use tokio::task::{JoinError, JoinHandle};

use super::laws::limits::{did_not_stop, wrote_without_place};
use super::laws::witness::{Seen, Witness};
use super::operation::{During, Who};
use super::play::Play;
use super::ran::{Ran, run_at};
use super::scene::{CRM_AUTHORITY, Played};
use crate::app::Resource;
use crate::caller::Caller;
use crate::host::context::STALE_HOLDER;
use crate::web;

/// Longer than a claim lasts that nobody renews.
const LEASE_IS_OVER: TimeDelta = TimeDelta::minutes(5);

impl Play {
    /// A run during which, after so many host calls, its user does something. A
    /// shorter run is over by then.
    pub(super) async fn meanwhile(&mut self, who: Who, resource: Resource, after: u32, during: During) -> Played<()> {
        if !self.is_in_step(who, resource) {
            return Ok(());
        }
        let witness = self.witness(who, resource).await?;
        let (mut run, gate) = self.pausing(who, resource, after);
        let over = over_or_arrived(&mut run, &gate).await;
        self.look_back(&witness).await?;
        // What it has written by now, nobody knows: giving what was there before it
        // may be an edit.
        self.edits.ran(who, resource);
        match during {
            During::Event(side, item, act) => self.with_event(side, who, item, act).await?,
            During::Task(side, item, act) => self.with_task(side, who, item, act).await?,
        }
        self.wake(who, resource, (run, gate), over).await.map(drop)
    }

    /// A run that sleeps until another process has done the same one. Whatever it
    /// still wants to write when it wakes, it has no right to.
    pub(super) async fn two_holders(&mut self, who: Who, resource: Resource, after: u32) -> Played<()> {
        if !self.is_in_step(who, resource) {
            return Ok(());
        }
        let witness = self.witness(who, resource).await?;
        let (mut run, gate) = self.pausing(who, resource, after);
        let over = over_or_arrived(&mut run, &gate).await;
        let mut is_taken_over = false;
        if over.is_none() {
            self.scene.pass(LEASE_IS_OVER);
            let other = Caller::new(web::router(self.scene.app.beside()), CRM_AUTHORITY);
            let ran = run_at(&other, who, resource, false).await;
            is_taken_over = ran.report().is_some();
            self.take_up(who, resource, ran).await?;
        }
        self.look_back(&witness).await?;
        let seen = self.wake(who, resource, (run, gate), over).await?;
        if is_taken_over {
            self.violations.extend(wrote_without_place(who, resource, &seen));
        }
        Ok(())
    }

    /// What a run has done by now against its direction.
    async fn look_back(&mut self, witness: &Witness) -> Played<Seen> {
        let seen = witness.after(&self.scene).await?;
        self.violations.extend(witness.against_direction(&seen));
        Ok(seen)
    }

    /// Begins a run that waits after so many host calls.
    fn pausing(&self, who: Who, resource: Resource, after: u32) -> (JoinHandle<Ran>, Gate) {
        let gate = Gate::default();
        let pause = Interruption::Pause { after: after.into(), gate: gate.clone() };
        self.scene.app.interrupt_next_step(Some(pause));
        let crm = self.scene.crm.clone();
        (tokio::spawn(async move { run_at(&crm, who, resource, false).await }), gate)
    }

    /// Lets a run go on to its end; what is seen of it from there. What happened
    /// meanwhile it may have heard of, or not: it settles nothing.
    async fn wake(
        &mut self,
        who: Who,
        resource: Resource,
        (run, gate): (JoinHandle<Ran>, Gate),
        over: Option<Ran>,
    ) -> Played<Seen> {
        self.scene.app.interrupt_next_step(None);
        let witness = self.witness(who, resource).await?;
        let refused_before = self.log.count(STALE_HOLDER);
        let ran = if let Some(ran) = over {
            ran
        } else {
            gate.open();
            run.await.unwrap_or_else(panicked)
        };
        let seen = self.look_back(&witness).await?;
        let refused = self.log.count(STALE_HOLDER) - refused_before;
        self.violations.extend(did_not_stop(who, resource, refused, &ran));
        self.edits.ran(who, resource);
        self.take_up(who, resource, ran).await?;
        Ok(seen)
    }
}

/// Waits until a run has come to its gate, or to its end; what came of it then.
async fn over_or_arrived(run: &mut JoinHandle<Ran>, gate: &Gate) -> Option<Ran> {
    tokio::select! {
        biased;
        () = gate.arrived() => None,
        ran = run => Some(ran.unwrap_or_else(panicked)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a handler")]
fn panicked(error: JoinError) -> Ran {
    Ran::Failed(error.to_string())
}
