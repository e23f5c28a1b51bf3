//! `tandem import`: a real calendar with its tasks into one of the two sides,
//! with the count of what was left out and why.
//!
//! The Microsoft side gets it as Outlook would write it: through Graph, in
//! batches. Guests are left out there, because writing them sends invitations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use chrono::SubsecRound as _;
use serde::Serialize;

use super::args::{ImportArgs, ImportSide};
use super::data::{self, Access, Opened, Purpose, open_existing};
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::{Table, count};
use crate::app::App;
use crate::crm::users::User;
use crate::demo::outlook::Outlook;
use crate::import::encoding::Decoded;
use crate::import::{self, ImportBatch, ImportReport, LeftOutField, Remark, RemarkKind, SkipReason};

/// Titles that are named of what was left out for one reason; `--json` names
/// all.
const TITLES_MAX: usize = 5;

/// The most characters of such a title.
const TITLE_LENGTH_MAX: usize = 40;

/// Parts of rules that are named.
const RULES_MAX: usize = 5;

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Imported {
    user: String,
    side: &'static str,
    #[serde(flatten)]
    report: ImportReport,
}

/// Runs the command.
///
/// # Errors
/// The file is no calendar, the user does not exist, or there is no mailbox.
pub async fn run<W: Write>(args: &ImportArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let access = match args.side {
        ImportSide::Crm => Access::Look,
        ImportSide::Microsoft => Access::Work(Purpose::Import),
    };
    progress.say("opening the data");
    let Opened { app, lock: _held } = open_existing(&args.data, access).await?;
    let user = data::user(&app, &args.user)?;
    progress.say("reading the calendar");
    let decoded = text_of(&args.file)?;
    let batch = import::read(&decoded.text, user.time_zone.0)?;
    let events = counted(batch.events_and_series(), "event");
    progress.say(&format!("importing {events} and {}", counted(batch.tasks.len(), "task")));
    let mut imported = match args.side {
        ImportSide::Crm => into_crm(&app, &user, &batch)?,
        ImportSide::Microsoft => into_microsoft(&app, &user, &batch).await?,
    };
    imported.report.recoded_lines = decoded.recoded_lines;
    if args.json {
        out.json(&imported)?;
    } else {
        out.text(&text(&imported))?;
    }
    Ok(())
}

/// The file as text, in whatever encoding.
fn text_of(file: &Path) -> Result<Decoded, CommandError> {
    let bytes = std::fs::read(file).map_err(|source| CommandError::Read { path: file.to_owned(), source })?;
    Ok(import::decode(&bytes))
}

fn into_crm(app: &App, user: &User, batch: &ImportBatch) -> Result<Imported, CommandError> {
    let report = import::import_into_crm(app.crm(), user.id, batch)?;
    Ok(Imported { user: user.login.clone(), side: "crm", report })
}

async fn into_microsoft(app: &App, user: &User, batch: &ImportBatch) -> Result<Imported, CommandError> {
    let microsoft = app.microsoft().ok_or(CommandError::RealMicrosoft)?;
    // The mailbox of the connected account, whatever address the CRM knows.
    let account = app.account(user.id).await?;
    let mailbox = account.map_or_else(|| user.email.clone(), |account| account.name);
    let started_at = app.clock().now().trunc_subsecs(3);
    let report = import::import_into_microsoft(&Outlook::of(microsoft, &mailbox), batch, started_at).await?;
    Ok(Imported { user: user.login.clone(), side: "microsoft", report })
}

/// A number with its noun.
fn counted(number: usize, noun: &str) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), noun)
}

fn text(imported: &Imported) -> String {
    let report = &imported.report;
    let (place, list) = match imported.side {
        "crm" => ("the CRM", "the tasks"),
        _ => ("the emulated Microsoft 365", "To Do"),
    };
    let (events, tasks) = (counted(report.created, "event"), counted(report.tasks.created, "task"));
    let mut text = String::new();
    if report.created > 0 || report.tasks.created == 0 {
        let _ = writeln!(text, "Imported {events} into the calendar of {} in {place}.", imported.user);
    }
    text += &series_text(report);
    if report.tasks.created > 0 {
        let _ = writeln!(text, "Imported {tasks} into {list} of {} in {place}.", imported.user);
    }
    if imported.side != "crm" {
        text += &recurring_text(report);
    }
    if report.adjusted_titles > 0 {
        let _ = writeln!(text, "Shortened or made up {}.", counted(report.adjusted_titles, "title"));
    }
    if report.recoded_lines > 0 {
        let lines = counted(report.recoded_lines, "line");
        let _ = writeln!(text, "Read {lines} as Windows-1252, for they are not UTF-8.");
    }
    if report.without_guests > 0 {
        let guests = counted(report.without_guests, "event");
        let _ = writeln!(text, "Left out the guests of {guests}: writing them would send invitations.");
    }
    text += &fields_text("the calendar", "event", &report.left_out_fields);
    text += &fields_text("the list of tasks", "task", &report.tasks.left_out_fields);
    text + &left_text(report)
}

