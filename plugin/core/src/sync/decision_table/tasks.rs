//! The groups of a task: its status, its date, and the reminder that a CRM moves
//! along with that. The notation is [`super::picture`]'s; a status is `.` open,
//! `a` in progress, `b` closed.

use crate::model::{
    CrmId, CrmVersion, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Record,
};
use crate::sync::check::check;
use crate::sync::{
    CrmSeen, Decision, End, GraphSeen, Link, Merge, Organizer, Policy, PresentEnd, Situation, Written, merge,
    with_reminder,
};

use super::groups::{BIDI, Row, TO_CRM, TO_M365, verify};
use super::picture::{BIDI_CRM, BIDI_M365, POLICIES, TO_CRM_1, day};

/// Where a workflow keeps it, the CRM's status may not be written.
#[rustfmt::skip]
const STATUS_ROWS: &[Row] = &[
    // claim                                                      policies      CRM      Microsoft  outcome
    ("a status flows from To Do",                                 BIDI,         ".",     ".>b",     "crm=b settled"),
    ("a status flows from the CRM",                               BIDI,         ".>b",   ".",       "m365=b settled"),
    ("reopened flows like any other",                             BIDI,         "b>.",   "b",       "m365=. settled"),
    ("closed on both sides is agreed",                            &POLICIES,    "a>b",   "a>b",     "settled"),
    ("the CRM does not know in-progress: that is agreed",         &POLICIES,    ".",     "a",       "settled"),
    ("and closing it there flows",                                BIDI,         ".>b",   "a",       "m365=b settled"),
    ("two statuses, the CRM wins: recorded",                      &[BIDI_CRM],  ".>b",   ".>a",     "m365=b settled (.|b|a)"),
    ("two statuses, To Do wins: recorded",                        &[BIDI_M365], ".>b",   ".>a",     "crm=a settled (.|b|a)"),
    ("a workflow keeps it: To Do's stays open",                   BIDI,         ".!",    ".>b",     "open !crm"),
    ("and is agreed once people have moved it on",                BIDI,         ".>b!",  ".>b",     "settled"),
    ("what people move on flows",                                 BIDI,         ".>b!",  ".",       "m365=b settled"),
    ("and wins where the CRM does",                               &[BIDI_CRM],  ".>b!",  ".>a",     "m365=b settled (.|b|a)"),
    ("where To Do wins, both stand",                              &[BIDI_M365], ".>b!",  ".>a",     "open !crm"),
    ("one way to a CRM with a workflow: To Do's stays open",      TO_CRM,       ".!",    ".>b",     "open !crm"),
    ("first merge: open says nothing",                            BIDI,         ">.",    ">b",      "crm=b settled"),
];

/// The date of a recurring task is not written in To Do.
#[rustfmt::skip]
const DUE_ROWS: &[Row] = &[
    ("a date flows to the CRM",                                   BIDI,         "a",     "a>b!",    "crm=b settled"),
    ("but not to a recurring task",                               BIDI,         "a>b",   "a!",      "open !m365"),
    ("nor its removal",                                           BIDI,         "a>.",   "a!",      "open !m365"),
    ("whose own date is put over the CRM's, recorded",            BIDI,         "a>b",   "a>c!",    "crm=c settled (a|b|c)"),
    ("a date that is taken away flows",                           BIDI,         "a",     "a>.",     "crm=. settled"),
];

#[test]
fn a_status_is_a_group_of_its_own() {
    verify(FieldGroup::Status, STATUS_ROWS);
}

#[test]
fn the_date_of_a_recurring_task_stays_in_to_do() {
    verify(FieldGroup::Due, DUE_ROWS);
}

