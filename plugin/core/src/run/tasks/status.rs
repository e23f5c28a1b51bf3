//! The state of one user's tasks as a whole.
//!
//! Pure. Which lists are followed is decided in [`super::lists`].

use serde::{Deserialize, Serialize};

use crate::graph::wire::{Continuation, PageLink};
use crate::model::{Instant, TaskListId, Zone};
use crate::run::resource::{Health, ResourceStatus};
use crate::run::round::{CrmRound, PAGE_SIZE, PAGE_SIZE_MIN};
use crate::run::state::{STATE_FORMAT, Sweep};
use crate::settings::EffectiveSettings;

use super::search::{Place, Search};

/// The zone of the mailbox, as it was found last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownZone {
    /// The zone.
    pub zone: Zone,
    /// When it was asked for.
    pub asked_at: Instant,
}

/// How far one list has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListState {
    /// A complete listing is being read.
    Listing {
        /// The next page; the first one where there is none.
        next: Option<PageLink>,
    },
    /// The listing is complete, and has still to be compared with the links.
    Listed {
        /// Where changes go on.
        delta: PageLink,
    },
    /// Changes are being read.
    Changes {
        /// A delta link, or the next page of a round.
        link: PageLink,
        /// Whether the round before it was complete.
        complete: bool,
    },
}

/// A list that Microsoft names, and does not find when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableList {
    /// Its id.
    pub id: TaskListId,
    /// When that was met.
    pub met_at: Instant,
}

/// A list that is followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRound {
    /// Its id.
    pub id: TaskListId,
    /// Its name, for messages.
    pub name: String,
    /// How far it has been read.
    pub state: ListState,
    /// Pages read in the present round.
    pub pages: u32,
    /// Items asked for in a page.
    pub page_size: u16,
}

impl ListRound {
    /// A list of which nothing was read yet.
    pub const fn new(id: TaskListId, name: String) -> Self {
        Self { id, name, state: ListState::Listing { next: None }, pages: 0, page_size: PAGE_SIZE }
    }

    /// Reads it from the beginning.
    pub fn list_again(&mut self) {
        self.state = ListState::Listing { next: None };
        self.pages = 0;
    }

    /// Goes on after a page.
    pub fn after_page(&mut self, continuation: Continuation) {
        let is_listing = matches!(self.state, ListState::Listing { .. });
        self.pages = self.pages.saturating_add(1);
        self.state = match continuation {
            Continuation::Next(link) if is_listing => ListState::Listing { next: Some(link) },
            Continuation::Next(link) => ListState::Changes { link, complete: false },
            Continuation::Delta(delta) if is_listing => ListState::Listed { delta },
            Continuation::Delta(link) => ListState::Changes { link, complete: true },
        };
        if matches!(self.state, ListState::Listed { .. } | ListState::Changes { complete: true, .. }) {
            self.pages = 0;
        }
    }

    /// The listing was compared with the links.
    pub fn compared(&mut self) {
        if let ListState::Listed { delta } = &self.state {
            self.state = ListState::Changes { link: delta.clone(), complete: true };
        }
    }

    /// Asks for smaller pages from now on; false where they are the smallest.
    pub fn shrink_pages(&mut self) -> bool {
        let smaller = (self.page_size / 2).max(PAGE_SIZE_MIN);
        let shrinks = smaller < self.page_size;
        self.page_size = smaller.min(self.page_size);
        shrinks
    }
}

/// The state of one user's tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TasksStatus {
    /// [`STATE_FORMAT`].
    pub format: u32,
    /// Counts complete listings, so that marks of an old one mean nothing.
    pub listing: u32,
    /// The direction under which both sides were compared, by its key.
    pub mode: String,
    /// Whether even what has not changed is to be decided about again.
    pub comparing: bool,
    /// The zone of the mailbox.
    pub zone: Option<KnownZone>,
    /// The lists that are followed.
    pub lists: Vec<ListRound>,
    /// Lists that cannot be read at present; few, as each is one of the mailbox.
    #[serde(default)]
    pub unreadable: Vec<UnreadableList>,
    /// The list that new tasks of the CRM go to; none where the one that the
    /// settings name does not exist.
    pub target: Option<TaskListId>,
    /// Due or under way: what is linked and was in no listing is looked at.
    pub sweep: Option<Sweep>,
    /// A search for tasks that have left their lists.
    #[serde(default)]
    pub search: Option<Search>,
    /// Where the search for tasks whose create was not answered goes on.
    #[serde(default)]
    pub recovering: Option<Place>,
    /// The CRM's side.
    pub crm: CrmRound,
    /// How it stands with asking Microsoft, and with what people were told.
    #[serde(flatten)]
    pub health: Health,
}

impl TasksStatus {
    fn fresh(settings: &EffectiveSettings) -> Self {
        Self {
            format: STATE_FORMAT,
            listing: 1,
            mode: settings.tasks.mode.key().to_owned(),
            comparing: true,
            zone: None,
            lists: Vec::new(),
            unreadable: Vec::new(),
            target: None,
            sweep: Some(Sweep::default()),
            search: None,
            recovering: None,
            crm: CrmRound::Listing { cursor: None },
            health: Health::default(),
        }
    }

    /// Lists everything from the beginning, to be compared with the links.
    pub fn list_again(&mut self) {
        self.lists.iter_mut().for_each(ListRound::list_again);
        self.listing = self.listing.wrapping_add(1);
        self.sweep = Some(Sweep::default());
    }

    /// Whether something is still to be listed or compared: what is on one side
    /// only may have its counterpart among what is to come.
    pub fn is_listing(&self) -> bool {
        let is_followed = |list: &ListRound| matches!(list.state, ListState::Changes { .. });
        self.sweep.is_some() || !self.lists.iter().all(is_followed) || !matches!(self.crm, CrmRound::Changes { .. })
    }

    /// The list with this id, where it is followed.
    pub fn list(&self, id: &TaskListId) -> Option<&ListRound> {
        self.lists.iter().find(|list| list.id == *id)
    }

    /// The same, to be changed.
    pub fn list_mut(&mut self, id: &TaskListId) -> Option<&mut ListRound> {
        self.lists.iter_mut().find(|list| list.id == *id)
    }
}

impl ResourceStatus for TasksStatus {
    fn present(stored: Option<Self>, settings: &EffectiveSettings, now: Instant) -> Self {
        let Some(mut stored) = stored else { return Self::fresh(settings) };
        if stored.mode != settings.tasks.mode.key() {
            // Another direction lets old differences flow.
            stored.compare_again(settings, now);
        }
        stored
    }

    fn health(&self) -> &Health {
        &self.health
    }

    fn health_mut(&mut self) -> &mut Health {
        &mut self.health
    }

    fn is_comparing(&self) -> bool {
        self.comparing
    }

    fn compare_again(&mut self, settings: &EffectiveSettings, _: Instant) {
        self.list_again();
        settings.tasks.mode.key().clone_into(&mut self.mode);
        self.comparing = true;
        self.crm = CrmRound::Listing { cursor: None };
    }
}
