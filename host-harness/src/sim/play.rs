//! A history while it happens. Next: `running`, [`super::quiet`].

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tandem_runtime::Interruption;

use super::connections::Connections;
use super::history::Setup;
use super::laws::causes::Causes;
use super::laws::course::Course;
use super::laws::edits::Edits;
use super::laws::mails::Ledger;
use super::laws::pending::Pending;
use super::laws::secrets::Secrets;
use super::log::Lines;
use super::operation::{Direction, EventAct, Expiry, FaultKind, Operation, Setting, Side, Target, TaskAct, Who};
use super::people;
use super::purges::Purges;
use super::scene::{Played, Scene, Stage};
use crate::app::Resource;

/// Days of the window, back and ahead, where nobody has set others.
pub const WINDOW: (u32, u32) = (365, 365);

/// Who has the same meetings.
pub(super) const MEET: [Who; 2] = [Who::Anna, Who::Ben];

/// What came of something that a side took.
pub(super) const TAKEN: &str = "taken";

/// What came of something that a side refused.
pub(super) const REFUSED: &str = "refused";

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Operations by kind; those that a side refused as well.
    pub operations: BTreeMap<String, u64>,
    /// Faults that requests met, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// The same, by what was asked for.
    pub struck: BTreeMap<&'static str, u64>,
    /// Runs that were torn down.
    pub crashes: u64,
    /// Runs that a guard rail had to stop, and did.
    pub stops: u64,
    /// Items that somebody was shown in a quiet period.
    pub judged: u64,
    /// Those of them that were left alone for a reason.
    pub excused: u64,
}

/// A history while it happens.
pub struct Play {
    pub(super) scene: Scene,
    /// What holds in all of it.
    pub(super) setup: Setup,
    pub(super) connections: Connections,
    directions: BTreeMap<Resource, Direction>,
    /// Who wins a conflict, where somebody has set it.
    winners: BTreeMap<Resource, Side>,
    pub(super) window_is_usual: bool,
    /// Whether something was made to go wrong since the last quiet period.
    pub(super) is_calm: bool,
    scripted: BTreeMap<(FaultKind, Target), u32>,
    pub(super) ledger: Ledger,
    pub(super) course: Course,
    pub(super) edits: Edits,
    pub(super) causes: Causes,
    pub(super) secrets: Secrets,
    pub(super) purges: Purges,
    pub(super) pending: Pending,
    pub(super) log: Lines,
    /// What has happened.
    pub counts: Counts,
    /// What was wrong on the way.
    pub violations: Vec<String>,
    /// What came of the operation that is being performed.
    pub came: Vec<String>,
}

