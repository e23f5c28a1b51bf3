//! Which entry of Microsoft's calendar is an event of the CRM, and the other way
//! round, as far as the pages can know it (see [`crate::web::link`]).

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::sources::{of_crm, of_graph, of_instance};
use super::view::{Shown, When};
use crate::crm::event::expand::EventInstance;
use crate::crm::event::{CalendarEvent, EventKind, EventValues};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::link::{How, Twin};
use crate::web::mailbox::{self, Mailbox};

/// How far around an event entries are looked at that are the same item for sure,
/// in days: somebody may have moved them.
const AROUND_DAYS: i64 = 62;

/// What is looked for.
#[derive(Debug)]
pub struct Sought<'a> {
    /// The event; of a day of a series that is as the rule has it, the series.
    pub event: &'a CalendarEvent,
    /// What is shown of it.
    pub values: &'a EventValues,
    /// The meeting of Microsoft's that it was noted to be.
    pub meeting_uid: Option<String>,
    /// What records of the sync call it in Microsoft's calendar.
    pub named: Vec<String>,
}

/// An entry of Microsoft's calendar.
struct Entry<'a> {
    graph: &'a Value,
    shown: Shown,
}

impl Entry<'_> {
    fn text(&self, name: &str) -> &str {
        self.graph.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// By which rule it is the event; none where it is another one.
    fn is(&self, sought: &Sought<'_>, looks: &[Shown]) -> Option<How> {
        let ids = [self.text("id"), self.text("seriesMasterId")];
        if sought.named.iter().any(|named| ids.contains(&named.as_str())) {
            Some(How::Named)
        } else if sought.meeting_uid.as_deref().is_some_and(|uid| uid == self.text("iCalUId")) {
            Some(How::Meeting)
        } else if looks.iter().any(|shown| shown.looks_like(&self.shown)) {
            Some(How::Looks)
        } else {
            None
        }
    }
}

/// What there is of an event in Microsoft's calendar.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn find(web: &Web, user: &User, sought: &Sought<'_>) -> Result<Twin, PageError> {
    let Mailbox { microsoft, name } = match mailbox::of(web, user).await? {
        Ok(mailbox) => mailbox,
        Err(sentence) => return Ok(Twin::Hidden(sentence)),
    };
    let (from, until) = around(sought.values.start, sought.values.end);
    let Ok(events) = microsoft.calendar_view(&name, from, until) else {
        return Ok(Twin::Hidden(mailbox::GONE.to_owned()));
    };
    // A series is where any of its occurrences is.
    let is_series = sought.event.values.kind() == EventKind::Series && sought.values.recurring_event_id.is_none();
    let looks = if is_series { occurrences(web, sought.event, from, until)? } else { vec![shown(sought)] };
    let entries = events.iter().filter_map(|graph| Some(Entry { shown: of_graph(graph)?, graph }));
    let found = entries.filter_map(|entry| entry.is(sought, &looks).map(|how| (entry, how)));
    // Several occurrences of a series may be meant: of those that are equally sure
    // the one that looks like it.
    let best = found.min_by_key(|(entry, how)| (*how, !looks.iter().any(|shown| shown.looks_like(&entry.shown))));
    Ok(best.map_or(Twin::None, |(entry, how)| {
        let id = match (is_series, entry.text("seriesMasterId")) {
            (true, master) if !master.is_empty() => master,
            (true | false, _) => entry.text("id"),
        };
        let differs = !looks.iter().any(|shown| shown.looks_like(&entry.shown));
        Twin::Found { href: mailbox::item_href(web, &name, "events", id), how, differs }
    }))
}

fn shown(sought: &Sought<'_>) -> Shown {
    of_crm(&CalendarEvent { values: sought.values.clone(), ..sought.event.clone() })
}

/// What the calendar shows of a series.
fn occurrences(
    web: &Web,
    series: &CalendarEvent,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Shown>, PageError> {
    let instances = web.app.crm().event_instances(series.owner, from, until)?;
    let is_of_series = |instance: &&EventInstance| instance.series_id == Some(series.id);
    Ok(instances.iter().filter(is_of_series).map(of_instance).collect())
}

/// The entries of the CRM's calendar that look like one of Microsoft's.
///
/// # Errors
/// The CRM cannot be read.
pub fn in_crm(web: &Web, user: &User, sought: &Shown) -> Result<Option<Shown>, PageError> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (start, end) = match sought.when {
        When::Timed { start, end } => (start, end),
        When::AllDay { first, last } => (midnight(first), midnight(last)),
        When::Due(day) => (midnight(day), midnight(day)),
    };
    let (from, until) = around(start, end);
    let instances = web.app.crm().event_instances(user.id, from, until)?;
    Ok(instances.iter().map(of_instance).find(|shown| shown.looks_like(sought)))
}

fn around(start: DateTime<Utc>, end: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let days = TimeDelta::days(AROUND_DAYS);
    (start - days, end + days)
}
