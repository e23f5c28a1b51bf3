//! What happens in the demonstration between the runs, each scene with the
//! claims that its runs have to show, and what it does to the calendars.
//!
//! Next: `super::scene_tasks`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::error::DemoError;
use super::organization::COLLEAGUE;
use super::outlook::Outlook;
use super::period;
use super::sample::{
    BUDGET, DENTIST, IN_CRM, IN_OUTLOOK, INTERVIEW, OF_COLLEAGUE, OFFER, PIPELINE, REVIEW, SITE_VISIT, Sample, Week,
};
use super::todo::Todo;
use crate::app::{App, Resource};
use crate::crm::EventId;
use crate::crm::event::{CalendarEvent, Change, EventInput};
use crate::crm::users::User;

/// Which of the weekly meetings Outlook moves: the next week's.
const MOVED_WEEK: u64 = 1;

/// Which of them the CRM cancels.
const CANCELLED_WEEK: u64 = 2;

/// Edits between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// None: both sides as they were before they were connected.
    Beginning,
    /// One edit on each side.
    Edits,
    /// Both sides edit different fields of one item.
    Merge,
    /// Both sides edit the same field of one item.
    Conflict,
    /// One deletion on each side.
    Deletions,
    /// Outlook moves a day of a series, the CRM cancels another one.
    Occurrences,
    /// None again.
    Rest,
}

impl Scene {
    /// All scenes in their order.
    pub const ALL: [Self; 7] =
        [Self::Beginning, Self::Edits, Self::Merge, Self::Conflict, Self::Deletions, Self::Occurrences, Self::Rest];

    /// What the run of a resource after the scene shows; none where the scene
    /// does not concern it.
    pub const fn claim(self, resource: Resource) -> Option<&'static str> {
        match resource {
            Resource::Calendar => Some(self.claim_of_calendar()),
            Resource::Tasks => self.claim_of_tasks(),
            Resource::Mail => None,
        }
    }

    const fn claim_of_calendar(self) -> &'static str {
        match self {
            Self::Beginning => "the first run brings both calendars together",
            Self::Edits => "an edit on either side reaches the other",
            Self::Merge => "edits of different fields of one event are both kept",
            Self::Conflict => "of two edits of the same field the rule keeps one and records the other",
            Self::Deletions => "a deletion on either side reaches the other",
            Self::Occurrences => "a day of a series, moved here and cancelled there, is so on both sides",
            Self::Rest => "a run with nothing changed writes nothing",
        }
    }

    const fn claim_of_tasks(self) -> Option<&'static str> {
        match self {
            Self::Beginning => Some("the first run brings both task lists together"),
            Self::Edits => Some("a task that is done here or put off there is so on both sides"),
            Self::Merge => Some("edits of different fields of one task are both kept"),
            Self::Conflict => Some("of two new names of a task the rule keeps one and records the other"),
            Self::Deletions => Some("a task that is deleted on either side goes from the other"),
            Self::Occurrences => None,
            Self::Rest => Some("a run over tasks that nobody changed writes nothing"),
        }
    }
}

/// Where the scenes are played.
pub(super) struct Stage {
    pub(super) app: App,
    /// Whose calendar it is.
    pub(super) user: User,
    /// The same person's Outlook.
    pub(super) outlook: Outlook,
    /// The same person's To Do.
    pub(super) todo: Todo,
    /// Where the sample data lies.
    pub(super) week: Week,
}

impl Stage {
    /// Puts the sample data of a resource on both sides.
    pub(super) async fn fill(&self, resource: Resource) -> Result<(), DemoError> {
        match resource {
            Resource::Calendar => self.fill_calendars().await,
            Resource::Tasks => self.fill_task_lists().await,
            Resource::Mail => Ok(()),
        }
    }

    /// Does what people do to a resource in a scene.
    pub(super) async fn act(&self, scene: Scene, resource: Resource) -> Result<(), DemoError> {
        match resource {
            Resource::Calendar => self.act_on_calendars(scene).await,
            Resource::Tasks => self.act_on_tasks(scene).await,
            Resource::Mail => Ok(()),
        }
    }

