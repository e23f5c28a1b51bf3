//! The list: Oro's five columns and what else an administrator looks for, searched,
//! sorted and a page at a time (Oro row E1).

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::row::{RowView, is_shown};
use super::state::RowState;
use super::visible_users;
use crate::app::StatusRow;
use crate::crm::UserId;
use crate::crm::overview::Whose;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::listing::{self, Asked, Choice, Column as _, Heading, Pager, Repeated, Sorting};
use crate::web::render;
use crate::web::viewer::{Place, Viewer};

/// Rows of one page: what a person looks through, and a browser lays out at once.
const ROWS_PER_PAGE: usize = 60;

/// What is asked of the list. What is not known asks for nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(flatten)]
    asked: Asked,
}

impl Wanted {
    /// How a row stands that is looked for.
    fn state(&self) -> Option<RowState> {
        RowState::narrowed_to(&self.state)
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    User,
    Resource,
    Enabled,
    InProgress,
    LastSyncAt,
    NextSyncAt,
    Lag,
    Direction,
    Linked,
    Conflicts,
    SetAside,
    Alerts,
    Throttled,
}

impl Column {
    /// Its heading.
    const fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Resource => "Resource Type",
            Self::Enabled => "Enabled",
            Self::InProgress => "In Progress",
            Self::LastSyncAt => "Last Sync At",
            Self::NextSyncAt => "Next Sync At",
            Self::Lag => "Lag",
            Self::Direction => "Direction",
            Self::Linked => "Linked",
            Self::Conflicts => "Conflicts",
            Self::SetAside => "Set Aside",
            Self::Alerts => "Open alerts",
            Self::Throttled => "Throttled",
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Linked | Self::Conflicts | Self::SetAside | Self::Alerts | Self::Throttled)
    }

    fn compare(self, one: &StatusRow, other: &StatusRow) -> Ordering {
        match self {
            // The rows are ordered by user already, and a sort keeps that.
            Self::User => Ordering::Equal,
            Self::Resource => one.resource.cmp(&other.resource),
            Self::Enabled => RowState::of(one).cmp(&RowState::of(other)),
            Self::InProgress => one.in_progress.cmp(&other.in_progress),
            Self::LastSyncAt => one.last_sync_at.cmp(&other.last_sync_at),
            Self::NextSyncAt => one.next_sync_at.cmp(&other.next_sync_at),
            Self::Lag => one.lag_seconds.cmp(&other.lag_seconds),
            Self::Direction => one.direction.cmp(&other.direction),
            Self::Linked => one.linked.cmp(&other.linked),
            Self::Conflicts => one.conflicts.cmp(&other.conflicts),
            Self::SetAside => one.set_aside.cmp(&other.set_aside),
            Self::Alerts => one.open_alerts.cmp(&other.open_alerts),
            Self::Throttled => one.throttled_percent.cmp(&other.throttled_percent),
        }
    }
}

impl listing::Column for Column {
    const ALL: &'static [Self] = &[
        Self::User,
        Self::Resource,
        Self::Enabled,
        Self::InProgress,
        Self::LastSyncAt,
        Self::NextSyncAt,
        Self::Lag,
        Self::Direction,
        Self::Linked,
        Self::Conflicts,
        Self::SetAside,
        Self::Alerts,
        Self::Throttled,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Resource => "resource",
            Self::Enabled => "enabled",
            Self::InProgress => "in-progress",
            Self::LastSyncAt => "last",
            Self::NextSyncAt => "next",
            Self::Lag => "lag",
            Self::Direction => "direction",
            Self::Linked => "linked",
            Self::Conflicts => "conflicts",
            Self::SetAside => "set-aside",
            Self::Alerts => "alerts",
            Self::Throttled => "throttled",
        }
    }

    // What asks to be looked at.
    fn is_largest_first(self) -> bool {
        self.is_number() || matches!(self, Self::Lag | Self::InProgress | Self::LastSyncAt | Self::NextSyncAt)
    }
}

/// Users by the name that the column shows, those of one name by their logins, and of
/// each user the resources in their order.
fn sort(rows: &mut [StatusRow], users: &BTreeMap<UserId, User>, by: Sorting<Column>) {
    let name = |row: &StatusRow| users.get(&row.user_id).map(|user| user.display_name.to_lowercase());
    rows.sort_by_cached_key(|row| (name(row), row.user.clone(), row.resource));
    if by.column == Column::User {
        if by.is_descending {
            // Stable, so that the resources of a user keep their order.
            rows.sort_by_cached_key(|row| Reverse((name(row), row.user.clone())));
        }
        return;
    }
    rows.sort_by(|one, other| {
        let ordering = by.column.compare(one, other);
        if by.is_descending { ordering.reverse() } else { ordering }
    });
}