impl Play {
    /// Sets the scene, and connects who is not late.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn begin(setup: &Setup, stage: &Stage, log: Lines) -> Played<Self> {
        let scene = Scene::set(setup, stage).await?;
        if let Some(defect) = &stage.defect {
            scene.make_defective(defect)?;
        }
        let mut play = Self {
            scene,
            setup: *setup,
            connections: Connections::default(),
            directions: BTreeMap::new(),
            winners: BTreeMap::new(),
            window_is_usual: true,
            is_calm: true,
            scripted: BTreeMap::new(),
            ledger: Ledger::default(),
            course: Course::default(),
            edits: Edits::default(),
            causes: Causes::default(),
            secrets: Secrets::default(),
            purges: Purges::default(),
            pending: Pending::default(),
            log,
            counts: Counts::default(),
            violations: Vec::new(),
            came: Vec::new(),
        };
        let [anna_is_late, ben_is_late] = setup.late;
        for (who, is_late) in [(Who::Anna, anna_is_late), (Who::Ben, ben_is_late), (Who::Carl, false)] {
            if !is_late && setup.cast.contains(&who) {
                play.connect(who).await?;
            }
        }
        Ok(play)
    }

    /// Another play in which the same has happened, and which goes on by itself.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub fn fork(&self) -> Played<Self> {
        Ok(Self {
            scene: self.scene.fork()?,
            setup: self.setup,
            connections: self.connections.clone(),
            directions: self.directions.clone(),
            winners: self.winners.clone(),
            window_is_usual: self.window_is_usual,
            is_calm: self.is_calm,
            scripted: self.scripted.clone(),
            ledger: self.ledger.clone(),
            course: self.course.clone(),
            edits: self.edits.clone(),
            causes: self.causes.clone(),
            secrets: self.secrets.clone(),
            purges: self.purges.clone(),
            pending: self.pending.clone(),
            log: self.log.clone(),
            counts: self.counts.clone(),
            violations: self.violations.clone(),
            came: self.came.clone(),
        })
    }

    /// Has one thing happen.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn perform(&mut self, operation: Operation) -> Played<()> {
        *self.counts.operations.entry(operation.kind()).or_default() += 1;
        match operation {
            Operation::Event(side, who, item, act) => self.with_event(side, who, item, act).await,
            Operation::Task(side, who, item, act) => self.with_task(side, who, item, act).await,
            Operation::Sync(who, resource) => self.sync(who, resource, false).await.map(drop),
            Operation::Again(who, resource) => self.sync(who, resource, true).await.map(drop),
            Operation::Preview(who, resource) => self.preview(who, resource).await,
            Operation::Crash(who, resource, calls) => {
                self.is_calm = false;
                self.scene.app.crash_after_host_calls(calls.into());
                let ran = self.sync(who, resource, false).await.map(drop);
                self.scene.app.interrupt_next_step(None);
                ran
            }
            Operation::Lost(who, resource) => {
                self.fault(FaultKind::DropResponse, Target::Create, 0, 1).await?;
                let ran = self.sync(who, resource, false).await.map(drop);
                // Where nothing was created, the next create of somebody would be hit.
                self.calm().await?;
                ran
            }
            Operation::HostFailure(who, resource, at) => {
                self.is_calm = false;
                self.scene.app.interrupt_next_step(Some(Interruption::Fail { at: at.into() }));
                let ran = self.sync(who, resource, false).await.map(drop);
                self.scene.app.interrupt_next_step(None);
                ran
            }
            Operation::Meanwhile(who, resource, after, during) => self.meanwhile(who, resource, after, during).await,
            Operation::TwoHolders(who, resource, after) => self.two_holders(who, resource, after).await,
            Operation::TakeBack(who, resource) => {
                let conflict = self.scene.take_back(who, resource).await?;
                self.note_reversal(who, resource, &conflict);
                Ok(())
            }
            Operation::Reverse(who, resource) => self.reverse(who, resource).await,
            Operation::Retry(who, resource) => {
                if self.is_in_step(who, resource) {
                    self.try_again(who, resource).await.map(drop)
                } else {
                    Ok(())
                }
            }
            Operation::Purge(side, who, resource) => self.purge(side, who, resource).await,
            Operation::Release(who, resource) => self.release(who, resource).await.map(drop),
            Operation::Connect(who) => self.connect(who).await,
            Operation::Disconnect(who) => {
                self.connections.connected.remove(&who);
                self.scene.disconnect(who).await
            }
            Operation::Set(setting) => {
                if matches!(setting, Setting::Direction(..)) && self.setup.turning {
                    // What one direction has not carried yet, another one may leave.
                    self.restore_and_settle().await?;
                }
                self.set_up(setting).await
            }
            Operation::Pass(hours) => {
                // Cursors end, and windows move on.
                self.pending.compare(None);
                self.connections.passed(hours);
                self.scene.pass(TimeDelta::hours(hours.into()));
                Ok(())
            }
            Operation::Expire(expiry) => self.expire(expiry).await,
            Operation::Fault(kind, target, skip, times) => self.fault(kind, target, skip, times).await,
            Operation::Quiet => self.quiet().await.map(drop),
        }
    }

    /// Whether this person's resource is synchronised.
    pub(super) fn is_in_step(&self, who: Who, resource: Resource) -> bool {
        self.connections.is_in_step(who, resource)
    }

    /// The direction of a resource.
    pub(super) fn direction(&self, resource: Resource) -> Direction {
        self.directions.get(&resource).copied().unwrap_or(Direction::Both)
    }

    /// Who wins a conflict of a resource: the CRM, where nobody has set anything.
    pub(super) fn winner(&self, resource: Resource) -> Side {
        self.winners.get(&resource).copied().unwrap_or(Side::Crm)
    }

    pub(super) async fn with_event(&mut self, side: Side, who: Who, item: u32, act: EventAct) -> Played<()> {
        let flows = self.direction(Resource::Calendar).takes_from(side);
        if !flows && !matches!(act, EventAct::Create(..)) {
            return Ok(());
        }
        let in_step = self.is_in_step(who, Resource::Calendar);
        let is_taken = people::with_event(&self.scene, side, who, item, act).await?;
        self.took(is_taken);
        if is_taken {
            self.ledger.note((side, who, item), &act, in_step);
            self.course.note_event((side, who, item), &act, in_step);
            if !flows {
                self.course.keep_apart(item);
            }
            let people: &[Who] = if self.course.is_meeting(item) { &MEET } else { &[who] };
            self.pending.note(people, Resource::Calendar, item);
            // One person's meeting is in another one's calendar.
            self.purges.blur(|_, resource| resource == Resource::Calendar);
            self.edits.note_event((side, who, item), &act, self.course.has_recurred(item));
            let is_owner = self.course.is_of(who, Resource::Calendar, item);
            self.causes.note_event(side, item, &act, is_owner);
        }
        match side {
            Side::Microsoft => self.ledger.read_outlook(&self.scene).await?,
            // The CRM's own writes are no business of Microsoft's.
            Side::Crm => self.ledger.read_run(&self.scene).await?,
        }
        self.ledger.read_crm(&self.scene, !in_step && side == Side::Crm).await
    }

    pub(super) async fn with_task(&mut self, side: Side, who: Who, item: u32, act: TaskAct) -> Played<()> {
        let resource = Resource::Tasks;
        let flows = self.direction(resource).takes_from(side);
        if !flows && !matches!(act, TaskAct::Create(..)) {
            return Ok(());
        }
        let is_taken = people::with_task(&self.scene, side, who, item, act).await?;
        self.took(is_taken);
        if !is_taken {
            return Ok(());
        }
        self.course.note_task((side, who, item), &act);
        if !flows {
            self.course.keep_apart(item);
        }
        self.pending.note(&[who], resource, item);
        self.purges.blur(|of, resource| (of, resource) == (who, Resource::Tasks));
        self.edits.note_task((side, who, item), &act);
        self.causes.note_task(side, item, &act);
        Ok(())
    }

    fn took(&mut self, is_taken: bool) {
        self.came.push(if is_taken { TAKEN } else { REFUSED }.to_owned());
    }

    pub(super) async fn connect(&mut self, who: Who) -> Played<()> {
        if self.connections.connected.contains(&who) { Ok(()) } else { self.sign_in(who).await }
    }

    /// Connects somebody, who may have been connected before.
    pub(super) async fn sign_in(&mut self, who: Who) -> Played<()> {
        if self.scene.connect(who).await? {
            self.connections.made(who);
            self.pending.compare(Some(who));
        }
        Ok(())
    }

    pub(super) async fn set_up(&mut self, setting: Setting) -> Played<()> {
        self.pending.compare(None);
        if let Setting::Window(..) = setting {
            self.purges.blur(|_, _| true);
        }
        match setting {
            Setting::Direction(..) if !self.setup.turning => return Ok(()),
            Setting::Direction(resource, direction) => {
                self.directions.insert(resource, direction);
                self.course.turned(resource, direction);
            }
            Setting::Switch(who, resource, true) => {
                self.connections.off.remove(&(who, resource));
            }
            Setting::Switch(who, resource, false) => {
                self.connections.off.insert((who, resource));
            }
            Setting::Window(past, future) => self.window_is_usual = (past, future) == WINDOW,
            Setting::CrmWins(resource, crm_wins) => {
                self.winners.insert(resource, if crm_wins { Side::Crm } else { Side::Microsoft });
            }
        }
        self.scene.set_up(setting).await
    }

    async fn expire(&mut self, expiry: Expiry) -> Played<()> {
        self.pending.compare(None);
        match expiry {
            Expiry::DeltaTokens | Expiry::AccessTokens => {}
            Expiry::RefreshTokens => self.connections.end_all(),
            Expiry::ClientSecret => {
                self.connections.secret_is_over = true;
                self.connections.end_all();
            }
        }
        self.scene.control("expire", &json!({"what": expiry.wire()})).await.map(drop)
    }

    pub(super) async fn fault(&mut self, kind: FaultKind, target: Target, skip: u32, times: u32) -> Played<()> {
        self.is_calm = false;
        self.pending.compare(None);
        // An item that cannot be read is left for later, and may be one too few.
        self.purges.blur(|_, _| true);
        let asks_anew = matches!(kind, FaultKind::Unauthorized | FaultKind::ClaimsChallenge);
        if asks_anew || matches!(target, Target::Login | Target::Any) {
            self.connections.shake_all();
        }
        *self.scripted.entry((kind, target)).or_default() += times;
        self.scene.fault(kind, target, skip, times).await
    }

    /// Ends what was made to go wrong, and counts what did.
    pub(super) async fn calm(&mut self) -> Played<()> {
        let left = self.scene.faults_left().await?;
        for ((kind, target), scripted) in std::mem::take(&mut self.scripted) {
            let is_of = |line: &&Value| line["do"] == kind.word() && line["match"] == target.matcher();
            let lines = super::words::entries(&left).iter().filter(is_of);
            let missed: u64 = lines.filter_map(|line| line["times"].as_u64()).sum();
            let struck = u64::from(scripted).saturating_sub(missed);
            *self.counts.faults.entry(kind.word()).or_default() += struck;
            *self.counts.struck.entry(target.word()).or_default() += struck;
        }
        self.scene.calm().await
    }
}
