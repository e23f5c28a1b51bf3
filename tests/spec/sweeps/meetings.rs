//! Meetings: who is told what, and how often, is as if nothing had happened.

use host_harness::sim::operation::{OccurrenceAct, Reply};

use super::*;

const BOTH: Setup = Setup { cast: &[Who::Anna, Who::Ben], ..CALENDAR };
const GUESTS: Guests = Guests { ben: true, outsider: true };
const SYNC_BEN: Operation = Operation::Sync(Who::Ben, Resource::Calendar);

fn in_calendars(before: &[Operation], who: Who) -> Scenario {
    Scenario { setup: BOTH, run: (who, Resource::Calendar), ..in_calendar(before) }
}

/// Anna invites in the CRM, moves a meeting, calls off a day of another one, and a
/// third one as a whole.
fn what_guests_are_told() -> Scenario {
    let before = [
        event(CRM, 1, EventAct::Create(at(5), None, GUESTS)),
        enter_series(CRM, 2, 6),
        event(CRM, 3, EventAct::Create(at(7), None, GUESTS)),
        SYNC,
        event(CRM, 1, EventAct::Invite(GUESTS)),
        event(CRM, 2, EventAct::Invite(GUESTS)),
        event(CRM, 3, EventAct::Rename(1)),
        SYNC,
        SYNC_BEN,
        event(CRM, 1, EventAct::Retime(at(8))),
        event(CRM, 2, EventAct::Occurrence(1, OccurrenceAct::Cancel)),
        event(CRM, 3, EventAct::Delete),
        event(CRM, 4, EventAct::Create(at(9), None, GUESTS)),
    ];
    in_calendars(&before, Who::Anna)
}

/// Ben answers one invitation in the CRM, and another one in Outlook.
fn answers() -> Scenario {
    let reply = |side, item, reply| Operation::Event(side, Who::Ben, item, EventAct::Reply(reply));
    let before = [
        event(MICROSOFT, 1, EventAct::Create(at(5), None, GUESTS)),
        event(CRM, 2, EventAct::Create(at(6), None, Guests::NOBODY)),
        SYNC,
        // A first run invites nobody: what it finds is nobody's edit.
        event(CRM, 2, EventAct::Invite(GUESTS)),
        SYNC,
        SYNC_BEN,
        reply(CRM, 1, Reply::Accept),
        reply(MICROSOFT, 2, Reply::Maybe),
    ];
    in_calendars(&before, Who::Ben)
}

sweeps!(what_guests_are_told, lost_answers);
sweeps!(answers);
