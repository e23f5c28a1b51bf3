//! What people do in either calendar and either list of tasks, through the
//! interface that each of them uses. What a side refuses to a person has not
//! happened.
//!
//! Next: [`super::laws`].

mod crm_events;
mod outlook;
mod tasks;

pub(super) use tasks::default_list;

use chrono::TimeDelta;

use super::operation::{EventAct, Side, TaskAct, Who};
use super::scene::{Played, Scene};

/// Where occurrences are looked for.
pub const FROM: &str = "2026-01-01T00:00:00Z";
/// Until where.
pub const TO: &str = "2027-02-01T00:00:00Z";

/// Does something with an event; whether the side took it.
///
/// # Errors
/// The harness did not do as it should.
pub async fn with_event(scene: &Scene, side: Side, who: Who, item: u32, act: EventAct) -> Played<bool> {
    match side {
        Side::Crm => crm_events::act(scene, who, item, act).await,
        Side::Microsoft => outlook::act(scene, who, item, act).await,
    }
}

/// Does something with a task; whether the side took it.
///
/// # Errors
/// The harness did not do as it should.
pub async fn with_task(scene: &Scene, side: Side, who: Who, item: u32, act: TaskAct) -> Played<bool> {
    match side {
        Side::Crm => tasks::in_crm(scene, who, item, act).await,
        Side::Microsoft => tasks::in_todo(scene, who, item, act).await,
    }
}

/// All-day occurrences move by whole days.
fn moved_by(minutes: i32, all_day: bool) -> TimeDelta {
    match (all_day, minutes < 0) {
        (true, true) => -TimeDelta::days(1),
        (true, false) => TimeDelta::days(1),
        (false, _) => TimeDelta::minutes(minutes.into()),
    }
}
