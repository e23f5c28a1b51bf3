//! Random histories come to an end at which both calendars agree.
//!
//! A seed is a history: two users, their events, series and meetings, edits on
//! both sides, syncs, crashes and awkward answers in between
//! ([`history`]). Afterwards everybody is synchronised until nobody writes, and
//! the [`laws`] and the model of justified [`mails`] are asked. A history that
//! breaks one is shortened before it is shown.
//!
//! `TANDEM_CONVERGENCE_SEEDS=A..B` has the last test run other seeds.

mod calendar;
mod details;
mod history;
mod laws;
mod mails;
mod people;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tandem_tests::World;

use history::{History, Operation, Side, Who};
use laws::Course;
use mails::Ledger;

/// Rounds of everybody's syncs within which nothing may be left to write.
const ROUNDS_MAX: usize = 6;

/// A refresh token that nobody uses for 90 days ends, and with it the
/// connection. A token may be up to a day older than the last sync.
const CONNECTION_HOURS_MIN: u32 = 24 * 89;

/// Names seeds to run instead of the usual ones, as `A..B`.
const SEEDS_VARIABLE: &str = "TANDEM_CONVERGENCE_SEEDS";

/// What has become of a history.
struct Outcome {
    violations: Vec<String>,
    /// Operations of people, and how many of them a side has taken.
    tried: usize,
    taken: usize,
    /// Items that were created, and those that a report names.
    created: usize,
    left: usize,
}

/// A history while it happens.
struct Play {
    world: World,
    connected: Vec<Who>,
    /// Whose calendar is switched off.
    off: Vec<Who>,
    ledger: Ledger,
    course: Course,
    tried: usize,
    taken: usize,
    /// Hours since a person was synchronised.
    away: BTreeMap<Who, u32>,
}

impl Play {
    async fn begin(history: &History) -> Self {
        let setup = history.setup;
        let world = World::empty().await;
        world.configure().await;
        for key in [("calendar.direction", setup.direction), ("calendar.conflict-resolution", setup.conflict_rule)] {
            world.save("system", "0", &[(key.0, json!(key.1))]).await.ok();
        }
        for who in Who::ALL {
            world.add_user(who.login(), "Acme").await;
        }
        let behaviour = json!({
            "pageSizeMax": setup.page_size, "emptyPages": setup.empty_pages, "replay": setup.replay,
            "mastersInDelta": setup.masters_in_delta, "changeKeyBumpSeconds": setup.bumped_keys.then_some(2),
            "cloud": setup.cloud,
        });
        world.control("behaviour", &behaviour).await;
        let mut play = Self {
            world,
            connected: Vec::new(),
            off: Vec::new(),
            ledger: Ledger::default(),
            course: Course::default(),
            tried: 0,
            taken: 0,
            away: BTreeMap::new(),
        };
        for (who, connected) in Who::ALL.into_iter().zip(setup.connected) {
            if connected {
                play.connect(who).await;
            }
        }
        play
    }

    async fn connect(&mut self, who: Who) {
        if !self.connected.contains(&who) {
            self.world.connect(who.login()).await;
            self.connected.push(who);
        }
    }

    /// Whether this person's calendar is synchronised.
    fn is_in_step(&self, who: Who) -> bool {
        self.connected.contains(&who) && !self.off.contains(&who)
    }

    async fn switch(&mut self, who: Who, on: bool) {
        self.world.save("user", who.login(), &[("calendar.enabled", json!(on))]).await.ok();
        self.off.retain(|off| *off != who);
        if !on {
            self.off.push(who);
        }
    }

