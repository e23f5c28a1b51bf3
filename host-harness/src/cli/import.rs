//! `tandem import`: a real calendar into one of the two sides, with the count
//! of what was left out and why.
//!
//! The Microsoft side gets it as Outlook would write it: through Graph, in
//! batches. Guests are left out there, because writing them sends invitations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::args::{ImportArgs, ImportSide};
use super::data::{self, Access, Opened, open_existing};
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::{Table, count};
use crate::app::App;
use crate::crm::event::EventTime;
use crate::crm::random::uuid_of_text;
use crate::crm::users::User;
use crate::demo::outlook::{Answer, Outlook};
use crate::import::{self, ImportBatch, ImportReport, ImportedEvent, SkipReason};

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Imported {
    user: String,
    side: &'static str,
    #[serde(flatten)]
    report: ImportReport,
    /// Events that were written without their guests.
    without_guests: usize,
}

/// Runs the command.
///
/// # Errors
/// The file is no calendar, the user does not exist, or there is no mailbox.
pub async fn run<W: Write>(args: &ImportArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let access = match args.side {
        ImportSide::Crm => Access::Look,
        ImportSide::Microsoft => Access::Work,
    };
    progress.say("opening the data");
    let Opened { app, lock: _held } = open_existing(&args.data, access).await?;
    let user = data::user(&app, &args.user)?;
    progress.say("reading the calendar");
    let batch = import::read(&text_of(&args.file)?, user.time_zone.0)?;
    progress.say(&format!("importing {}", count(u64::try_from(batch.events.len()).unwrap_or(u64::MAX), "event")));
    let imported = match args.side {
        ImportSide::Crm => into_crm(&app, &user, &batch)?,
        ImportSide::Microsoft => into_microsoft(&app, &user, &batch).await?,
    };
    if args.json {
        out.json(&imported)?;
    } else {
        out.text(&text(&imported))?;
    }
    Ok(())
}

/// The file as text. Old calendars are not always UTF-8; what cannot be read is
/// replaced, so that one name does not cost the whole file.
fn text_of(file: &Path) -> Result<String, CommandError> {
    let bytes = std::fs::read(file).map_err(|source| CommandError::File { path: file.to_owned(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn into_crm(app: &App, user: &User, batch: &ImportBatch) -> Result<Imported, CommandError> {
    let report = import::import_into_crm(app.crm(), user.id, batch)?;
    Ok(Imported { user: user.login.clone(), side: "crm", report, without_guests: 0 })
}

async fn into_microsoft(app: &App, user: &User, batch: &ImportBatch) -> Result<Imported, CommandError> {
    let microsoft = app.microsoft().ok_or(CommandError::RealMicrosoft)?;
    // The mailbox of the connected account, whatever address the CRM knows.
    let account = app.account(user.id).await?;
    let mailbox = account.map_or_else(|| user.email.clone(), |account| account.name);
    let started_at = app.clock().now().trunc_subsecs(3);
    let events: Vec<Value> = batch.events.iter().map(graph_event).collect();
    let answers = Outlook::of(microsoft, &mailbox).create_all(&events).await?;
    let report = counted(batch, &answers, started_at);
    let without_guests = batch.events.iter().filter(|event| !event.attendees.is_empty()).count();
    Ok(Imported { user: user.login.clone(), side: "microsoft", report, without_guests })
}

/// An event as Graph takes it (learn.microsoft.com/graph/api/user-post-events).
/// The UID becomes the key of the request, so that a second import creates
/// nothing twice: Graph does not take a UID.
fn graph_event(event: &ImportedEvent) -> Value {
    let moment = |wall: chrono::NaiveDateTime, zone: &str| {
        let wall = wall.format("%Y-%m-%dT%H:%M:%S").to_string();
        json!({ "dateTime": wall, "timeZone": zone })
    };
    let (start, end, all_day) = match event.time {
        EventTime::Timed(timed) => {
            let local = |at: DateTime<Utc>| moment(at.with_timezone(&timed.zone.0).naive_local(), timed.zone.name());
            (local(timed.start), local(timed.end), false)
        }
        EventTime::AllDay(days) => {
            let midnight = |day: chrono::NaiveDate| moment(day.and_time(chrono::NaiveTime::MIN), "UTC");
            (midnight(days.start_on), midnight(days.end_before), true)
        }
    };
    let mut written = json!({ "subject": event.title, "start": start, "end": end, "isAllDay": all_day });
    let mut set = |name: &str, value: Value| {
        if let Some(fields) = written.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    if let Some(text) = &event.description {
        set("body", json!({ "contentType": "text", "content": text }));
    }
    if let Some(place) = &event.location {
        set("location", json!({ "displayName": place }));
    }
    if let Some(minutes) = event.reminder_minutes {
        set("isReminderOn", json!(true));
        set("reminderMinutesBeforeStart", json!(minutes));
    }
    if let Some(uid) = &event.uid {
        set("transactionId", json!(uuid_of_text(uid)));
    }
    written
}

/// What Graph did with each event. A repeated request is answered with the
/// event that the first one made, which is then older than this import.
fn counted(batch: &ImportBatch, answers: &[Answer], started_at: DateTime<Utc>) -> ImportReport {
    let mut skipped: BTreeMap<SkipReason, usize> = batch.skipped.clone();
    let mut seen = BTreeSet::new();
    for answer in answers {
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
        let created_at = text("createdDateTime").and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let reason = if !answer.is_success() {
            match answer.code() {
                "ErrorDuplicateTransactionId" => SkipReason::Duplicate,
                _ => SkipReason::Refused,
            }
        } else if created_at.is_some_and(|at| at < started_at) || !seen.insert(text("id").map(str::to_owned)) {
            SkipReason::Duplicate
        } else {
            continue;
        };
        *skipped.entry(reason).or_default() += 1;
    }
    ImportReport { created: seen.len(), skipped, adjusted_titles: batch.adjusted_titles }
}

fn text(imported: &Imported) -> String {
    let ImportReport { created, skipped, adjusted_titles } = &imported.report;
    let place = match imported.side {
        "crm" => "the CRM",
        _ => "the emulated Microsoft 365",
    };
    let events = |number: usize| count(u64::try_from(number).unwrap_or(u64::MAX), "event");
    let mut text = format!("Imported {} into the calendar of {} in {place}.\n", events(*created), imported.user);
    if *adjusted_titles > 0 {
        let _ = writeln!(text, "Shortened or made up the title of {}.", events(*adjusted_titles));
    }
    if imported.without_guests > 0 {
        let guests = events(imported.without_guests);
        let _ = writeln!(text, "Left out the guests of {guests}: writing them would send invitations.");
    }
    if !skipped.is_empty() {
        let _ = writeln!(text, "Left out {}:", skipped.values().sum::<usize>());
        let mut table = Table::plain();
        for (reason, number) in skipped {
            table.row([number.to_string(), reason.explanation().to_owned()]);
        }
        text += &table.render("  ");
    }
    text
}

#[cfg(test)]
mod tests;
