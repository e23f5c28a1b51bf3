//! A batch into a user's calendar in the CRM, in one transaction.

use std::collections::BTreeMap;

use serde::Serialize;

use super::batch::{ImportBatch, ImportedEvent, SkipReason};
use crate::crm::event::{Added, Attendee, NewEvent};
use crate::crm::{Crm, CrmError, UserId};

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Events that were created.
    pub created: usize,
    /// What was left out, by reason.
    pub skipped: BTreeMap<SkipReason, usize>,
    /// How many titles had to be shortened or made up.
    pub adjusted_titles: usize,
}

/// Adds the events of a batch to the default calendar of `owner`. Events that
/// are there already, by their UID, stay as they are.
///
/// # Errors
/// The owner does not exist, or the database fails: then nothing was added.
pub fn import_into_crm(crm: &Crm, owner: UserId, batch: &ImportBatch) -> Result<ImportReport, CrmError> {
    let added = crm.add_events(owner, batch.events.iter().map(new_event).collect())?;
    let mut report =
        ImportReport { created: 0, skipped: batch.skipped.clone(), adjusted_titles: batch.adjusted_titles };
    for outcome in added {
        match outcome {
            Added::Created(_) => report.created += 1,
            Added::Duplicate(_) => *report.skipped.entry(SkipReason::Duplicate).or_default() += 1,
            Added::Refused(_) => *report.skipped.entry(SkipReason::Refused).or_default() += 1,
        }
    }
    Ok(report)
}

fn new_event(event: &ImportedEvent) -> NewEvent {
    let attendees = event.attendees.iter().map(|guest| Attendee {
        email: Some(guest.address.clone()),
        display_name: guest.display_name.clone(),
        status: guest.status,
        kind: guest.kind,
    });
    NewEvent {
        uid: event.uid.clone(),
        title: event.title.clone(),
        description: event.description.as_deref().map(html_of),
        time: event.time,
        attendees: attendees.collect(),
        organizer_email: event.organizer.clone(),
        reminder_minutes: event.reminder_minutes,
    }
}

/// Plain text as HTML that shows the same.
fn html_of(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chrono_tz::Tz;

    use super::*;
    use crate::crm::fixtures::{crm, person};
    use crate::import::read;

    const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
        BEGIN:VEVENT\r\nUID:one@example.org\r\nSUMMARY:One\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n\
        DESCRIPTION:a <b>\\nc\r\nORGANIZER:mailto:boss@example.org\r\n\
        ATTENDEE;CN=Ann:mailto:ann@example.org\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:two-with-an-identifier-longer-than-the-column@example.org\r\nSUMMARY:Two\r\n\
        DTSTART;VALUE=DATE:20260305\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:one@example.org\r\nSUMMARY:One again\r\nDTSTART:20260302T090000Z\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";

    #[test]
    fn an_import_can_be_repeated() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let batch = read(FILE, Tz::UTC).unwrap();
        let first = import_into_crm(&crm, alice.id, &batch).unwrap();
        assert_eq!((first.created, first.skipped), (2, BTreeMap::from([(SkipReason::Duplicate, 1)])));
        let second = import_into_crm(&crm, alice.id, &batch).unwrap();
        assert_eq!((second.created, second.skipped), (0, BTreeMap::from([(SkipReason::Duplicate, 3)])));
        assert_eq!(crm.events_of(alice.id).unwrap().len(), 2);
    }

    #[test]
    fn what_the_file_says_is_what_the_crm_holds() {
        let crm = crm();
        let alice = person(&crm, "alice");
        import_into_crm(&crm, alice.id, &read(FILE, Tz::UTC).unwrap()).unwrap();
        let events = crm.events_of(alice.id).unwrap();
        let one = events.iter().find(|event| event.values.title == "One").unwrap();
        assert_eq!(one.values.description.as_deref(), Some("a &lt;b&gt;<br>c"));
        assert_eq!(one.values.uid, "one@example.org");
        assert!(!one.is_organizer);
        assert_eq!(one.values.attendees.first().unwrap().display_name.as_deref(), Some("Ann"));
        let two = events.iter().find(|event| event.values.title == "Two").unwrap();
        assert!(two.values.all_day);
        assert_eq!(two.values.uid.len(), 36);
    }
}