    async fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Create { side, who, item, when, rule, guests } => {
                self.ledger.note(&operation, self.is_in_step(who));
                let taken = people::create(&self.world, side, who, item, (when, rule, guests)).await;
                self.done(&operation, (side, who), taken).await;
            }
            Operation::Edit { side, who, item, edit } => {
                self.ledger.note(&operation, self.is_in_step(who));
                let taken = people::edit(&self.world, side, who, item, edit).await;
                self.done(&operation, (side, who), taken).await;
            }
            Operation::Sync(who) => {
                self.sync(who).await;
            }
            Operation::Crash(who, calls) => {
                self.world.crash_after(calls).await;
                self.sync(who).await;
            }
            Operation::Connect(who) => self.connect(who).await,
            Operation::Switch(who, on) => self.switch(who, on).await,
            Operation::Pass(hours) => {
                for who in &self.connected {
                    *self.away.entry(*who).or_default() += hours;
                }
                self.world.advance(i64::from(hours) * 3600).await;
            }
            Operation::ExpireCursors => self.world.expire("deltaTokens").await,
        }
    }

    async fn done(&mut self, operation: &Operation, (side, who): (Side, Who), taken: bool) {
        self.tried += 1;
        if taken {
            self.taken += 1;
            self.course.note(operation, self.is_in_step(who));
        }
        match side {
            Side::Outlook => self.ledger.read_outlook(&self.world).await,
            // The CRM's own writes are no business of Microsoft's.
            Side::Crm => self.ledger.read_sync(&self.world).await,
        }
        let is_its_duty = !self.is_in_step(who) && side == Side::Crm;
        self.ledger.read_crm(&self.world, is_its_duty).await;
    }

    /// Synchronises somebody; what the run reports, unless it was torn down. Who
    /// was away for so long that the connection has ended makes it anew.
    async fn sync(&mut self, who: Who) -> Option<Value> {
        if !self.is_in_step(who) {
            return None;
        }
        let mut report = self.run(who).await?;
        if report["blocked"] == "parked" && self.away.get(&who).is_some_and(|hours| *hours >= CONNECTION_HOURS_MIN) {
            self.world.connect(who.login()).await;
            report = self.run(who).await?;
        }
        self.away.remove(&who);
        match report["next"]["when"].as_str().unwrap() {
            "idle" => self.ledger.settled(who),
            "after" => {
                let wait = report["next"]["milliseconds"].as_i64().unwrap() / 1000 + 1;
                self.world.advance(wait).await;
            }
            other => self.course.violations.push(format!("{who:?}: a run that ended with `{other}`: {report}")),
        }
        Some(report)
    }

    /// One run, and what it has told whom.
    async fn run(&mut self, who: Who) -> Option<Value> {
        let report = people::sync(&self.world, who).await;
        self.ledger.read_sync(&self.world).await;
        self.ledger.read_crm(&self.world, false).await;
        let report = report?;
        self.course.read_report(&self.world, who, &report).await;
        Some(report)
    }

    /// Synchronises everybody; whether nobody wrote anything.
    async fn round(&mut self) -> bool {
        let mut quiet = true;
        for who in self.connected.clone() {
            let report = self.sync(who).await;
            quiet &= report.is_some_and(|report| is_quiet(&report));
        }
        quiet
    }

    async fn settle(&mut self) {
        // A crash that no sync has met yet is not for these.
        self.world.crash_after(u64::MAX).await;
        for who in self.off.clone() {
            self.switch(who, true).await;
        }
        for _ in 0..ROUNDS_MAX {
            if self.round().await {
                return;
            }
        }
        self.course.violations.push("it does not settle".to_owned());
    }

    async fn end(mut self) -> Outcome {
        self.settle().await;
        // An empty page in between is a request that nobody can save.
        self.world.control("behaviour", &json!({"emptyPages": false})).await;
        self.world.forget_requests().await;
        if !self.round().await {
            self.course.violations.push("a second run writes".to_owned());
        }
        let requests = self.world.requests().await;
        if requests["count"] != self.connected.len() {
            self.course.violations.push(format!("a second run costs more than one request a mailbox: {requests}"));
        }
        for who in self.connected.clone() {
            self.course.check(&self.world, who).await;
        }
        let (created, left) = self.course.counts();
        let violations = [self.course.violations, self.ledger.violations].concat();
        Outcome { violations, tried: self.tried, taken: self.taken, created, left }
    }
}

fn is_quiet(report: &Value) -> bool {
    let counts = |side: &str| ["created", "updated", "deleted"].iter().all(|kind| report[side][kind] == 0);
    counts("crm") && counts("microsoft") && report["next"]["when"] == "idle"
}

/// Plays a history to its end. A panic on the way is a violation like others,
/// so that its history is shortened as well.
async fn play(history: &History) -> Outcome {
    let history = history.clone();
    let played = tokio::spawn(async move {
        let mut play = Play::begin(&history).await;
        for operation in &history.operations {
            play.perform(*operation).await;
        }
        play.end().await
    });
    let broken = |violation: String| Outcome { violations: vec![violation], tried: 0, taken: 0, created: 0, left: 0 };
    played.await.unwrap_or_else(|error| broken(error.to_string()))
}

/// Leaves out whatever a history can do without and still fail.
async fn shortened(mut history: History, mut violations: Vec<String>) -> (History, Vec<String>) {
    let mut at = 0;
    while at < history.operations.len() {
        let mut shorter = history.clone();
        shorter.operations.remove(at);
        let outcome = play(&shorter).await;
        if outcome.violations.is_empty() {
            at += 1;
        } else {
            (history, violations) = (shorter, outcome.violations);
        }
    }
    (history, violations)
}

/// Plays the histories of these seeds; fails with every one that breaks a law.
async fn converge(seeds: std::ops::Range<u64>) {
    let mut sum = Outcome { violations: Vec::new(), tried: 0, taken: 0, created: 0, left: 0 };
    for seed in seeds {
        let history = History::of(seed);
        let outcome = play(&history).await;
        sum.tried += outcome.tried;
        sum.taken += outcome.taken;
        sum.created += outcome.created;
        sum.left += outcome.left;
        if !outcome.violations.is_empty() {
            let (history, violations) = shortened(history, outcome.violations).await;
            sum.violations.push(format!("seed {seed}\n{history}{}", violations.join("\n")));
        }
    }
    let Outcome { violations, tried, taken, created, left } = sum;
    assert!(violations.is_empty(), "{} histories broke a law\n\n{}", violations.len(), violations.join("\n\n"));
    // A single seed says nothing about how much is taken as a rule.
    assert!(
        tried < 20 || taken * 5 > tried * 2,
        "expected that much of what people do is taken, but found {taken} of {tried}"
    );
    assert!(
        created < 20 || left * 4 < created,
        "expected that few items are left alone, but found {left} of {created}"
    );
}

#[tokio::test]
async fn histories_of_the_first_seeds_converge() {
    converge(0..20).await;
}

#[tokio::test]
async fn histories_of_the_second_seeds_converge() {
    converge(20..40).await;
}

#[tokio::test]
async fn histories_of_the_third_seeds_converge() {
    converge(40..60).await;
}

#[tokio::test]
async fn histories_of_the_fourth_seeds_or_of_chosen_ones_converge() {
    let chosen = std::env::var(SEEDS_VARIABLE).ok();
    let seeds = chosen.map_or(60..80, |chosen| {
        let (from, until) = chosen.split_once("..").expect("expected seeds as A..B");
        from.parse().unwrap()..until.parse().unwrap()
    });
    converge(seeds).await;
}