/// Claim, policies, the CRM's date and reminder, To Do's, and what is written
/// where; `open` for a reminder that is not agreed on, and what is recorded of
/// it.
type ReminderRow = (&'static str, &'static [Policy], [&'static str; 2], [&'static str; 2], &'static str);

#[rustfmt::skip]
const REMINDER_ROWS: &[ReminderRow] = &[
    ("moved in To Do, it stays where it is in the CRM",           BIDI,     ["a", "a"],     ["a>b", "a"],   "crm.due=b crm.reminder=a"),
    ("moved and set in To Do, it is where it was set",            BIDI,     ["a", "a"],     ["a>b", "a>b"], "crm.due=b crm.reminder=b"),
    ("moved in To Do and set in the CRM likewise",                BIDI,     ["a", "a>b"],   ["a>b", "a"],   "crm.due=b crm.reminder=b m365.reminder=b"),
    ("moved in the CRM, it has moved there already",              BIDI,     ["a>b", "a>b"], ["a", "a"],     "m365.due=b m365.reminder=b"),
    ("one way: an edit of the CRM's own is not moved",            TO_CRM,   ["a", "a>b"],   ["a>b", "a"],   "crm.due=b crm.reminder=b open"),
    ("one way: with the date goes an edit of it, recorded",       TO_CRM,   ["a", "a>b"],   ["a>.", "a"],   "crm.due=. crm.reminder=. (a|b|a)"),
    ("one way: that there is none goes with the date",            TO_CRM,   ["a", "a>."],   ["a>.", "a"],   "crm.due=. crm.reminder=."),
    ("without a date, the CRM does not take To Do's",             BIDI,     ["a", "a"],     ["a>.", "a"],   "crm.due=. crm.reminder=a"),
    ("with the date goes an edit of it, recorded",                BIDI,     ["a", "a>b"],   ["a>.", "a"],   "crm.due=. m365.reminder=b (a|b|a)"),
    ("a date in To Do brings To Do's to the CRM",                 BIDI,     [".", "."],     [".>a", "a"],   "crm.due=a crm.reminder=a"),
    ("a date in the CRM does so, too",                            BIDI,     [".>a", "."],   [".", "a"],     "crm.reminder=a m365.due=a"),
    ("one way likewise",                                          TO_CRM,   [".>a", "."],   [".", "a"],     "crm.reminder=a"),
    ("but a source is not written",                               TO_M365,  [".>a", "."],   [".", "a"],     "m365.due=a"),
    ("nor one that the user has taken away",                      BIDI,     ["a", "a>."],   ["a", "a"],     "m365.reminder=."),
];

fn value(group: FieldGroup, word: &str) -> FieldValue {
    let number = (word != ".").then(|| u32::from(word.as_bytes()[0] - b'a') + 1);
    match group {
        FieldGroup::Due => FieldValue::Due(number.map(day)),
        _ => FieldValue::RemindAt(number.map(|number| Instant::from_epoch_milliseconds(i64::from(number)))),
    }
}

fn task(due: &str, reminder: &str) -> Record {
    let title = FieldValue::Title("visit".to_owned());
    [title, value(FieldGroup::Due, due), value(FieldGroup::Reminder, reminder)].into_iter().collect()
}

fn end([due, reminder]: [&str; 2]) -> PresentEnd {
    let split = |picture: &str| {
        let (base, now) = picture.split_once('>').unwrap_or((picture, picture));
        (base.to_owned(), now.to_owned())
    };
    let ((due_before, due_now), (before, now)) = (split(due), split(reminder));
    PresentEnd {
        base: task(&due_before, &before),
        ..PresentEnd::unlinked(task(&due_now, &now), FieldSet::all(), FieldSet::all())
    }
}

fn told(merge: &Merge) -> String {
    let word = |shown: &FieldValue| {
        let is_shown = |word: &&str| value(shown.group(), word) == *shown;
        [".", "a", "b", "c"].into_iter().find(is_shown).expect("a word")
    };
    let mut parts = Vec::new();
    for (side, record) in [("crm", &merge.to_crm), ("m365", &merge.to_m365)] {
        for group in [FieldGroup::Due, FieldGroup::Reminder] {
            parts.extend(record.get(group).map(|value| format!("{side}.{group}={}", word(value))));
        }
    }
    if !merge.settled.contains(FieldGroup::Reminder) {
        parts.push("open".to_owned());
    }
    for conflict in merge.conflicts.iter().filter(|conflict| conflict.group == FieldGroup::Reminder) {
        let words = [&conflict.base, &conflict.crm, &conflict.m365].map(|value| value.as_ref().map_or("", word));
        parts.push(format!("({})", words.join("|")));
    }
    parts.join(" ")
}

#[test]
fn a_reminder_stays_where_it_was_set_while_the_date_moves() {
    for (claim, policies, crm_picture, m365_picture, expected) in REMINDER_ROWS {
        for policy in *policies {
            let (crm, m365) = (end(*crm_picture), end(*m365_picture));
            let merged = with_reminder(*policy, merge(*policy, &crm, &m365), &crm, &m365, true);
            let picture = format!("{claim}: {policy:?}, CRM {crm_picture:?}, Microsoft {m365_picture:?}");
            assert_eq!(told(&merged), *expected, "{picture}");
            let situation = Situation { crm: End::Present(crm), m365: End::Present(m365) };
            let findings = check(*policy, [(&LinkId::new("link"), &situation, &Decision::Merge(merged))]);
            assert!(findings.is_empty(), "{picture}: {findings:?}");
        }
    }
}

fn crm_seen(record: Record) -> CrmSeen {
    CrmSeen { version: CrmVersion::new("2"), meeting_uid: None, record, writable: FieldSet::all() }
}

fn linked(crm: &PresentEnd, m365: &PresentEnd) -> Link {
    let seen = GraphSeen {
        version: GraphVersion::new("2"),
        meeting_blob: None,
        list: None,
        modified_at: None,
        record: m365.base.clone(),
        writable: FieldSet::all(),
        occurrence_ids: std::collections::BTreeMap::new(),
        organizer: Organizer::default(),
    };
    let mut link = Link::created(
        LinkId::new("link"),
        0,
        crate::sync::CrmEnd::agreed(CrmId::new("1"), crm_seen(crm.base.clone())),
        crate::sync::GraphEnd::agreed(GraphId::new("1"), None, seen.clone()),
    );
    link.crm = link.crm.observed(crm_seen(crm.now.clone()));
    link.m365 = link.m365.observed(GraphSeen { record: m365.now.clone(), ..seen });
    link
}

fn changes(link: &Link) -> [FieldSet; 2] {
    let situation = link.situation(FieldSet::all(), FieldSet::all());
    [situation.crm, situation.m365].map(|end| match end {
        End::Present(end) => end.changes(),
        End::Absent | End::Gone | End::Forgone => panic!("expected both to be there"),
    })
}

#[test]
fn a_reminder_that_moved_along_because_the_crm_refused_another_is_nobodys_edit() {
    let (crm, m365) = (end(["b", "b"]), end(["b>a", "b>c"]));
    let merged = merge(BIDI_CRM, &crm, &m365);
    let refused = FieldSet::EMPTY.with(FieldGroup::Reminder);
    let written = Written::Partly {
        seen: crm_seen(task("a", "a")),
        failed: refused,
        failed_days: std::collections::BTreeSet::new(),
    };
    let link = linked(&crm, &m365).merged(&merged, written, Written::NotNeeded);
    assert_eq!(changes(&link), [FieldSet::EMPTY, refused]);
}

#[test]
fn an_edit_of_a_reminder_is_not_agreed_while_the_date_that_takes_it_is_refused() {
    let (crm, m365) = (end(["a", "a>."]), end(["a>.", "a"]));
    let merged = with_reminder(TO_CRM_1, merge(TO_CRM_1, &crm, &m365), &crm, &m365, true);
    let [ours, _] = changes(&linked(&crm, &m365).merged(&merged, Written::Failed, Written::NotNeeded));
    assert_eq!(ours, FieldSet::EMPTY.with(FieldGroup::Reminder));
}

#[test]
fn what_is_agreed_as_the_crm_shows_it_is_not_undone_by_a_request_that_has_arrived() {
    // The reminder went to To Do, the removal of the date to the CRM, and then the
    // run has ended.
    let (crm, m365) = (end(["a", "a>b"]), end(["a>.", "a"]));
    let merged = with_reminder(BIDI_CRM, merge(BIDI_CRM, &crm, &m365), &crm, &m365, true);
    let mut link = linked(&crm, &m365).writing(&merged);
    link.crm = link.crm.observed(crm_seen(task(".", ".")));
    let arrived = GraphSeen { record: task(".", "b"), ..link.m365.as_seen().unwrap() };
    link.m365 = link.m365.observed(arrived);
    assert_ne!(changes(&link), [FieldSet::EMPTY, FieldSet::EMPTY]);
    assert_eq!(changes(&link.agreed_where_shown(&task(".", "."))), [FieldSet::EMPTY, FieldSet::EMPTY]);
}

#[test]
fn what_the_crm_shows_of_to_dos_task_is_agreed_although_nobody_remembers_writing_it() {
    // Written to the CRM, which cannot hold a reminder without a date, and then
    // the run has ended.
    let (crm, m365) = (end(["a>.", "a>."]), end(["a>.", "a"]));
    let link = linked(&crm, &m365);
    assert_ne!(changes(&link), [FieldSet::EMPTY, FieldSet::EMPTY]);
    assert_eq!(changes(&link.agreed_where_shown(&task(".", "."))), [FieldSet::EMPTY, FieldSet::EMPTY]);
}