/// What became of recurring tasks in To Do; the CRM has none at all.
fn recurring_text(report: &ImportReport) -> String {
    let mut text = String::new();
    if report.tasks.recurring > 0 {
        let _ = writeln!(text, "Among them {}.", counted(report.tasks.recurring, "recurring task"));
    }
    let is_single = |remark: &&Remark| remark.kind == RemarkKind::TaskRule;
    let rules: BTreeSet<&str> =
        report.remarks.iter().filter(is_single).filter_map(|remark| remark.detail.as_deref()).collect();
    let number = report.remarks.iter().filter(is_single).count();
    if number > 0 {
        let rules = rules.into_iter().take(RULES_MAX).collect::<Vec<_>>().join(", ");
        let (verb, once) = if number == 1 { ("was", "a single task") } else { ("were", "single tasks") };
        let tasks = counted(number, "recurring task");
        let _ = writeln!(text, "{tasks} {verb} imported as {once}, because To Do has no such rule: {rules}.");
    }
    text
}

/// What became of series, and how their unusual parts were read.
fn series_text(report: &ImportReport) -> String {
    let mut text = String::new();
    if report.series > 0 {
        let (changed, cancelled) = (report.exceptions, report.cancelled_occurrences);
        let _ = writeln!(
            text,
            "Among them {} with {} and {}.",
            counted(report.series, "recurring event"),
            counted(changed, "changed occurrence"),
            counted(cancelled, "cancelled occurrence"),
        );
    }
    let number = |kind: RemarkKind| report.remarks.iter().filter(|remark| remark.kind == kind).count();
    let notes = [
        (report.extra_dates, "extra date", "imported as a single event", "imported as single events"),
        (
            number(RemarkKind::Orphan),
            "changed occurrence",
            "imported as a single event, because the file lacks its series or its date",
            "imported as single events, because the file lacks their series or their dates",
        ),
        (
            number(RemarkKind::FloatingSeries),
            "recurring event",
            "read in the zone of the calendar, because the file names none",
            "read in the zone of the calendar, because the file names none",
        ),
        (
            number(RemarkKind::UtcSeries),
            "recurring event",
            "read in UTC, as the file gives it, although the calendar names another zone",
            "read in UTC, as the file gives them, although the calendar names another zone",
        ),
        (
            number(RemarkKind::UntilIsADate),
            "recurring event",
            "taken to include its last day, which has no time",
            "taken to include their last days, which have no time",
        ),
    ];
    for (number, noun, one, several) in notes.into_iter().filter(|(number, ..)| *number > 0) {
        let (verb, done) = if number == 1 { ("was", one) } else { ("were", several) };
        let _ = writeln!(text, "{} {verb} {done}.", counted(number, noun));
    }
    text
}

/// What a place has no room for, in one line.
fn fields_text(place: &str, noun: &str, left_out: &BTreeMap<LeftOutField, usize>) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let fields = left_out.iter();
    let fields = fields.map(|(field, number)| format!("{} of {}", field.explanation(), counted(*number, noun)));
    format!("Left out, because {place} has no place for it: {}.\n", fields.collect::<Vec<_>>().join(", "))
}

/// What was left out: how much, why, how many UIDs are concerned, and of the
/// first ones the titles.
fn left_text(report: &ImportReport) -> String {
    if report.left.is_empty() {
        return String::new();
    }
    let mut uids: BTreeMap<SkipReason, BTreeSet<&str>> = BTreeMap::new();
    for left in &report.left {
        uids.entry(left.reason).or_default().extend(left.uid.as_deref());
    }
    let mut text = format!("Left out {}:\n", report.left.len());
    let mut table = Table::plain();
    for (reason, number) in &report.skipped {
        let uids = counted(uids.get(reason).map_or(0, BTreeSet::len), "UID");
        let titles = titles_text(report, *reason);
        table.row([number.to_string(), format!("{} ({uids}){titles}", reason.explanation())]);
    }
    text += &table.render("  ");
    text
}

/// The titles of what was left out for one reason, each thing once.
fn titles_text(report: &ImportReport, reason: SkipReason) -> String {
    let mut seen = BTreeSet::new();
    let left = report.left.iter().filter(|left| left.reason == reason && seen.insert(left.uid.as_deref()));
    let titles: Vec<&str> = left.filter_map(|left| left.title.as_deref()).collect();
    if titles.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = titles.iter().take(TITLES_MAX).map(|title| shortened(title)).collect();
    let more = titles.len().saturating_sub(TITLES_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(": {}{more}", shown.join(", "))
}

/// A title that leaves room for others beside it.
fn shortened(title: &str) -> String {
    if title.chars().count() <= TITLE_LENGTH_MAX {
        return format!("\"{title}\"");
    }
    let start: String = title.chars().take(TITLE_LENGTH_MAX).collect();
    format!("\"{}…\"", start.trim_end())
}

#[cfg(test)]
mod tests;
