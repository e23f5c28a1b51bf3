//! What people do about what a run has left, decided or held back: they have it
//! tried once more, taken back, or let through. Next: `quiet`.

use serde_json::{Value, json};

use super::laws::shown::shown;
use super::operation::{EventAct, Side, TaskAct, Who};
use super::play::{MEET, Play};
use super::ran::Ran;
use super::scene::{Played, done};
use super::words::{entries, item_of, text};
use crate::app::Resource;
use crate::caller::Answer;

/// What a run says that a guard rail has stopped.
pub(super) const GUARD_RAIL: &str = "guard-rail";

impl Play {
    /// Has everything tried once more that is set aside of a resource; how many
    /// items there were. Only what is reported again is excused from then on.
    pub(super) async fn try_again(&mut self, who: Who, resource: Resource) -> Played<u64> {
        let wish = json!({"user": who.login(), "resource": resource});
        let answer = self.scene.crm.post("/api/set-aside/retry", &wish).await;
        if self.is_turned_away(who, resource, &answer) {
            return Ok(0);
        }
        let tried = done(&answer, "a retry")?;
        // The list stays as it was until the next run.
        self.course.forget_set_aside(&self.scene, who, resource).await?;
        Ok(tried["retried"].as_u64().unwrap_or_default())
    }

    /// Has the last conflict of a resource taken back that can be, if there is one.
    pub(super) async fn reverse(&mut self, who: Who, resource: Resource) -> Played<()> {
        // What one direction has decided is taken back in its target alone, which
        // differs from then on.
        if !self.is_in_step(who, resource) || self.setup.turning {
            return Ok(());
        }
        let path = format!("/api/conflicts?user={}", who.login());
        let conflicts = done(&self.scene.crm.get(&path).await, "the conflicts of a user")?;
        let is_meant = |conflict: &&Value| conflict["resource"] == resource.as_str() && conflict["reversible"] == true;
        // The latest stand first.
        let Some(last) = entries(&conflicts).iter().find(is_meant) else { return Ok(()) };
        let path = format!("/api/conflicts/{}/reverse", text(last, "id"));
        let answer = self.scene.crm.post(&path, &json!({"user": who.login()})).await;
        self.came.push(format!("{}: {}", text(last, "title"), answer.text.chars().take(SHOWN_MAX).collect::<String>()));
        self.note_reversal(who, resource, last);
        match answer.json() {
            reversed if answer.is_success() && reversed["run"].is_object() => {
                self.take_up(who, resource, Ran::Report(reversed["run"].clone())).await.map(drop)
            }
            _ if answer.status < 500 || !self.is_calm => Ok(()),
            _ => {
                self.violations.push(format!("{who:?}: a conflict is not taken back: {}", answer.text));
                Ok(())
            }
        }
    }

    /// A decision may be taken back by the next run, or by one that is over.
    pub(super) fn note_reversal(&mut self, who: Who, resource: Resource, conflict: &Value) {
        if let Some(item) = item_of(text(conflict, "title")) {
            self.edits.taken_back(who, item, conflict);
            self.causes.taken_back(item);
            self.course.taken_back(item, conflict);
            self.ledger.taken_back(item);
            let people: &[Who] = if self.course.is_meeting(item) { &MEET } else { &[who] };
            self.pending.note(people, resource, item);
        }
        self.edits.ran(who, resource);
        self.purges.blur(|of, what| (of, what) == (who, resource));
    }

    /// Deletes everything of a resource on one side, whatever is there.
    pub(super) async fn purge(&mut self, side: Side, who: Who, resource: Resource) -> Played<()> {
        let in_step = self.all_in_step(side, who, resource).await?;
        for item in self.course.items_of(who, resource) {
            match resource {
                Resource::Tasks => self.with_task(side, who, item, TaskAct::Delete).await?,
                Resource::Calendar | Resource::Mail => self.with_event(side, who, item, EventAct::Delete).await?,
            }
        }
        self.purges.note(who, resource, in_step);
        Ok(())
    }

    /// How many items a resource has, if both sides show the same ones, all of them
    /// are in step, and nothing is in the way of what is done on this side.
    async fn all_in_step(&self, side: Side, who: Who, resource: Resource) -> Played<Option<usize>> {
        let is_clear = self.window_is_usual
            && self.direction(resource).takes_from(side)
            && entries(&self.scene.faults_left().await?).is_empty();
        let [ours, theirs] = [Side::Crm, Side::Microsoft].map(|side| shown(&self.scene, who, side));
        let [ours, theirs] = [ours.await?.items_of(resource), theirs.await?.items_of(resource)];
        let is_in_step = |item: &u32| {
            self.course.is_of(who, resource, *item) && self.course.is_settled(who, *item) && !self.causes.is_open(*item)
        };
        Ok((is_clear && ours == theirs && ours.iter().all(is_in_step)).then_some(ours.len()))
    }

    /// Whether a guard rail has stopped a run, which something has to explain.
    pub(super) fn is_held_back(&mut self, who: Who, resource: Resource, report: &Value) -> bool {
        let is_held_back = text(report, "blocked") == GUARD_RAIL;
        if is_held_back {
            self.edits.ran(who, resource);
            self.counts.stops += u64::from(self.purges.has_to_stop(who, resource));
            if !self.purges.explain(who, resource) {
                self.violations.push(format!("{who:?}: a guard rail that nothing explains: {report}"));
            }
        }
        is_held_back
    }

    /// Lets through what a guard rail holds back; whether there was anything.
    pub(super) async fn release(&mut self, who: Who, resource: Resource) -> Played<bool> {
        let open = done(&self.scene.crm.get(&format!("/api/alerts?user={}", who.login())).await, "the open alerts")?;
        let is_meant = |alert: &&Value| alert["resource"] == resource.as_str() && alert["releasable"] == true;
        let Some(alert) = entries(&open).iter().find(is_meant) else { return Ok(false) };
        let path = format!("/api/alerts/{}/release", text(alert, "id"));
        let answer = self.scene.crm.post(&path, &json!({"read": alert["message"]})).await;
        if self.is_turned_away(who, resource, &answer) {
            return Ok(false);
        }
        done(&answer, "a release")?;
        self.purges.blur(|of, what| (of, what) == (who, resource));
        Ok(true)
    }

    /// Whether nothing was done because the mailbox waits for its user, or is
    /// switched off, as something in the history explains.
    fn is_turned_away(&self, who: Who, resource: Resource, answer: &Answer) -> bool {
        let is_waiting = ["parked", "missing-permission"].into_iter().any(|why| self.connections.explain(who, why));
        answer.status == CONFLICT
            && text(&answer.json()["error"], "code") == BLOCKED
            && (is_waiting || !self.is_in_step(who, resource))
    }
}

/// How the CRM answers where a run of the mailbox would do nothing.
const CONFLICT: u16 = 409;
const BLOCKED: &str = "blocked";

/// Characters of an answer that are shown of it.
const SHOWN_MAX: usize = 120;
