//! Edits and deletions in a calendar that is in step.

use host_harness::sim::operation::{Direction, Expiry, OccurrenceAct, Setting};

use super::*;

/// Which zone of the histories has no summer time.
const UTC: u32 = 4;

/// Texts of both sides that meet, and edits of different fields; a deletion on
/// either side, on both, and against an edit.
fn edits_and_deletions(crm_wins: bool) -> Scenario {
    in_calendar(&[
        Operation::Set(Setting::CrmWins(Resource::Calendar, crm_wins)),
        enter(CRM, 1, 2),
        enter(MICROSOFT, 2, 3),
        enter(CRM, 3, 4),
        enter(MICROSOFT, 4, 5),
        enter(CRM, 5, 6),
        enter(MICROSOFT, 6, 7),
        enter(CRM, 7, 8),
        SYNC,
        event(CRM, 1, EventAct::Rename(1)),
        event(MICROSOFT, 1, EventAct::Rename(2)),
        event(MICROSOFT, 1, EventAct::Describe(3)),
        event(CRM, 2, EventAct::Retime(at(12))),
        event(MICROSOFT, 2, EventAct::Remind(25)),
        event(CRM, 3, EventAct::Delete),
        event(MICROSOFT, 3, EventAct::Rename(4)),
        event(CRM, 4, EventAct::Rename(5)),
        event(MICROSOFT, 4, EventAct::Delete),
        event(CRM, 5, EventAct::Delete),
        event(MICROSOFT, 6, EventAct::Delete),
        event(CRM, 7, EventAct::Delete),
        event(MICROSOFT, 7, EventAct::Delete),
    ])
}

fn edits_and_deletions_where_the_crm_wins() -> Scenario {
    edits_and_deletions(true)
}

fn edits_and_deletions_where_microsoft_wins() -> Scenario {
    edits_and_deletions(false)
}

/// Series of either side, of which the other one has moved, renamed or called off
/// a day.
fn days_of_series() -> Scenario {
    in_calendar(&[
        enter_series(MICROSOFT, 1, 2),
        enter_series(CRM, 2, 3),
        SYNC,
        event(CRM, 1, EventAct::Occurrence(1, OccurrenceAct::Move(60))),
        event(CRM, 1, EventAct::Occurrence(3, OccurrenceAct::Cancel)),
        event(MICROSOFT, 2, EventAct::Occurrence(2, OccurrenceAct::Rename(1))),
        event(MICROSOFT, 2, EventAct::Occurrence(4, OccurrenceAct::Cancel)),
    ])
}

/// New events of both sides, which go out together, a series with a day of its own
/// among them.
fn many_at_once() -> Scenario {
    in_calendar(&[
        enter(CRM, 1, 2),
        SYNC,
        enter(CRM, 2, 3),
        enter(CRM, 3, 5),
        enter_series(CRM, 4, 6),
        event(CRM, 4, EventAct::Occurrence(1, OccurrenceAct::Move(60))),
        enter(CRM, 5, 7),
        enter(MICROSOFT, 6, 8),
        enter_series(MICROSOFT, 7, 12),
        event(CRM, 1, EventAct::Retime(at(20))),
    ])
}

/// A series of which its rule leaves nothing, which the CRM cannot hold: one that
/// becomes so, and one that can be read again. Somebody is told of the one, and the
/// alert about the other is over.
fn what_cannot_be_read() -> Scenario {
    let nothing = Rule { kind: RuleKind::Weekly, interval: 2, more_days: 0, off_by: 3, end: End::On(0) };
    in_calendar(&[
        enter(CRM, 1, 2),
        enter(MICROSOFT, 2, 3),
        SYNC,
        event(MICROSOFT, 2, EventAct::Recur(nothing)),
        SYNC,
        event(MICROSOFT, 1, EventAct::Recur(nothing)),
        event(MICROSOFT, 2, EventAct::Single),
    ])
}

/// A decision between two texts is to be taken back.
fn a_decision_taken_back() -> Scenario {
    in_calendar(&[
        enter(CRM, 1, 2),
        SYNC,
        event(CRM, 1, EventAct::Rename(1)),
        event(MICROSOFT, 1, EventAct::Rename(2)),
        SYNC,
        Operation::TakeBack(Who::Anna, Resource::Calendar),
    ])
}

/// The window grows over events that only one side had, or both.
fn a_wider_window() -> Scenario {
    // No clock changes between the two sides here.
    let later =
        |side, item, day| event(side, item, EventAct::Create(When { zone: UTC, ..at(day) }, None, Guests::NOBODY));
    in_calendar(&[
        Operation::Set(Setting::Window(30, 20)),
        enter(CRM, 1, 2),
        later(CRM, 2, 60),
        later(MICROSOFT, 3, 60),
        later(CRM, 4, 61),
        later(MICROSOFT, 4, 61),
        SYNC,
        event(CRM, 1, EventAct::Rename(1)),
        Operation::Set(Setting::Window(365, 365)),
    ])
}

/// Everything flows from the CRM from now on.
fn another_direction() -> Scenario {
    let before = [
        enter(CRM, 1, 2),
        enter(MICROSOFT, 2, 3),
        enter(MICROSOFT, 3, 4),
        SYNC,
        Operation::Set(Setting::Direction(Resource::Calendar, Direction::From(CRM))),
        event(CRM, 1, EventAct::Rename(1)),
        event(CRM, 2, EventAct::Retime(at(8))),
        event(CRM, 3, EventAct::Delete),
        enter(CRM, 4, 5),
    ];
    Scenario { setup: Setup { turning: true, ..CALENDAR }, ..in_calendar(&before) }
}

/// Microsoft has forgotten cursors and tokens while both sides were edited.
fn forgotten_cursors_and_tokens() -> Scenario {
    in_calendar(&[
        enter(CRM, 1, 2),
        enter(MICROSOFT, 2, 3),
        enter(CRM, 3, 4),
        SYNC,
        event(MICROSOFT, 1, EventAct::Rename(1)),
        event(CRM, 2, EventAct::Rename(2)),
        event(MICROSOFT, 3, EventAct::Delete),
        enter(MICROSOFT, 4, 5),
        Operation::Expire(Expiry::DeltaTokens),
        Operation::Expire(Expiry::AccessTokens),
    ])
}

/// People go on before anybody is synchronised again.
fn edits_before_the_recovery() -> Scenario {
    let before = [
        enter(CRM, 1, 2),
        enter(MICROSOFT, 2, 3),
        SYNC,
        event(MICROSOFT, 1, EventAct::Rename(1)),
        event(CRM, 2, EventAct::Rename(2)),
        enter(CRM, 3, 4),
    ];
    let then = vec![
        event(CRM, 1, EventAct::Rename(3)),
        event(MICROSOFT, 2, EventAct::Rename(4)),
        event(CRM, 3, EventAct::Retime(at(12))),
    ];
    Scenario { then, ..in_calendar(&before) }
}

sweeps!(edits_and_deletions_where_the_crm_wins, lost_answers, every_fault);
sweeps!(edits_and_deletions_where_microsoft_wins);
sweeps!(days_of_series);
sweeps!(many_at_once, lost_answers);
sweeps!(what_cannot_be_read, lost_answers);
sweeps!(a_decision_taken_back);
sweeps!(a_wider_window);
sweeps!(another_direction);
sweeps!(forgotten_cursors_and_tokens);
sweeps!(edits_before_the_recovery);
