//! One run of a history: what it tells whom, and what it means for what follows.
//! Next: `overlap`, `quiet`.

use chrono::TimeDelta;
use serde_json::Value;

use super::amends::GUARD_RAIL;
use super::laws::limits::{against_direction, refused, too_many_requests};
use super::laws::witness::Witness;
use super::operation::Who;
use super::play::Play;
use super::ran::Ran;
use super::scene::Played;
use super::words::text;
use crate::app::Resource;

impl Play {
    /// Synchronises a resource of somebody; what the run reports, unless it was
    /// torn down. Whose connection has ended for a known reason makes it anew.
    pub(super) async fn sync(&mut self, who: Who, resource: Resource, again: bool) -> Played<Option<Value>> {
        if !self.is_in_step(who, resource) {
            return Ok(None);
        }
        let mut report = self.run(who, resource, again).await?;
        let blocked = report.as_ref().map_or("", |report| text(report, "blocked"));
        if self.connections.explain(who, blocked) {
            self.sign_in(who).await?;
            report = self.run(who, resource, again).await?;
        }
        if let Some(report) = &report
            && !self.is_held_back(who, resource, report)
        {
            self.conclude(who, resource, report);
        }
        Ok(report)
    }

    /// What a run that came to an end of its own means for what follows.
    pub(super) fn conclude(&mut self, who: Who, resource: Resource, report: &Value) {
        self.connections.used(who);
        let is_calm = self.is_calm && !self.connections.may_have_ended(who);
        match report["next"]["when"].as_str() {
            Some("idle") => self.settled(who, resource),
            Some("after") => {
                let wait = report["next"]["milliseconds"].as_i64().unwrap_or_default();
                self.scene.pass(TimeDelta::milliseconds(wait) + TimeDelta::seconds(1));
            }
            _ if !is_calm => {}
            _ => self.violations.push(format!("{who:?}: a run of {resource} does not go on: {report}")),
        }
    }

    /// Nothing is left to do for a resource of somebody.
    fn settled(&mut self, who: Who, resource: Resource) {
        if resource == Resource::Calendar {
            let course = &self.course;
            self.ledger.settled(who, |item| course.is_waiting(who, item));
        }
        self.violations.extend(self.purges.settled(who, resource));
        let course = &self.course;
        let is_open = |item| course.is_left(who, item) || course.is_put_off(who, item);
        self.pending.settled(who, resource, is_open);
        // What lies outside of a smaller window was not looked at.
        if self.window_is_usual {
            self.course.settled(who, resource);
            let (winner, course) = (self.winner(resource), &self.course);
            self.edits.settled(who, resource, winner, course);
            let is_open = |item| course.is_left(who, item) || course.is_put_off(who, item);
            self.causes.settled(|item| course.is_of(who, resource, item) && !is_open(item));
        }
    }

    /// One run, with nobody doing anything meanwhile.
    async fn run(&mut self, who: Who, resource: Resource, again: bool) -> Played<Option<Value>> {
        let witness = self.witness(who, resource).await?;
        let ran = self.scene.sync(who, resource, again).await;
        let seen = witness.after(&self.scene).await?;
        self.violations.extend(witness.against_direction(&seen));
        if let Ran::Report(report) = &ran
            && text(report, "blocked") == GUARD_RAIL
            && !seen.is_without_writes()
        {
            self.violations.push(format!("{who:?}: a run that a guard rail has stopped {}", seen.words()));
        }
        self.violations.extend(refused(who, resource, &ran).filter(|_| self.is_calm));
        if !again {
            let items = self.pending.count(who, resource, self.course.seen_by(who, resource));
            self.violations.extend(too_many_requests(who, resource, items, seen.requests));
        }
        self.take_up(who, resource, ran).await
    }

    /// Looks at both sides before a run.
    pub(super) async fn witness(&self, who: Who, resource: Resource) -> Played<Witness> {
        Witness::before(&self.scene, who, resource, self.direction(resource)).await
    }

    /// What a run has told whom, and what it reports.
    pub(super) async fn take_up(&mut self, who: Who, resource: Resource, ran: Ran) -> Played<Option<Value>> {
        self.came.push(ran.summary(who, resource));
        self.ledger.read_run(&self.scene).await?;
        self.ledger.read_crm(&self.scene, false).await?;
        self.causes.read(&self.scene, &self.course, who, resource)?;
        self.secrets.note(&self.scene, who, ran.report())?;
        let report = match ran {
            Ran::Report(report) => report,
            Ran::TornDown => {
                self.counts.crashes += 1;
                self.edits.ran(who, resource);
                return Ok(None);
            }
            Ran::Refused(_) => return Ok(None),
            Ran::Failed(answer) => {
                self.violations.push(format!("{who:?}: a run of {resource} failed: {answer}"));
                return Ok(None);
            }
        };
        if report["next"]["when"] != "idle" || !self.window_is_usual {
            self.edits.ran(who, resource);
        }
        self.course.read_report(&self.scene, who, &report, self.is_calm).await?;
        self.violations.extend(against_direction(who, resource, self.direction(resource), &report));
        Ok(Some(report))
    }

    /// A preview changes nothing.
    pub(super) async fn preview(&mut self, who: Who, resource: Resource) -> Played<()> {
        let witness = self.witness(who, resource).await?;
        let ran = self.scene.preview(who, resource).await;
        self.secrets.note(&self.scene, who, ran.report())?;
        match ran {
            Ran::Failed(answer) if self.is_calm => {
                self.violations.push(format!("{who:?}: a preview of {resource} failed: {answer}"));
            }
            Ran::Report(_) | Ran::TornDown | Ran::Refused(_) | Ran::Failed(_) => {}
        }
        let seen = witness.after(&self.scene).await?;
        if !seen.is_without_writes() {
            self.violations.push(format!("{who:?}: a preview of {resource} {}", seen.words()));
        }
        self.ledger.read_run(&self.scene).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::app::PluginSource;
    use crate::sim::history::Setup;
    use crate::sim::log::Lines;
    use crate::sim::scene::Stage;

    #[tokio::test]
    async fn what_a_run_says_of_no_item_needs_a_reason() {
        let setup = Setup { cast: &[], ..Setup::PLAIN };
        let stage = Stage { seed: 1, plugin: PluginSource::Embedded, counts_fuel: false, defect: None };
        let Play { mut course, scene, .. } = Play::begin(&setup, &stage, Lines::default()).await.unwrap();
        let issue = json!({"code": "not-mappable", "message": "expected something else"});
        let report = json!({"resource": Resource::Tasks, "issues": [issue]});
        let stopped = json!({"resource": Resource::Tasks, "issues": [issue], "blocked": GUARD_RAIL});
        for (report, is_calm, found) in [(&report, false, 0), (&stopped, true, 0), (&report, true, 1)] {
            course.read_report(&scene, Who::Carl, report, is_calm).await.unwrap();
            assert_eq!(course.violations.len(), found, "{:?}", course.violations);
        }
    }
}
