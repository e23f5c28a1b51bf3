//! Meetings that anna has called in another program, and how they come into the
//! CRM: as a calendar file, while nothing has the data open.

use std::path::Path;

use serde_json::Value;

use crate::{START, World, options_on_disk, tandem};

/// The lines of a meeting that ben has accepted.
pub const PLANNING: [&str; 5] = [
    "UID:planning@example.org",
    "SUMMARY:Planning",
    "DTSTART:20260312T090000Z",
    "DTEND:20260312T100000Z",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@acme.example",
];

/// The lines of a weekly meeting that ben has not answered: four times.
pub const SERIES: [&str; 6] = [
    "UID:series@example.org",
    "SUMMARY:Series",
    "DTSTART:20260313T090000Z",
    "DTEND:20260313T100000Z",
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "ATTENDEE:mailto:ben@acme.example",
];

/// A line of a meeting: somebody who is in no CRM and has not answered.
pub const STRANGER: &str = "ATTENDEE:mailto:stranger@acme.example";

impl World {
    /// Closes a world whose data is in this directory, imports the meetings into
    /// anna's calendar of the CRM, and opens it again.
    pub async fn after_import(self, data: &Path, meetings: &[&[&str]]) -> Self {
        drop(self);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("meetings.ics");
        std::fs::write(&file, calendar_file(meetings)).unwrap();
        let (data_text, file) = (data.to_str().unwrap(), file.to_str().unwrap());
        let arguments = ["import", "--data", data_text, "--user", "anna", "--side", "crm", file, "--json"];
        let report: Value = tandem(&arguments).await.json();
        assert_eq!(report["created"], meetings.len(), "{report}");
        Self::with(options_on_disk(data, START.parse().unwrap())).await
    }
}

/// A file of the other program, in which anna organises every meeting.
fn calendar_file(meetings: &[&[&str]]) -> String {
    let mut lines = vec!["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN"];
    for meeting in meetings {
        lines.push("BEGIN:VEVENT");
        lines.extend(*meeting);
        lines.extend(["ORGANIZER:mailto:anna@acme.example", "END:VEVENT"]);
    }
    lines.push("END:VCALENDAR");
    lines.into_iter().flat_map(|line| [line, "\r\n"]).collect()
}