#[derive(Debug, Serialize)]
struct ListView {
    subtitle: String,
    /// The list without a search, and with everything that was left out.
    unsearched_href: String,
    /// Whether something is left out.
    is_narrowed: bool,
    /// Whether there are so many that searching and paging is of use.
    is_searchable: bool,
    wanted: Repeated,
    states: Vec<Choice>,
    columns: Vec<Heading>,
    rows: Vec<RowView>,
    pager: Pager,
    version: u64,
}

/// Shows the list.
pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = &wanted.asked;
    let users = visible_users(&web, &viewer)?;
    let everybody = users.keys().copied().collect();
    // Read before the rows: what happens between the two is drawn once more.
    let version = web.app.live_version(&everybody);
    let whose = if viewer.user.administrator {
        Whose::Organization(viewer.user.organization_id)
    } else {
        Whose::User(viewer.user.id)
    };
    let mut all = web.app.status(whose).await?;
    all.retain(is_shown);
    let is_narrowed = !asked.text().is_empty() || wanted.state().is_some();
    let is_searchable = all.len() > ROWS_PER_PAGE || !asked.q.is_empty() || is_narrowed || viewer.user.administrator;
    let sorting = asked.sorting(Column::User);
    let mut rows = matching(all, &users, &wanted);
    sort(&mut rows, &users, sorting);
    let manifest = web.app.manifest().await?;
    let pages = rows.len().div_ceil(ROWS_PER_PAGE).max(1);
    let page = asked.page().min(pages);
    let shown = rows.iter().skip((page - 1) * ROWS_PER_PAGE).take(ROWS_PER_PAGE).filter_map(|row| {
        let user = users.get(&row.user_id)?;
        Some(RowView::new(row, user, &viewer, &manifest, web.app.running(user.id).as_ref()))
    });
    let zone = viewer.user.time_zone.0.name();
    let view = ListView {
        subtitle: if viewer.user.administrator {
            format!("Users of {}, times in {zone}", viewer.user.organization)
        } else {
            format!("Your account, times in {zone}")
        },
        is_searchable,
        is_narrowed,
        unsearched_href: address(&Wanted { asked: asked.without_search(), ..Wanted::default() }, sorting, 1),
        states: states(&wanted),
        columns: columns(&wanted, sorting),
        rows: shown.collect(),
        pager: Pager::new(rows.len(), ("row", "rows"), (page, pages), |page| address(&wanted, sorting, page)),
        version,
        wanted: wanted.asked.repeated(sorting),
    };
    Ok(render::page("status.html", &viewer.chrome(&web, Place::Status), &view)?.into_response())
}

/// The rows of users whose name, login or address has the text in it, or of the
/// resource that it names, as far as they stand as is wanted.
fn matching(rows: Vec<StatusRow>, users: &BTreeMap<UserId, User>, wanted: &Wanted) -> Vec<StatusRow> {
    let (q, state) = (wanted.asked.text().to_lowercase(), wanted.state());
    let is_meant = |row: &StatusRow| {
        state.is_none_or(|state| RowState::of(row) == state)
            && users
                .get(&row.user_id)
                .is_some_and(|user| user.is_like(&q) || row.resource.label().to_lowercase().contains(&q))
    };
    rows.into_iter().filter(is_meant).collect()
}

fn states(wanted: &Wanted) -> Vec<Choice> {
    let choice = |(_, word, label)| Choice::new(word, label, Some(wanted.state.as_str()));
    RowState::NARROWED.map(choice).into()
}

fn columns(wanted: &Wanted, sorting: Sorting<Column>) -> Vec<Heading> {
    let heading = |column: &Column| {
        let heading = sorting.heading(*column, column.label(), |sorting| address(wanted, sorting, 1));
        if column.is_number() { heading.over_numbers() } else { heading }
    };
    Column::ALL.iter().map(heading).collect()
}

fn address(wanted: &Wanted, sorting: Sorting<Column>, page: usize) -> String {
    let Wanted { state, asked: Asked { q, .. } } = wanted;
    sorting.address("/status", &[("q", q), ("state", state)], page)
}
