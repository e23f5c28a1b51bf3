//! What may happen: circumstances and transitions of either kind.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use crate::settings::{ConflictRule, SyncMode};
use crate::sync::{Policy, Side};

use super::events::EventEdit;
use super::kind::{Edit, Kind, New};
use super::series::SeriesEdit;
use super::tasks::{TaskEdit, Ways};
use super::{History, Transition};

/// Histories of two calendars.
#[derive(Clone, Debug)]
pub struct Calendars;

/// Histories of two lists of tasks.
#[derive(Clone, Debug)]
pub struct TaskLists;

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Crm), Just(Side::M365)]
}

fn policy() -> impl Strategy<Value = Policy> {
    let mode = prop_oneof![
        2 => Just(SyncMode::Bidirectional),
        1 => Just(SyncMode::CrmToM365),
        1 => Just(SyncMode::M365ToCrm),
    ];
    let rule = prop_oneof![Just(ConflictRule::CrmWins), Just(ConflictRule::M365Wins)];
    (mode, rule).prop_map(|(mode, rule)| Policy { mode, rule })
}

fn event_edit() -> impl Strategy<Value = Edit> {
    let small = 0..4_u8;
    let event = prop_oneof![
        2 => small.clone().prop_map(EventEdit::Time),
        1 => small.clone().prop_map(EventEdit::Reminder),
        1 => small.clone().prop_map(EventEdit::Location),
        2 => small.clone().prop_map(EventEdit::Invite),
        1 => small.clone().prop_map(EventEdit::Uninvite),
        2 => (small.clone(), any::<bool>()).prop_map(|(guest, accepts)| EventEdit::Answer(guest, accepts)),
        1 => small.clone().prop_map(EventEdit::Tag),
        1 => small.clone().prop_map(EventEdit::Untag),
        8 => series_edit().prop_map(EventEdit::Series),
    ];
    prop_oneof![
        3 => small.clone().prop_map(Edit::Title),
        2 => small.prop_map(Edit::Body),
        19 => event.prop_map(Edit::Event),
    ]
}

fn series_edit() -> impl Strategy<Value = SeriesEdit> {
    let (day, value) = (0..3_u8, 0..3_u8);
    let both = (day.clone(), value.clone());
    prop_oneof![
        4 => (0..5_u8).prop_map(SeriesEdit::Rule),
        1 => value.prop_map(SeriesEdit::RangeEnd),
        3 => day.clone().prop_map(SeriesEdit::Cancel),
        1 => day.prop_map(SeriesEdit::Restore),
        3 => both.clone().prop_map(|(day, title)| SeriesEdit::Retitle(day, title)),
        2 => both.clone().prop_map(|(day, hours)| SeriesEdit::Move(day, hours)),
        2 => both.prop_map(|(day, place)| SeriesEdit::Relocate(day, place)),
    ]
}

fn task_edit() -> impl Strategy<Value = Edit> {
    let (small, three) = (0..4_u8, 0..3_u8);
    let task = prop_oneof![
        3 => small.clone().prop_map(TaskEdit::Due),
        3 => small.clone().prop_map(TaskEdit::RemindAt),
        2 => (small.clone(), small.clone()).prop_map(|(day, at)| TaskEdit::Plan(day, at)),
        1 => three.clone().prop_map(TaskEdit::Importance),
        3 => three.prop_map(TaskEdit::Status),
    ];
    prop_oneof![
        2 => small.clone().prop_map(Edit::Title),
        1 => small.prop_map(Edit::Body),
        11 => task.prop_map(Edit::Task),
    ]
}

fn new_event() -> impl Strategy<Value = New> {
    let guests = proptest::collection::vec(0..4_u8, 0..2);
    let values = (0..4_u8, 0..2_u8, 0..3_u8, guests, proptest::bool::weighted(0.2));
    values.prop_map(|(title, time, body, guests, invitation)| New::Event { title, time, body, guests, invitation })
}

fn new_task() -> impl Strategy<Value = New> {
    let values = (0..4_u8, 0..4_u8, 0..4_u8, 0..2_u8, 0..3_u8, proptest::bool::weighted(0.2));
    values.prop_map(|(title, due, reminder, importance, status, recurring)| New::Task {
        title,
        due,
        reminder,
        importance,
        status,
        recurring,
    })
}

/// What happens to items of which new ones, edits and interrupted runs are like
/// these.
fn transitions(
    new: impl Strategy<Value = New> + 'static,
    edit: impl Strategy<Value = Edit> + 'static,
    interrupted: impl Strategy<Value = Transition> + 'static,
) -> BoxedStrategy<Transition> {
    prop_oneof![
        3 => (side(), new).prop_map(|(on, new)| Transition::Add { on, new }),
        8 => (side(), 0..3_usize, edit).prop_map(|(on, nth, edit)| Transition::Edit { on, nth, edit }),
        2 => (side(), 0..3_usize).prop_map(|(on, nth)| Transition::Delete { on, nth }),
        1 => policy().prop_map(Transition::Settings),
        4 => Just(Transition::Sync),
        1 => Just(Transition::SyncTwice),
        1 => side().prop_map(Transition::SyncWhileRefused),
        1 => Just(Transition::SyncUntilLost),
        2 => interrupted,
        1 => Just(Transition::Compare),
        1 => Just(Transition::Replay),
    ]
    .boxed()
}

fn begun(kind: impl Strategy<Value = Kind> + 'static) -> BoxedStrategy<History> {
    (policy(), kind).prop_map(|(policy, kind)| History { policy, kind, happened: Vec::new() }).boxed()
}

fn with(mut state: History, transition: &Transition) -> History {
    state.happened.push(transition.clone());
    state
}

impl ReferenceStateMachine for Calendars {
    type State = History;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<History> {
        begun(any::<bool>().prop_map(|guests_writable| Kind::Events { guests_writable }))
    }

    fn transitions(_: &History) -> BoxedStrategy<Transition> {
        let interrupted = prop_oneof![Just(Transition::SyncUntilCrash), Just(Transition::SyncHalf)];
        transitions(new_event(), event_edit(), interrupted)
    }

    fn apply(state: History, transition: &Transition) -> History {
        with(state, transition)
    }
}

impl ReferenceStateMachine for TaskLists {
    type State = History;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<History> {
        let ways = (any::<bool>(), any::<bool>());
        begun(ways.prop_map(|(knows_in_progress, status_by_workflow)| {
            Kind::Tasks(Ways { knows_in_progress, status_by_workflow })
        }))
    }

    fn transitions(_: &History) -> BoxedStrategy<Transition> {
        transitions(new_task(), task_edit(), Just(Transition::SyncUntilCrash))
    }

    fn apply(state: History, transition: &Transition) -> History {
        with(state, transition)
    }
}
