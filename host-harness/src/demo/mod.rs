//! The demonstration: a small company whose items are kept in step, from the
//! first connection to runs that have nothing left to do.
//!
//! Everything happens as it does for people: the account is connected by going
//! through Microsoft's login, Outlook's edits are requests to Graph, the CRM's
//! edits are those of its pages, and every number is what the component
//! reported. It prints nothing and listens nowhere; that is [`crate::cli`].
//!
//! Reading order: [`organization`] (who there is), [`connect`], [`outlook`],
//! `todo`, [`sample`] and [`sample_tasks`] (what is in the calendars and on the
//! lists), [`scene`] and `scene_tasks` (what happens), [`agreement`] and `task_agreement` (whether
//! both sides say the same), [`report`].

pub mod error;

pub mod organization;

pub mod connect;

pub mod outlook;

mod todo;

pub mod sample;

pub mod sample_tasks;

pub mod scene;

mod scene_tasks;

pub mod agreement;

mod task_agreement;

pub mod report;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::app::{App, NextCall, Resource};
use crate::clock::HarnessClock;
use crate::crm::Crm;
use crate::crm::runs::SyncResource;
use crate::crm::users::User;
pub use error::DemoError;
use organization::{COMPANY, SELLER};
use outlook::Outlook;
pub use report::DemoReport;
use report::RunEntry;
use sample::Week;
use scene::{Scene, Stage};
use todo::Todo;

/// What the demonstration synchronises, in the order of the runs.
const RESOURCES: [Resource; 2] = [Resource::Calendar, Resource::Tasks];

/// The seed of the demonstration that is the same every time.
pub const FIXED_SEED: u64 = 1;

/// The day of the demonstration that is the same every time: a Monday in
/// Berlin's winter time, three weeks before its clocks change.
const FIXED_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 3, 2) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The hour of that day, in UTC.
const FIXED_HOUR: TimeDelta = TimeDelta::hours(7);

/// What passes between two scenes where the clock stands still: the default
/// interval of the synchronisation.
const BETWEEN_SCENES: TimeDelta = TimeDelta::minutes(10);

/// The clock of the demonstration that is the same every time.
pub fn fixed_clock() -> HarnessClock {
    HarnessClock::fixed(FIXED_DAY.and_time(chrono::NaiveTime::MIN).and_utc() + FIXED_HOUR)
}

/// How time passes between the scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The clock is moved, so that the same happens every time.
    Fixed,
    /// The clock runs by itself.
    Live,
}

/// What a start finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody yet: the demonstration can be prepared.
    Nobody,
    /// The demonstration, played to its end.
    Played,
    /// The demonstration, which was interrupted while it was prepared.
    Interrupted,
    /// Somebody else's data.
    Others,
}

/// What is in the CRM.
///
/// # Errors
/// The CRM cannot be read.
pub fn find(crm: &Crm) -> Result<Found, DemoError> {
    let users = crm.all_users()?;
    if users.is_empty() {
        return Ok(Found::Nobody);
    }
    let Some(seller) = users.iter().find(|user| user.login == SELLER.login && user.organization == COMPANY) else {
        // The administrator is made before anybody else.
        let begun = users.iter().all(|user| user.organization == COMPANY);
        return Ok(if begun { Found::Interrupted } else { Found::Others });
    };
    let scenes = u32::try_from(Scene::ALL.len()).unwrap_or(u32::MAX);
    let runs = crm.run_history(seller.id, SyncResource::Calendar, scenes)?;
    Ok(if runs.len() < Scene::ALL.len() { Found::Interrupted } else { Found::Played })
}

