//! The list of alerts: what happened and what to do about it, searched, sorted and a
//! page at a time.
//!
//! A user sees their own alerts, with the names of their items; an administrator
//! sees those of the organization, without other people's titles.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{PAGE, href};
use crate::app::is_releasable;
use crate::crm::notices::{
    Alert, AlertColumn, AlertKind, AlertList, AlertSearch, AlertSorting, AlertSummary, EVERYBODY, ListedAlert,
    NoticeResource,
};
use crate::crm::overview::Whose;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::access::Target;
use crate::web::account::{SYSTEM_CONFIGURATION, account_page, settings_page};
use crate::web::dates::Moment;
use crate::web::error::PageError;
use crate::web::items::{ItemLine, own_item};
use crate::web::listing::{Asked, Column, Heading, Pager, Repeated, Sorting};
use crate::web::notices::{resource_label, whose_of};
use crate::web::render;
use crate::web::run_now::PreviewForm;
use crate::web::viewer::{Place, Viewer};

/// The code of an alert about the Azure application, which concerns everybody's account.
const APPLICATION_REFUSED: &str = "application-refused";

/// Causes that a setting of the user mends.
const SETTINGS_CODES: [&str; 2] = ["calendar-not-found", "task-list-not-found"];

/// Alerts of one page: what a person looks through, and a browser lays out at once.
const ALERTS_PER_PAGE: usize = 50;

/// What is asked of the list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    resolved: bool,
    #[serde(flatten)]
    asked: Asked,
}

impl Column for AlertColumn {
    const ALL: &'static [Self] = &[Self::Since, Self::Last, Self::User, Self::About];

    fn word(self) -> &'static str {
        match self {
            Self::Since => "since",
            Self::Last => "last",
            Self::User => "user",
            Self::About => "about",
        }
    }

    fn is_largest_first(self) -> bool {
        matches!(self, Self::Since | Self::Last)
    }
}

#[derive(Debug, Serialize)]
struct AlertsView {
    subtitle: &'static str,
    /// Whose they are, where they are one user's.
    of: Option<String>,
    /// The list without that.
    everybody_href: String,
    open_href: String,
    resolved_href: String,
    /// The list without a search.
    unsearched_href: String,
    /// Whether it is of what is over.
    resolved: bool,
    wanted: Repeated,
    search_label: &'static str,
    /// How many there are of which cause, where there are several.
    causes: Vec<CauseLine>,
    columns: Vec<Heading>,
    /// What the second column is called in a line of its own.
    last_label: &'static str,
    alerts: Vec<AlertLine>,
    pager: Pager,
}

#[derive(Debug, Serialize)]
struct CauseLine {
    resource: &'static str,
    cause: String,
    count: u32,
}

#[derive(Debug, Serialize)]
struct AlertLine {
    since: Moment,
    /// When it was said last, or was over.
    last: Moment,
    user: String,
    resource: &'static str,
    cause: String,
    message: String,
    hint: String,
    item: Option<ItemLine>,
    /// Where it is seen to.
    place: Option<PlaceLink>,
    /// What shows the items that a guard rail holds.
    preview: Option<PreviewForm>,
    release_href: Option<String>,
    /// What somebody may do who may not release it.
    ask_administrator: bool,
}

#[derive(Debug, Serialize)]
struct PlaceLink {
    href: String,
    label: &'static str,
}

impl PlaceLink {
    /// Of an alert that is open, where a page that the viewer may open is the place.
    fn of(viewer: &Viewer, alert: &Alert) -> Option<Self> {
        let user = alert.user_id.filter(|_| alert.resolved_at.is_none())?;
        if alert.code == APPLICATION_REFUSED && viewer.require(Target::System).is_ok() {
            return Some(Self { href: SYSTEM_CONFIGURATION.to_owned(), label: "System Configuration" });
        }
        if alert.resource == NoticeResource::Account || alert.kind == AlertKind::Auth {
            return Some(Self { href: account_page(viewer, user), label: "Microsoft Account" });
        }
        let label = if viewer.user.id == user { "My Configuration" } else { "User Configuration" };
        let is_setting = SETTINGS_CODES.contains(&alert.code.as_str());
        if is_setting {
            return Some(Self { href: settings_page(viewer, user), label });
        }
        // The item of one's own is linked by its title.
        (viewer.user.id != user).then(|| Self { href: format!("/status/{user}"), label: "Status of the user" })
    }
}

