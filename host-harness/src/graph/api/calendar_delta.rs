//! Rounds about calendars: `calendarView/delta` and `events/delta`
//! (api/event-delta, concepts/delta-query-events).
//!
//! The window of a view is frozen into the token. What lies outside of it is
//! reported as removed whenever it changes, whether or not it was ever seen.

use super::delta::{Subject, Tracked, serve};
use super::options::Options;
use super::{Context, list};
use crate::graph::calendar::instance::{in_window, instants, whole};
use crate::graph::model::{CalendarNo, Event};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Options that a round understands.
const VIEW: Options = Options::of_changes("CalendarView", &["$skiptoken", "$deltatoken"]);
const EVENTS: Options = Options::of(&["$skiptoken", "$deltatoken"], &["$skip", "$count", "$search"]);

/// `GET …/calendarView/delta`.
pub(crate) fn calendar_view(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    VIEW.check(context, "the changes of a view")?;
    serve(state, context, Tracked::View, calendar.into(), || list::window(context).map(Subject::View))
}

/// `GET …/events/delta`.
pub(crate) fn events(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    EVENTS.check(context, "the changes of events")?;
    serve(state, context, Tracked::Events, calendar.into(), || {
        let start = context.call.query.get("startdatetime");
        let start = start.map(|text| list::instant(text, "StartDateTime")).transpose()?;
        Ok(Subject::Events { start })
    })
}

/// The refusal of changes of a collection that has no change tracking.
pub(crate) fn not_tracked(type_name: &str) -> Refusal {
    let message = format!("Change tracking is not supported against 'microsoft.graph.{type_name}'.");
    Refusal::new(400, "BadRequest", message)
}

/// Whether an event belongs to what a round is about.
pub(crate) fn concerns(subject: Subject, event: &Event) -> bool {
    match subject {
        Subject::View(window) => !in_window(event, window).is_empty(),
        Subject::Events { start } => {
            let span = whole(event).span;
            start.is_none_or(|start| event.is_series() || instants(&span).end > start)
        }
        Subject::Lists | Subject::Tasks(_) | Subject::Messages | Subject::Folders => false,
    }
}
