//! What both sides have seen of a run, whatever it reports: the record of requests
//! at Microsoft, and the journal of the CRM.

use super::limits::{asked, writes};
use crate::app::Resource;
use crate::crm::journal::{CHANGES_MAX, Cursor};
use crate::sim::operation::{Direction, Side, Who};
use crate::sim::scene::{Mishap, Played, Scene};

/// A look at both sides before a run.
#[derive(Clone, Debug)]
pub struct Witness {
    who: Who,
    resource: Resource,
    direction: Direction,
    /// The end of the CRM's journal.
    journal: Cursor,
}

/// What was seen of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Requests to Microsoft, sign-ins aside.
    pub requests: u64,
    /// Writes to Microsoft.
    pub to_microsoft: usize,
    /// Items of the CRM that were written.
    pub to_crm: usize,
}

impl Seen {
    /// What was written on a side.
    pub const fn written(&self, side: Side) -> usize {
        match side {
            Side::Crm => self.to_crm,
            Side::Microsoft => self.to_microsoft,
        }
    }

    /// Whether nothing was written anywhere.
    pub const fn is_without_writes(&self) -> bool {
        self.to_crm == 0 && self.to_microsoft == 0
    }

    /// How often what was written, for people.
    pub fn words(&self) -> String {
        format!("wrote {} times to Microsoft and {} items of the CRM", self.to_microsoft, self.to_crm)
    }
}

impl Witness {
    /// Looks before a run, while nobody else does anything.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn before(scene: &Scene, who: Who, resource: Resource, direction: Direction) -> Played<Self> {
        scene.forget_requests().await?;
        let journal = changes(scene, who, resource, None)?.0;
        Ok(Self { who, resource, direction, journal })
    }

    /// Looks after the run, or when it has paused.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn after(&self, scene: &Scene) -> Played<Seen> {
        let record = scene.requests().await?;
        let to_crm = changes(scene, self.who, self.resource, Some(self.journal.clone()))?.1;
        Ok(Seen { requests: asked(&record), to_microsoft: writes(&record), to_crm })
    }

    /// What was written to the side that is the only source.
    pub fn against_direction(&self, seen: &Seen) -> Option<String> {
        let Direction::From(source) = self.direction else { return None };
        let (who, resource, count) = (self.who, self.resource, seen.written(source));
        (count > 0).then(|| format!("{who:?}: a run of {resource} wrote {count} times to its source: {source:?}"))
    }
}

/// The end of a journal of the CRM, and how many items have changed behind a place.
fn changes(scene: &Scene, who: Who, resource: Resource, after: Option<Cursor>) -> Played<(Cursor, usize)> {
    let crm = scene.app.crm();
    let user = crm.user_by_login(who.login())?.id;
    let (mut place, mut count) = (after, 0);
    loop {
        let page = match resource {
            Resource::Tasks => crm
                .task_changes(user, place.as_ref(), CHANGES_MAX)
                .map(|page| (page.changes.len(), page.next, page.more)),
            Resource::Calendar | Resource::Mail => crm
                .event_changes(user, place.as_ref(), CHANGES_MAX)
                .map(|page| (page.changes.len(), page.next, page.more)),
        };
        let (found, next, more) = page.map_err(|_| Mishap::Value("the changes of a user"))?;
        count += found;
        if !more {
            return Ok((next, count));
        }
        place = Some(next);
    }
}