/// Shows the list.
pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = &wanted.asked;
    let one = asked.one(&web, &viewer)?;
    let search = search(&viewer, one.as_ref(), &wanted);
    // What was said last comes first, unless something else is wanted.
    let sorting = asked.sorting(AlertColumn::Last);
    let by = AlertSorting { column: sorting.column, is_descending: sorting.is_descending };
    let page = web.app.crm().alert_page(&search, by, asked.page(), ALERTS_PER_PAGE)?;
    let lines = page.items.into_iter().map(|listed| line(&web, &viewer, listed));
    let is_of_everybody = !wanted.resolved && one.is_none() && search.text.is_empty();
    let of_list = |resolved| address(&Wanted { resolved, ..wanted.clone() }, sorting, 1);
    let with = |asked| address(&Wanted { asked, ..wanted.clone() }, sorting, 1);
    let last_label = if wanted.resolved { "Over" } else { "Last time" };
    let view = AlertsView {
        subtitle: "What needs somebody to act, and what to do about it.",
        of: one.map(|user| user.display_name),
        everybody_href: with(asked.of_everybody()),
        open_href: of_list(false),
        resolved_href: of_list(true),
        unsearched_href: with(asked.without_search()),
        resolved: wanted.resolved,
        search_label: match search.whose {
            Whose::User(_) => "Message, advice or cause",
            Whose::All | Whose::Organization(_) => "User, message, advice or cause",
        },
        causes: if is_of_everybody { causes(&web, &viewer)? } else { Vec::new() },
        columns: columns(&wanted, sorting, last_label),
        last_label,
        alerts: lines.collect::<Result<_, _>>()?,
        pager: Pager::new(page.found, ("alert", "alerts"), (page.page, page.pages), |number| {
            address(&wanted, sorting, number)
        }),
        wanted: wanted.asked.repeated(sorting),
    };
    Ok(render::page("alerts.html", &viewer.chrome(&web, Place::Alerts), &view)?.into_response())
}

/// What the viewer may see of what is wanted. No title is searched: an alert has none.
fn search(viewer: &Viewer, one: Option<&User>, wanted: &Wanted) -> AlertSearch {
    AlertSearch {
        whose: whose_of(viewer, one),
        list: if wanted.resolved { AlertList::Resolved } else { AlertList::Open },
        text: wanted.asked.text().to_owned(),
    }
}

fn columns(wanted: &Wanted, sorting: Sorting<AlertColumn>, last_label: &'static str) -> Vec<Heading> {
    let by = |column, label| sorting.heading(column, label, |sorting| address(wanted, sorting, 1));
    vec![
        by(AlertColumn::Since, "Since"),
        by(AlertColumn::Last, last_label),
        by(AlertColumn::User, "User"),
        by(AlertColumn::About, "About"),
        Heading::plain("What happened"),
        Heading::plain("What to do"),
    ]
}

fn address(wanted: &Wanted, sorting: Sorting<AlertColumn>, page: usize) -> String {
    let resolved = if wanted.resolved { "true" } else { "" };
    let Asked { user, q, .. } = &wanted.asked;
    sorting.address(PAGE, &[("user", user), ("resolved", resolved), ("q", q)], page)
}

/// The summary for administrators, where it says more than the list.
fn causes(web: &Web, viewer: &Viewer) -> Result<Vec<CauseLine>, PageError> {
    let organization = viewer.user.organization_id;
    if viewer.require(Target::Organization(organization)).is_err() {
        return Ok(Vec::new());
    }
    let summary = web.app.crm().summarize_alerts(organization)?;
    let is_short = summary.iter().all(|cause| cause.count < 2);
    let line = |AlertSummary { resource, code, count, .. }: AlertSummary| CauseLine {
        resource: resource_label(resource),
        cause: in_words(&code),
        count,
    };
    Ok(if is_short { Vec::new() } else { summary.into_iter().map(line).collect() })
}

/// A cause as people read it, and search for it.
fn in_words(code: &str) -> String {
    code.replace('-', " ")
}

fn line(web: &Web, viewer: &Viewer, listed: ListedAlert) -> Result<AlertLine, PageError> {
    let ListedAlert { alert, user } = listed;
    let dates = viewer.dates();
    let is_own = alert.user_id == Some(viewer.user.id);
    let item = match alert.item_id.as_deref().filter(|_| is_own) {
        Some(id) => own_item(web, viewer, alert.resource, id)?,
        None => None,
    };
    let may_release = viewer.require(Target::Organization(alert.organization_id)).is_ok();
    let releasable = is_releasable(&alert);
    let owner = alert.user_id.filter(|_| releasable).map(|id| web.app.crm().user(id)).transpose()?;
    Ok(AlertLine {
        place: PlaceLink::of(viewer, &alert),
        since: dates.moment(alert.created_at),
        last: dates.moment(alert.resolved_at.unwrap_or(alert.updated_at)),
        user: user.unwrap_or_else(|| EVERYBODY.to_owned()),
        resource: resource_label(alert.resource),
        cause: in_words(&alert.code),
        item,
        preview: owner.and_then(|owner| PreviewForm::of(alert.resource, &owner)),
        release_href: (releasable && may_release).then(|| href(alert.id)),
        ask_administrator: releasable && !may_release,
        message: alert.message,
        hint: alert.hint,
    })
}
