//! What is left as it is, told to people once, with the next step to take.

use crate::model::{FieldGroup, FieldSet};
use crate::ports::Ports;
use crate::sync::{Decision, End, IssueCode, Side, Why};

use super::stage::body_left;
use super::step::Step;
use super::work::Work;

/// What is said of an occurrence that the CRM has again, by itself or because the
/// series was given another end (Oro row C4).
pub(super) const NO_WAY_BACK: &str = "An occurrence that was cancelled in Microsoft 365 cannot be brought back there. \
                                      It stays cancelled in Outlook; create a single event for that day if it takes \
                                      place after all.";

/// What is said of single days of the user's own series of which something may not
/// be written.
const DAYS_BARRED: &str = "Some fields of single days of this series cannot be changed in Microsoft 365 from outside, \
                           such as the description where it holds the join section of an online meeting. They stay as \
                           they are there; change them in Outlook.";

impl<P: Ports> Step<'_, P> {
    /// Says which parts of an item stay as they are.
    pub(super) fn report_left(&mut self, work: &Work) {
        self.report_withheld(work);
        let Decision::Merge(merge) = &work.decision else { return };
        for (side, groups) in [(Side::M365, merge.unwritable_m365), (Side::Crm, merge.unwritable_crm)] {
            let names: Vec<&str> = groups.iter().filter(|group| is_told(side, *group)).map(FieldGroup::name).collect();
            if !names.is_empty() {
                let is_own = work.link.as_ref().is_some_and(|link| link.m365.organizer.is_user);
                let is_only = |group| side == Side::M365 && is_own && groups == FieldSet::EMPTY.with(group);
                let message = if is_body_unread(work, side) && groups == FieldSet::EMPTY.with(FieldGroup::Body) {
                    body_left(side)
                } else if is_only(FieldGroup::Exceptions) && !merge.barred_days.is_empty() {
                    DAYS_BARRED.to_owned()
                } else if is_only(FieldGroup::Exceptions) {
                    NO_WAY_BACK.to_owned()
                } else if is_only(FieldGroup::Body) {
                    "The description of this online meeting stays as it is in Microsoft 365: its join section cannot \
                     be told from the rest of the text there, and Microsoft would disable the meeting without it. \
                     Change the description in Outlook."
                        .to_owned()
                } else {
                    format!(
                        "This user may not change these fields in {side}: {}. They stay as they are there; only the \
                         organizer can change them.",
                        names.join(", ")
                    )
                };
                self.issue(IssueCode::NotWritable, work.crm_id(), work.m365_id(), &message);
            }
        }
    }

    /// Says what was not sent, because Microsoft would have told the guests. It waits
    /// for somebody's next edit, so it is listed until then: a report may never be
    /// read.
    fn report_withheld(&mut self, work: &Work) {
        let Some(withheld) = &work.withheld else { return };
        let (crm, m365) = (work.crm_id(), work.m365_id());
        let names: Vec<&str> = withheld.groups.iter().map(FieldGroup::name).collect();
        if names.is_empty() {
            let message = "The meeting was deleted in the CRM, but stays in Microsoft 365: Microsoft would send a \
                           cancellation that nobody has just asked for, or of something that is over. Delete it in \
                           Outlook where it is not wanted there either.";
            self.left_open(IssueCode::WouldNotify, crm, m365, message);
            return;
        }
        let what = format!("Changes of {}", names.join(", "));
        let message = match withheld.why {
            Why::Comparison if withheld.groups == FieldSet::EMPTY.with(FieldGroup::Attendees) => {
                "The guests were not written to Microsoft 365, which would invite them: they were added while the \
                 calendar was not synchronized, or without telling anybody. Microsoft invites them when somebody edits \
                 the event the next time and has people told."
                    .to_owned()
            }
            Why::Comparison => format!(
                "{what} stay open: Microsoft would send a mail to the guests about something that is not new, for it \
                 was found by comparing both calendars, or that was saved without telling anybody. Edit the event once \
                 more, and have people told, to send them."
            ),
            Why::Over => {
                format!("{what} stay open: the event is over, and Microsoft would still send a mail to its guests.")
            }
        };
        self.left_open(IssueCode::WouldNotify, crm, m365, &message);
    }
}

/// Whether the description on `side` is too large to be compared.
pub(super) fn is_body_unread(work: &Work, side: Side) -> bool {
    let end = match side {
        Side::Crm => &work.situation.crm,
        Side::M365 => &work.situation.m365,
    };
    match end {
        End::Present(end) => end.holds.contains(FieldGroup::Body) && end.now.get(FieldGroup::Body).is_none(),
        End::Absent | End::Gone | End::Forgone => false,
    }
}

/// Whether it is worth telling. Guests' answers are theirs, and an answer can
/// only be given, not taken back: neither is anybody's mistake.
const fn is_told(side: Side, group: FieldGroup) -> bool {
    !matches!((side, group), (Side::M365, FieldGroup::Attendees | FieldGroup::Response))
}
