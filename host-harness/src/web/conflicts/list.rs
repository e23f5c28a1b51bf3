//! The list of conflicts: searched, narrowed, sorted and a page at a time. All of it
//! is in the address, so that it works without a script and can be kept as a
//! bookmark.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::links::title;
use super::sentences::{MICROSOFT, rule_label, side, state_label};
use super::view::label;
use crate::crm::notices::{
    ConflictColumn, ConflictFilter, ConflictPage, ConflictSorting, ConflictState, ListedConflict, NoticeResource,
};
use crate::crm::overview::Whose;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::notices::resource_label;
use crate::web::render;
use crate::web::viewer::{Place, Viewer};

/// Conflicts of one page: what a person looks through, and a browser lays out at once.
const CONFLICTS_PER_PAGE: usize = 50;

/// What is asked of the list. What is not known asks for nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    page: String,
}

/// The columns with their word in the address and their heading; none where they
/// cannot be sorted by.
const COLUMNS: [(Option<(ConflictColumn, &str)>, &str); 7] = [
    (Some((ConflictColumn::Decided, "decided")), "Decided"),
    (Some((ConflictColumn::User, "user")), "User"),
    (Some((ConflictColumn::Resource, "about")), "About"),
    (None, "Fields"),
    (Some((ConflictColumn::Winner, "won")), "Won"),
    (None, "Why"),
    (Some((ConflictColumn::State, "state")), "State"),
];

/// The resources that have conflicts.
const RESOURCES: [NoticeResource; 2] = [NoticeResource::Calendar, NoticeResource::Tasks];

#[derive(Debug, Serialize)]
struct ListView {
    /// Whose they are, where it is not everybody's whom the viewer may see.
    of: Option<String>,
    /// The list without that.
    everybody_href: String,
    wanted: WantedView,
    search_label: &'static str,
    resources: Vec<Choice>,
    states: Vec<Choice>,
    /// Whether something is left out.
    is_narrowed: bool,
    columns: Vec<ColumnView>,
    conflicts: Vec<ConflictLine>,
    found: String,
    previous: Option<String>,
    next: Option<String>,
    microsoft: &'static str,
}

/// What the form of the list repeats.
#[derive(Debug, Serialize)]
struct WantedView {
    user: String,
    q: String,
    sort: String,
    order: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
    is_chosen: bool,
}