/// Prepares the company, connects its salesperson, fills both sides, and plays
/// all scenes. `say` hears what is done next.
///
/// # Errors
/// Something did not work; what was done until then stays.
pub async fn play(app: &App, pace: Pace, say: &(dyn Fn(&str) + Sync)) -> Result<DemoReport, DemoError> {
    let microsoft = app.microsoft().ok_or(DemoError::NoEmulator)?;
    say("setting up the company in the CRM and in Microsoft 365");
    organization::prepare(app, microsoft).await?;
    let user = app.crm().user_by_login(SELLER.login)?;
    say("connecting the Microsoft account through the login");
    connect::connect(app, microsoft, &user).await?;
    say("filling both sides");
    let outlook = Outlook::of(microsoft, &user.email);
    let stage = Stage {
        app: app.clone(),
        user: user.clone(),
        todo: Todo::of(&outlook).await?,
        outlook,
        week: Week::of(app.clock().now(), user.time_zone.0),
    };
    for resource in RESOURCES {
        stage.fill(resource).await?;
    }
    let runs = play_scenes(app, &stage, pace, say).await?;
    let conflicts = app.crm().conflicts_of_user(user.id)?;
    let agreement = agreement::compare(app.crm(), &user, microsoft, period(app.clock().now()))?;
    let has_tasks = RESOURCES.contains(&Resource::Tasks);
    let task_agreement = has_tasks.then(|| task_agreement::compare(app.crm(), &user, microsoft)).transpose()?;
    Ok(DemoReport::new(&user, runs, &conflicts, (agreement, task_agreement)))
}

/// Each scene, and a run of each resource that it concerns.
async fn play_scenes(
    app: &App,
    stage: &Stage,
    pace: Pace,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Vec<RunEntry>, DemoError> {
    let mut runs = Vec::new();
    for scene in Scene::ALL {
        if pace == Pace::Fixed {
            app.clock().advance(BETWEEN_SCENES);
        }
        for resource in RESOURCES {
            stage.act(scene, resource).await?;
        }
        for resource in RESOURCES {
            if let Some(claim) = scene.claim(resource) {
                say(claim);
                runs.push(run(app, &stage.user, resource, claim).await?);
            }
        }
    }
    Ok(runs)
}

/// One run until nothing is left to do, with the decisions it recorded.
async fn run(app: &App, user: &User, resource: Resource, claim: &'static str) -> Result<RunEntry, DemoError> {
    let before = app.crm().conflicts_of_user(user.id)?;
    let report = app.sync(user.id, resource, None).await?;
    match report.next {
        NextCall::Idle => {}
        NextCall::Again | NextCall::After { .. } => return Err(DemoError::NotDone { run: claim }),
        NextCall::Blocked { reason } => return Err(DemoError::Blocked { run: claim, reason }),
    }
    let after = app.crm().conflicts_of_user(user.id)?;
    let new = after.iter().filter(|conflict| before.iter().all(|known| known.id != conflict.id));
    Ok(RunEntry::new(claim, report, new))
}

/// The period in which both sides are compared: all sample data, and far within
/// what is synchronised.
fn period(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - TimeDelta::days(60), now + TimeDelta::days(60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::Randomness;
    use crate::crm::users::NewUser;

    fn with_user(login: &str, organization: &str) -> Crm {
        let crm = Crm::in_memory(fixed_clock(), Randomness::seeded(1)).unwrap();
        let user = NewUser {
            login: login.to_owned(),
            email: "somebody@acme.example".to_owned(),
            display_name: "Somebody".to_owned(),
            organization: organization.to_owned(),
            time_zone: "UTC".to_owned(),
            administrator: false,
        };
        crm.create_user(&user).unwrap();
        crm
    }

    #[test]
    fn only_an_empty_crm_is_filled() {
        let empty = Crm::in_memory(fixed_clock(), Randomness::seeded(1)).unwrap();
        assert_eq!(find(&empty).unwrap(), Found::Nobody);
        assert_eq!(find(&with_user("anna", "Elsewhere")).unwrap(), Found::Others);
        assert_eq!(find(&with_user("admin", COMPANY)).unwrap(), Found::Interrupted);
        assert_eq!(find(&with_user("anna", COMPANY)).unwrap(), Found::Interrupted);
    }
}
