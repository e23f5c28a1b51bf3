//! The end of a segment: everything goes well, everybody is synchronised until
//! nobody writes, and then the laws are asked.

use std::collections::BTreeSet;

use serde_json::json;

use super::amends::GUARD_RAIL;
use super::history::RESOURCES;
use super::laws::limits::{is_quiet, not_at_rest};
use super::laws::shown::Shown;
use super::operation::{Setting, Who};
use super::play::{Play, WINDOW};
use super::ran::Ran;
use super::scene::Played;
use super::words::text;
use crate::app::{HostCalls, Resource};

/// Rounds of everybody's runs within which nothing may be left to write. A run
/// that met faults waits first, and one that finds an item changed meanwhile
/// leaves it for the next one.
const ROUNDS_MAX: u32 = 8;

impl Play {
    /// Begins a run that is counted, and perhaps interrupted; what comes of it is
    /// for [`Play::end_counted`].
    pub(super) async fn begin_counted(&self, (who, resource): (Who, Resource), calls: &HostCalls) -> Ran {
        self.scene.app.count_next_run(calls.clone());
        self.scene.sync(who, resource, false).await
    }

    /// Takes up what came of a run that was counted.
    pub(super) async fn end_counted(&mut self, (who, resource): (Who, Resource), ran: Ran) -> Played<()> {
        if let Some(report) = self.take_up(who, resource, ran).await? {
            self.conclude(who, resource, &report);
        }
        Ok(())
    }

    /// A quiet period, and what has to hold after it; what both sides show of
    /// everybody then.
    pub(super) async fn quiet(&mut self) -> Played<Vec<(Shown, Shown)>> {
        self.restore_and_settle().await?;
        self.try_all_again().await?;
        self.rest().await?;
        let mut all_shown = Vec::new();
        for who in self.connections.connected.clone() {
            self.course.read_set_aside(&self.scene, who).await?;
            self.course.check_alerts(&self.scene, who).await?;
            let shown = self.course.check(&self.scene, who).await?;
            self.count_excused(who, &shown);
            self.edits.check(&self.scene, &self.course, who, &shown).await?;
            all_shown.push(shown);
        }
        let leaks = self.secrets.check(&self.scene, &self.log)?;
        self.violations.extend(leaks);
        let found = [
            &mut self.course.violations,
            &mut self.edits.violations,
            &mut self.causes.violations,
            &mut self.ledger.violations,
        ];
        self.violations.extend(found.into_iter().flat_map(std::mem::take));
        Ok(all_shown)
    }

    /// Counts what somebody is shown, and what of it may differ for a reason.
    fn count_excused(&mut self, who: Who, (crm, microsoft): &(Shown, Shown)) {
        let of = |shown: &Shown| RESOURCES.map(|resource| shown.items_of(resource)).concat();
        let items: BTreeSet<u32> = of(crm).into_iter().chain(of(microsoft)).collect();
        let count = |items: usize| u64::try_from(items).unwrap_or(u64::MAX);
        self.counts.judged += count(items.len());
        self.counts.excused += count(items.iter().filter(|item| self.course.is_left(who, **item)).count());
    }

    /// A further run of everybody has nothing to do. A page in between that is empty
    /// is a request that it cannot save, so there are none meanwhile.
    async fn rest(&mut self) -> Played<()> {
        self.show_empty_pages(false).await?;
        for (who, resource) in self.in_step() {
            let witness = self.witness(who, resource).await?;
            if let Some(report) = self.sync(who, resource, false).await? {
                let seen = witness.after(&self.scene).await?;
                self.violations.extend(not_at_rest(who, resource, &seen, &report));
            }
        }
        self.show_empty_pages(self.setup.empty_pages).await
    }

    /// Everybody has everything tried once more that is set aside.
    async fn try_all_again(&mut self) -> Played<()> {
        let mut tried = 0;
        for (who, resource) in self.in_step() {
            tried += self.try_again(who, resource).await?;
        }
        if tried > 0 && !self.settle().await? {
            self.violations.push(format!("it does not settle after {tried} items were tried once more"));
        }
        Ok(())
    }

    /// Everything goes well until nothing is left to do.
    pub(super) async fn restore_and_settle(&mut self) -> Played<()> {
        self.restore().await?;
        if !self.settle().await? {
            self.violations.push("it does not settle".to_owned());
        }
        Ok(())
    }

    /// Nothing goes wrong any more, everybody is connected, everything is switched
    /// on, the window is the usual one.
    async fn restore(&mut self) -> Played<()> {
        self.calm().await?;
        if std::mem::take(&mut self.connections.secret_is_over) {
            self.scene.renew_secret().await?;
        }
        for (who, resource) in self.connections.off.clone() {
            self.set_up(Setting::Switch(who, resource, true)).await?;
        }
        if !self.window_is_usual {
            self.set_up(Setting::Window(WINDOW.0, WINDOW.1)).await?;
        }
        for who in self.setup.cast {
            self.connect(*who).await?;
        }
        Ok(())
    }

    /// Whether pages of rounds may be empty from now on.
    async fn show_empty_pages(&self, are_shown: bool) -> Played<()> {
        self.scene.control("behaviour", &json!({"emptyPages": are_shown})).await.map(drop)
    }

    fn in_step(&self) -> Vec<(Who, Resource)> {
        self.connections
            .connected
            .iter()
            .flat_map(|who| self.setup.resources.iter().map(|resource| (*who, *resource)))
            .collect()
    }

    /// Whether nobody has anything left to do in the end.
    async fn settle(&mut self) -> Played<bool> {
        for round in 0..ROUNDS_MAX {
            let mut all_quiet = true;
            for (who, resource) in self.in_step() {
                let report = self.sync(who, resource, false).await?;
                if report.as_ref().is_some_and(|report| text(report, "blocked") == GUARD_RAIL)
                    && !self.release(who, resource).await?
                {
                    self.violations.push(format!("{who:?}: no alert tells of the guard rail of {resource}"));
                }
                all_quiet &= report.as_ref().is_some_and(is_quiet);
            }
            if all_quiet {
                return Ok(true);
            }
            if round == 0 {
                // What the faults before have left behind is over with one run.
                self.is_calm = true;
                self.connections.steady();
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::app::PluginSource;
    use crate::sim::history::Setup;
    use crate::sim::log::Lines;
    use crate::sim::operation::{Direction, Operation};
    use crate::sim::scene::Stage;

    #[tokio::test]
    async fn what_holds_in_a_whole_history_still_does_after_a_quiet_period_and_another_direction() {
        let setup = Setup { cast: &[Who::Carl], turning: true, empty_pages: true, ..Setup::PLAIN };
        let stage = Stage { seed: 1, plugin: PluginSource::Embedded, counts_fuel: false, defect: None };
        let mut play = Play::begin(&setup, &stage, Lines::default()).await.unwrap();
        let turn = Operation::Set(Setting::Direction(Resource::Tasks, Direction::Both));
        for operation in [turn, Operation::Quiet] {
            play.perform(operation).await.unwrap();
            let behaviour = play.scene.control("behaviour", &json!({})).await.unwrap();
            assert_eq!(behaviour["emptyPages"], true, "after {operation:?}");
        }
        assert_eq!(play.violations, Vec::<String>::new());
    }
}
