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
    /// The end of the CRM's journal, where nothing may come to it.
    journal: Option<Cursor>,
}

/// What was seen of a run.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Requests to Microsoft, sign-ins aside.
    pub requests: u64,
    /// Writes to Microsoft.
    pub writes: usize,
    /// What was written to the side that is the only source.
    pub against_direction: Option<String>,
}

impl Witness {
    /// Looks before a run, while nobody else does anything.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn before(scene: &Scene, who: Who, resource: Resource, direction: Direction) -> Played<Self> {
        scene.forget_requests().await?;
        let journal = match direction {
            Direction::From(Side::Crm) => Some(changes(scene, who, resource, None)?.0),
            Direction::From(Side::Microsoft) | Direction::Both => None,
        };
        Ok(Self { who, resource, direction, journal })
    }

    /// Looks after the run.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn after(self, scene: &Scene) -> Played<Seen> {
        let record = scene.requests().await?;
        let written = match (self.direction, self.journal) {
            (Direction::From(Side::Microsoft), _) => writes(&record),
            (_, Some(journal)) => changes(scene, self.who, self.resource, Some(journal))?.1,
            (_, None) => 0,
        };
        let (who, resource, direction) = (self.who, self.resource, self.direction);
        let against_direction = (written > 0)
            .then(|| format!("{who:?}: a run of {resource} wrote {written} times to its source: {direction:?}"));
        Ok(Seen { requests: asked(&record), writes: writes(&record), against_direction })
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