    async fn fill_calendars(&self) -> Result<(), DemoError> {
        let crm = self.app.crm();
        for sample in IN_CRM {
            crm.create_event(self.user.id, sample.for_crm(self.week))?;
        }
        let colleague = crm.user_by_login(COLLEAGUE.login)?;
        for sample in OF_COLLEAGUE {
            crm.create_event(colleague.id, sample.for_crm(self.week))?;
        }
        for sample in IN_OUTLOOK {
            self.outlook.create(&sample.for_outlook(self.week)).await?;
        }
        self.outlook.create(&self.week.series()).await
    }

    async fn act_on_calendars(&self, scene: Scene) -> Result<(), DemoError> {
        match scene {
            Scene::Beginning | Scene::Rest => Ok(()),
            Scene::Edits => {
                self.rename_in_crm(&REVIEW, "Quarterly review with Northwind, room 4")?;
                self.move_in_outlook(&DENTIST, TimeDelta::minutes(60)).await
            }
            Scene::Merge => {
                self.rename_in_crm(&BUDGET, "Budget planning for next year")?;
                self.move_in_outlook(&BUDGET, TimeDelta::minutes(30)).await
            }
            Scene::Conflict => {
                self.rename_in_crm(&SITE_VISIT, "Site visit at Wingtip, gate B")?;
                let renamed = json!({ "subject": "Wingtip: site visit with safety briefing" });
                self.outlook.change(&self.outlook_id(&SITE_VISIT)?, &renamed).await
            }
            Scene::Deletions => {
                self.app.crm().delete_event(self.user.id, self.crm_id(OFFER.title)?)?;
                self.outlook.delete(&self.outlook_id(&INTERVIEW)?).await
            }
            Scene::Occurrences => {
                let at = self.week.occurrence(MOVED_WEEK);
                let moved = self.outlook.find(PIPELINE, at, at + TimeDelta::hours(1))?;
                self.outlook.change(&moved, &self.week.occurrence_moved(MOVED_WEEK)).await?;
                self.cancel_in_crm(self.week.occurrence(CANCELLED_WEEK))
            }
        }
    }

    /// Cancels the day of the series that begins at `at`.
    fn cancel_in_crm(&self, at: DateTime<Utc>) -> Result<(), DemoError> {
        let input = EventInput {
            title: Change::Set(PIPELINE.to_owned()),
            start: Change::Set(at.to_rfc3339()),
            end: Change::Set((at + TimeDelta::minutes(45)).to_rfc3339()),
            recurring_event_id: Change::Set(self.crm_id(PIPELINE)?),
            original_start: Change::Set(at.to_rfc3339()),
            cancelled: Change::Set(true),
            ..EventInput::default()
        };
        self.app.crm().create_event(self.user.id, input)?;
        Ok(())
    }

    fn rename_in_crm(&self, sample: &Sample, title: &str) -> Result<(), DemoError> {
        let input = EventInput { title: Change::Set(title.to_owned()), ..EventInput::default() };
        self.app.crm().update_event(self.user.id, self.crm_id(sample.title)?, input)?;
        Ok(())
    }

    async fn move_in_outlook(&self, sample: &Sample, by: TimeDelta) -> Result<(), DemoError> {
        let times = sample.times_for_outlook(self.week, by);
        self.outlook.change(&self.outlook_id(sample)?, &times).await
    }

    fn crm_id(&self, title: &str) -> Result<EventId, DemoError> {
        let events = self.app.crm().events_of(self.user.id)?;
        let is_meant = |event: &CalendarEvent| event.values.title == title && event.values.recurring_event_id.is_none();
        let found = events.into_iter().find(is_meant);
        found.map(|event| event.id).ok_or(DemoError::NoSample { side: "the CRM" })
    }

    fn outlook_id(&self, sample: &Sample) -> Result<String, DemoError> {
        let (from, until): (DateTime<Utc>, DateTime<Utc>) = period(self.app.clock().now());
        // Since the last run the CRM's edits have not reached Outlook, so the
        // event still has its first title.
        self.outlook.find(sample.title, from, until)
    }
}
