//! The list: Oro's five columns and what else an administrator looks for, searched,
//! sorted and a page at a time (Oro row E1). All of it is in the address, so that
//! it works without a script and can be kept as a bookmark.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::row::RowView;
use super::visible_users;
use crate::app::StatusRow;
use crate::crm::UserId;
use crate::crm::overview::Whose;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::render;
use crate::web::viewer::{Place, Viewer};

/// Rows of one page: what a person looks through, and a browser lays out at once.
const ROWS_PER_PAGE: usize = 60;

/// What is asked of the list.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    page: String,
}

/// A column that can be sorted by.
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
    const ALL: [Self; 13] = [
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

    /// Its word in the address, and its heading.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("user", "User"),
            Self::Resource => ("resource", "Resource Type"),
            Self::Enabled => ("enabled", "Enabled"),
            Self::InProgress => ("in-progress", "In Progress"),
            Self::LastSyncAt => ("last", "Last Sync At"),
            Self::NextSyncAt => ("next", "Next Sync At"),
            Self::Lag => ("lag", "Lag"),
            Self::Direction => ("direction", "Direction"),
            Self::Linked => ("linked", "Linked"),
            Self::Conflicts => ("conflicts", "Conflicts"),
            Self::SetAside => ("set-aside", "Set Aside"),
            Self::Alerts => ("alerts", "Open alerts"),
            Self::Throttled => ("throttled", "Throttled"),
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Linked | Self::Conflicts | Self::SetAside | Self::Alerts | Self::Throttled)
    }

    /// Whether the largest comes first unless somebody wants it otherwise: what asks
    /// to be looked at.
    const fn is_largest_first(self) -> bool {
        self.is_number() || matches!(self, Self::Lag | Self::InProgress | Self::LastSyncAt | Self::NextSyncAt)
    }

    fn compare(self, one: &StatusRow, other: &StatusRow) -> Ordering {
        match self {
            // The rows come ordered by login and resource, and a sort keeps that.
            Self::User => Ordering::Equal,
            Self::Resource => one.resource.cmp(&other.resource),
            Self::Enabled => (one.enabled, one.connected).cmp(&(other.enabled, other.connected)),
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

/// How the list is sorted.
#[derive(Clone, Copy, Debug)]
struct Sorting {
    column: Column,
    is_descending: bool,
}

impl Sorting {
    fn of(wanted: &Wanted) -> Self {
        let column = Column::ALL.into_iter().find(|column| column.names().0 == wanted.sort).unwrap_or(Column::User);
        let is_descending = match wanted.order.as_str() {
            "asc" => false,
            "desc" => true,
            _ => column.is_largest_first(),
        };
        Self { column, is_descending }
    }

    fn sort(self, rows: &mut [StatusRow]) {
        if self.column == Column::User {
            if self.is_descending {
                rows.sort_by(|one, other| other.user.cmp(&one.user).then(one.resource.cmp(&other.resource)));
            }
            return;
        }
        rows.sort_by(|one, other| {
            let ordering = self.column.compare(one, other);
            if self.is_descending { ordering.reverse() } else { ordering }
        });
    }
}

#[derive(Debug, Serialize)]
struct ListView {
    subtitle: String,
    q: String,
    /// Whether there are so many that searching and paging is of use.
    is_searchable: bool,
    sort: &'static str,
    order: &'static str,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    found: String,
    previous: Option<String>,
    next: Option<String>,
    version: u64,
}

#[derive(Debug, Serialize)]
struct ColumnView {
    label: &'static str,
    href: String,
    /// `ascending`, `descending` or none.
    sorted: Option<&'static str>,
    is_number: bool,
}

/// Shows the list.
pub async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let users = visible_users(&web, &viewer)?;
    let everybody = users.keys().copied().collect();
    // Read before the rows: what happens between the two is drawn once more.
    let version = web.app.live_version(&everybody);
    let whose = if viewer.user.administrator {
        Whose::Organization(viewer.user.organization_id)
    } else {
        Whose::User(viewer.user.id)
    };
    let all = web.app.status(whose).await?;
    let is_searchable = all.len() > ROWS_PER_PAGE || !wanted.q.is_empty() || viewer.user.administrator;
    let sorting = Sorting::of(&wanted);
    let mut rows = matching(all, &users, &wanted.q);
    sorting.sort(&mut rows);
    let manifest = web.app.manifest().await?;
    let pages = rows.len().div_ceil(ROWS_PER_PAGE).max(1);
    let page = wanted.page.parse().unwrap_or(1_usize).clamp(1, pages);
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
        sort: sorting.column.names().0,
        order: if sorting.is_descending { "desc" } else { "asc" },
        columns: columns(&wanted, sorting),
        rows: shown.collect(),
        found: found(rows.len(), page, pages),
        previous: (page > 1).then(|| address(&wanted.q, sorting, page - 1)),
        next: (page < pages).then(|| address(&wanted.q, sorting, page + 1)),
        version,
        q: wanted.q,
    };
    Ok(render::page("status.html", &viewer.chrome(&web, Place::Status), &view)?.into_response())
}

/// The rows of users whose name, login or address has the text in it, or of the
/// resource that it names.
fn matching(rows: Vec<StatusRow>, users: &BTreeMap<UserId, User>, q: &str) -> Vec<StatusRow> {
    let q = q.trim().to_lowercase();
    let is_meant = |row: &StatusRow| {
        let Some(user) = users.get(&row.user_id) else { return false };
        let texts = [user.display_name.as_str(), user.login.as_str(), user.email.as_str(), row.resource.label()];
        q.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&q))
    };
    rows.into_iter().filter(is_meant).collect()
}

fn columns(wanted: &Wanted, sorting: Sorting) -> Vec<ColumnView> {
    let view = |column: Column| {
        let is_sorted = column == sorting.column;
        let is_descending = if is_sorted { !sorting.is_descending } else { column.is_largest_first() };
        let (_, label) = column.names();
        ColumnView {
            label,
            href: address(&wanted.q, Sorting { column, is_descending }, 1),
            sorted: is_sorted.then_some(if sorting.is_descending { "descending" } else { "ascending" }),
            is_number: column.is_number(),
        }
    };
    Column::ALL.into_iter().map(view).collect()
}

fn address(q: &str, sorting: Sorting, page: usize) -> String {
    let order = if sorting.is_descending { "desc" } else { "asc" };
    let searched = if q.is_empty() { String::new() } else { format!("&q={}", encoded(q)) };
    let page = if page > 1 { format!("&page={page}") } else { String::new() };
    format!("/status?sort={}&order={order}{searched}{page}", sorting.column.names().0)
}

fn found(rows: usize, page: usize, pages: usize) -> String {
    let rows = match rows {
        0 => "Nothing found".to_owned(),
        1 => "1 row".to_owned(),
        more => format!("{more} rows"),
    };
    if pages > 1 { format!("{rows}, page {page} of {pages}") } else { rows }
}
