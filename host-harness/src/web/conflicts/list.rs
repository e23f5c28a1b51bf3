//! The list of conflicts: searched, narrowed, sorted and a page at a time.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::sentences::{MICROSOFT, rule_label, side, state_label};
use crate::crm::notices::{
    ConflictColumn, ConflictFilter, ConflictSorting, ConflictState, ListedConflict, NoticeResource,
};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::dates::Moment;
use crate::web::error::PageError;
use crate::web::fields::label;
use crate::web::forms::encoded;
use crate::web::listing::{Asked, Choice, Column, Heading, Pager, Repeated, Sorting};
use crate::web::notices::{resource_label, whose_of};
use crate::web::render;
use crate::web::viewer::{Place, Viewer};

/// Conflicts of one page: what a person looks through, and a browser lays out at once.
const CONFLICTS_PER_PAGE: usize = 50;

/// What is asked of the list. What is not known asks for nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    resource: String,
    #[serde(default)]
    state: String,
    #[serde(flatten)]
    asked: Asked,
}

/// The headings, with the columns of those that the list can be sorted by.
const HEADINGS: [(Option<ConflictColumn>, &str); 8] = [
    (Some(ConflictColumn::Decided), "Decided"),
    (Some(ConflictColumn::User), "User"),
    (Some(ConflictColumn::Resource), "Resource Type"),
    (None, "Item"),
    (None, "Fields"),
    (Some(ConflictColumn::Winner), "Won"),
    (None, "Why"),
    (Some(ConflictColumn::State), "State"),
];

impl Column for ConflictColumn {
    const ALL: &'static [Self] = &[Self::Decided, Self::User, Self::Resource, Self::Winner, Self::State];

    fn word(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::User => "user",
            Self::Resource => "resource",
            Self::Winner => "won",
            Self::State => "state",
        }
    }

    fn is_largest_first(self) -> bool {
        self == Self::Decided
    }
}

/// The resources that have conflicts.
const RESOURCES: [NoticeResource; 2] = [NoticeResource::Calendar, NoticeResource::Tasks];

#[derive(Debug, Serialize)]
struct ListView {
    /// Whose they are, where it is not everybody's whom the viewer may see.
    of: Option<String>,
    /// The list without that.
    everybody_href: String,
    /// The list without a search, and with everything that was left out.
    unsearched_href: String,
    wanted: Repeated,
    search_label: &'static str,
    resources: Vec<Choice>,
    states: Vec<Choice>,
    /// Whether something is left out.
    is_narrowed: bool,
    columns: Vec<Heading>,
    conflicts: Vec<ConflictLine>,
    pager: Pager,
    microsoft: &'static str,
}

#[derive(Debug, Serialize)]
struct ConflictLine {
    at: Moment,
    user: String,
    /// The list of this user's alone.
    user_href: String,
    resource: &'static str,
    /// The item by the title that it had, which is the one that is searched for.
    item: String,
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
    let asked = &wanted.asked;
    let one = asked.one(&web, &viewer)?;
    let filter = filter(&viewer, one.as_ref(), &wanted);
    // The latest first, unless something else is wanted.
    let sorting = asked.sorting(ConflictColumn::Decided);
    let by = ConflictSorting { column: sorting.column, is_descending: sorting.is_descending };
    let page = web.app.crm().conflicts(&filter, by, asked.page(), CONFLICTS_PER_PAGE)?;
    let at = |number: usize| address(&wanted, sorting, number);
    let view = ListView {
        of: one.map(|user| user.display_name),
        everybody_href: address(&Wanted { asked: asked.of_everybody(), ..wanted.clone() }, sorting, 1),
        unsearched_href: address(&Wanted { asked: asked.without_search(), ..Wanted::default() }, sorting, 1),
        search_label: if viewer.user.administrator { "Name, login, address or own title" } else { "Title" },
        resources: RESOURCES
            .map(|one| Choice::new(one.as_str(), resource_label(one), filter.resource.map(NoticeResource::as_str)))
            .into(),
        states: ConflictState::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), state_label(*one), filter.state.map(ConflictState::as_str)))
            .collect(),
        is_narrowed: !filter.text.is_empty() || filter.resource.is_some() || filter.state.is_some(),
        columns: columns(&wanted, sorting),
        pager: Pager::new(page.found, ("conflict", "conflicts"), (page.page, page.pages), at),
        conflicts: page.items.into_iter().map(|one| line(&web, &viewer, one)).collect(),
        wanted: wanted.asked.repeated(sorting),
        microsoft: MICROSOFT,
    };
    Ok(render::page("conflicts.html", &viewer.chrome(&web, Place::Conflicts), &view)?.into_response())
}

/// What the viewer may see of what is wanted. Titles are searched where they are the
/// viewer's own.
fn filter(viewer: &Viewer, one: Option<&User>, wanted: &Wanted) -> ConflictFilter {
    ConflictFilter {
        whose: whose_of(viewer, one),
        text: wanted.asked.text().to_owned(),
        titles_of: viewer.user.id,
        resource: wanted.resource.parse().ok(),
        state: wanted.state.parse().ok(),
    }
}

fn columns(wanted: &Wanted, sorting: Sorting<ConflictColumn>) -> Vec<Heading> {
    let heading = |(column, label): (Option<ConflictColumn>, &'static str)| match column {
        Some(column) => sorting.heading(column, label, |sorting| address(wanted, sorting, 1)),
        None => Heading::plain(label),
    };
    HEADINGS.map(heading).into()
}

/// The address of a page of the list.
fn address(wanted: &Wanted, sorting: Sorting<ConflictColumn>, page: usize) -> String {
    let Wanted { resource, state, asked: Asked { user, q, .. } } = wanted;
    sorting.address("/conflicts", &[("user", user), ("q", q), ("resource", resource), ("state", state)], page)
}

fn line(web: &Web, viewer: &Viewer, listed: ListedConflict) -> ConflictLine {
    let ListedConflict { conflict, user, login } = listed;
    let names: Vec<String> = conflict.fields.iter().map(|field| label(&field.name)).collect();
    let is_own = conflict.user_id == Some(viewer.user.id);
    let item = match conflict.title.as_str() {
        _ if !is_own => "Title not shown here".to_owned(),
        "" => "(no title)".to_owned(),
        title => title.to_owned(),
    };
    ConflictLine {
        at: viewer.dates().moment(conflict.decided_at),
        user,
        user_href: format!("/conflicts?user={}", encoded(&login)),
        resource: resource_label(conflict.resource),
        item,
        fields: names.join(", "),
        winner: side(&web.product, conflict.winner).to_owned(),
        rule: rule_label(&web.product, conflict.rule),
        state: state_label(conflict.state()),
        href: is_own.then(|| format!("/conflicts/{}", conflict.id)),
    }
}