#[derive(Debug, Serialize)]
struct ColumnView {
    label: &'static str,
    href: Option<String>,
    /// `ascending`, `descending` or none.
    sorted: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct ConflictLine {
    at: String,
    user: String,
    /// The list of this user's alone.
    user_href: String,
    about: String,
    fields: String,
    winner: String,
    rule: String,
    state: &'static str,
    href: Option<String>,
}

/// Shows the list.
pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let one = if wanted.user.is_empty() { None } else { Some(viewer.open_login(&web, &wanted.user)?) };
    let filter = filter(&viewer, one.as_ref(), &wanted);
    let sorting = sorting(&wanted);
    let page = wanted.page.parse().unwrap_or(1);
    let page = web.app.crm().conflicts(&filter, sorting, page, CONFLICTS_PER_PAGE)?;
    let at = |number: usize| address(&wanted, sorting, number);
    let chosen =
        |value: &'static str, label, chosen: Option<&str>| Choice { value, label, is_chosen: chosen == Some(value) };
    let view = ListView {
        of: one.map(|user| user.display_name),
        everybody_href: address(&Wanted { user: String::new(), ..wanted.clone() }, sorting, 1),
        search_label: if viewer.user.administrator { "Name, login, address or own title" } else { "Title" },
        resources: RESOURCES
            .map(|one| chosen(one.as_str(), resource_label(one), filter.resource.map(NoticeResource::as_str)))
            .into(),
        states: ConflictState::ALL
            .iter()
            .map(|one| chosen(one.as_str(), state_label(*one), filter.state.map(ConflictState::as_str)))
            .collect(),
        is_narrowed: !filter.text.is_empty() || filter.resource.is_some() || filter.state.is_some(),
        columns: columns(&wanted, sorting),
        found: found(&page),
        previous: (page.page > 1).then(|| at(page.page - 1)),
        next: (page.page < page.pages).then(|| at(page.page + 1)),
        conflicts: page.conflicts.into_iter().map(|one| line(&web, &viewer, one)).collect::<Result<_, _>>()?,
        wanted: WantedView {
            sort: word(sorting).to_owned(),
            order: order(sorting).to_owned(),
            user: wanted.user,
            q: wanted.q,
        },
        microsoft: MICROSOFT,
    };
    Ok(render::page("conflicts.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

/// What the viewer may see of what is wanted. Titles are searched where they are the
/// viewer's own.
fn filter(viewer: &Viewer, one: Option<&User>, wanted: &Wanted) -> ConflictFilter {
    let whose = match one {
        Some(user) => Whose::User(user.id),
        None if viewer.user.administrator => Whose::Organization(viewer.user.organization_id),
        None => Whose::User(viewer.user.id),
    };
    ConflictFilter {
        whose,
        text: wanted.q.trim().to_owned(),
        titles_of: viewer.user.id,
        resource: wanted.resource.parse().ok(),
        state: wanted.state.parse().ok(),
    }
}

/// The latest first, unless something else is wanted.
fn sorting(wanted: &Wanted) -> ConflictSorting {
    let known = COLUMNS.iter().filter_map(|(sorted_by, _)| *sorted_by);
    let column = known.into_iter().find(|(_, word)| *word == wanted.sort);
    let column = column.map_or(ConflictColumn::Decided, |(column, _)| column);
    let is_descending = match wanted.order.as_str() {
        "asc" => false,
        "desc" => true,
        _ => column == ConflictColumn::Decided,
    };
    ConflictSorting { column, is_descending }
}

fn word(sorting: ConflictSorting) -> &'static str {
    let mut known = COLUMNS.iter().filter_map(|(sorted_by, _)| *sorted_by);
    known.find(|(column, _)| *column == sorting.column).map_or("decided", |(_, word)| word)
}

const fn order(sorting: ConflictSorting) -> &'static str {
    if sorting.is_descending { "desc" } else { "asc" }
}

fn columns(wanted: &Wanted, sorting: ConflictSorting) -> Vec<ColumnView> {
    let view = |(sorted_by, label): &(Option<(ConflictColumn, &str)>, &'static str)| {
        let Some((column, _)) = *sorted_by else { return ColumnView { label, href: None, sorted: None } };
        let is_sorted = column == sorting.column;
        let is_descending = if is_sorted { !sorting.is_descending } else { column == ConflictColumn::Decided };
        ColumnView {
            label,
            href: Some(address(wanted, ConflictSorting { column, is_descending }, 1)),
            sorted: is_sorted.then_some(if sorting.is_descending { "descending" } else { "ascending" }),
        }
    };
    COLUMNS.iter().map(view).collect()
}

/// The address of a page of the list.
fn address(wanted: &Wanted, sorting: ConflictSorting, page: usize) -> String {
    let mut address = format!("/conflicts?sort={}&order={}", word(sorting), order(sorting));
    let number = if page > 1 { page.to_string() } else { String::new() };
    let parts = [
        ("user", &wanted.user),
        ("q", &wanted.q),
        ("resource", &wanted.resource),
        ("state", &wanted.state),
        ("page", &number),
    ];
    for (name, value) in parts {
        if !value.is_empty() {
            address = format!("{address}&{name}={}", encoded(value));
        }
    }
    address
}

fn found(page: &ConflictPage) -> String {
    let conflicts = match page.found {
        0 => "Nothing found".to_owned(),
        1 => "1 conflict".to_owned(),
        more => format!("{more} conflicts"),
    };
    if page.pages > 1 { format!("{conflicts}, page {} of {}", page.page, page.pages) } else { conflicts }
}

fn line(web: &Web, viewer: &Viewer, listed: ListedConflict) -> Result<ConflictLine, PageError> {
    let ListedConflict { conflict, user, login } = listed;
    let names: Vec<String> = conflict.fields.iter().map(|field| label(&field.name)).collect();
    let is_own = conflict.user_id == Some(viewer.user.id);
    let about =
        if is_own { title(web, &viewer.user, &conflict)? } else { resource_label(conflict.resource).to_owned() };
    Ok(ConflictLine {
        at: viewer.dates().instant(conflict.decided_at),
        user,
        user_href: format!("/conflicts?user={}", encoded(&login)),
        about,
        fields: names.join(", "),
        winner: side(&web.product, conflict.winner).to_owned(),
        rule: rule_label(&web.product, conflict.rule),
        state: state_label(conflict.state()),
        href: is_own.then(|| format!("/conflicts/{}", conflict.id)),
    })
}
