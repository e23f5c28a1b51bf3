//! The demonstration: a small company whose calendar is kept in step, from the
//! first connection to a run that has nothing left to do.
//!
//! Everything happens as it does for people: the account is connected by going
//! through Microsoft's login, Outlook's edits are requests to Graph, the CRM's
//! edits are those of its pages, and every number is what the component
//! reported. It prints nothing and listens nowhere; that is [`crate::cli`].
//!
//! Reading order: [`organization`] (who there is), [`connect`], [`outlook`],
//! [`sample`] (what is in the calendars), [`scene`] (what happens),
//! [`agreement`] (whether both sides say the same), [`report`].

pub mod error;

pub mod organization;

pub mod connect;

pub mod outlook;

pub mod sample;

pub mod scene;

pub mod agreement;

pub mod report;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::app::{App, NextCall, Resource};
use crate::clock::HarnessClock;
use crate::crm::users::User;
pub use error::DemoError;
use organization::SELLER;
use outlook::Outlook;
pub use report::DemoReport;
use report::RunEntry;
use sample::Week;
use scene::{Scene, Stage};

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

/// Whether there is nobody yet, so that a demonstration can be prepared.
///
/// # Errors
/// The CRM cannot be read.
pub fn is_empty(app: &App) -> Result<bool, DemoError> {
    Ok(app.crm().all_users()?.is_empty())
}

/// Prepares the company, connects its salesperson, fills both calendars, and
/// plays all scenes. `say` hears what is done next.
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
    say("filling both calendars");
    let stage = Stage {
        app: app.clone(),
        user: user.clone(),
        outlook: Outlook::of(microsoft, &user.email),
        week: Week::of(app.clock().now(), user.time_zone.0),
    };
    stage.fill().await?;

    let mut runs = Vec::new();
    for scene in Scene::ALL {
        say(scene.claim());
        if pace == Pace::Fixed {
            app.clock().advance(BETWEEN_SCENES);
        }
        stage.act(scene).await?;
        runs.push(run(app, &user, scene.claim()).await?);
    }
    let conflicts = app.crm().conflicts_of_user(user.id)?;
    let agreement = agreement::compare(app.crm(), &user, microsoft, period(app.clock().now()))?;
    Ok(DemoReport::new(&user, runs, &conflicts, agreement))
}

/// One run until nothing is left to do, with the decisions it recorded.
async fn run(app: &App, user: &User, claim: &'static str) -> Result<RunEntry, DemoError> {
    let before = app.crm().conflicts_of_user(user.id)?;
    let report = app.sync(user.id, Resource::Calendar, None).await?;
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
