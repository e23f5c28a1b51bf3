//! `tandem status`: the five columns of Oro's status command (row E1), what a
//! resource waits for and what to do about it, how late it is, and how many alerts
//! are open.
//!
//! Only looks, so it works beside a `tandem` that serves. Next:
//! [`super::alerts`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};

use super::args::StatusArgs;
use super::data::{Access, Opened, open_existing};
use super::failure::CommandError;
use super::output::Output;
use super::text::Table;
use crate::app::StatusRow;
use crate::crm::overview::Whose;
use crate::web::dates::lag;

const HEADINGS: [&str; 9] = [
    "User",
    "Resource Type",
    "Enabled",
    "In Progress",
    "Last Sync At",
    "Next Sync At",
    "Waits For",
    "Lag",
    "Open Alerts",
];

/// Runs the command.
///
/// # Errors
/// The data cannot be read.
pub async fn run<W: Write>(args: StatusArgs, out: &mut Output<W>) -> Result<(), CommandError> {
    let Opened { app, .. } = open_existing(&args.data, Access::Look).await?;
    let rows = app.status(Whose::All).await?;
    if args.json {
        out.json(&rows)?;
    } else if rows.is_empty() {
        out.text("There are no users yet.")?;
    } else {
        out.text(&(table(&rows) + &explanations(&rows)))?;
    }
    Ok(())
}

fn table(rows: &[StatusRow]) -> String {
    let mut table = Table::new(&HEADINGS);
    for row in rows {
        let enabled = match (row.enabled, row.connected) {
            (true, true) => "Yes",
            (true, false) => "Yes, not connected",
            (false, _) => "No",
        };
        table.row([
            row.user.clone(),
            row.resource.label().to_owned(),
            enabled.to_owned(),
            if row.in_progress { "Yes" } else { "No" }.to_owned(),
            moment(row.last_sync_at),
            moment(row.next_sync_at),
            row.waits_for.map_or_else(dash, |reason| reason.code().to_owned()),
            row.lag_seconds.map_or_else(dash, |seconds| lag(TimeDelta::seconds(seconds))),
            row.open_alerts.to_string(),
        ]);
    }
    table.render("")
}

/// A line for each word under "Waits For": who is meant, what it means and what to
/// do.
fn explanations(rows: &[StatusRow]) -> String {
    let mut meant: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in rows {
        let (Some(reason), Some(explanation)) = (row.waits_for, &row.explanation) else { continue };
        let users = meant.entry((reason.code(), explanation)).or_default();
        // The rows of a user follow each other.
        if users.last() != Some(&row.user.as_str()) {
            users.push(&row.user);
        }
    }
    let mut text = String::new();
    for ((code, explanation), users) in meant {
        let _ = write!(text, "\n{code} ({}): {explanation}", users.join(", "));
    }
    if text.is_empty() { text } else { format!("{text}\n") }
}

fn moment(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(dash, |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::app::{Blocked, Resource, WaitReason, WaitsFor};

    fn row() -> StatusRow {
        StatusRow {
            user_id: "1".parse().unwrap(),
            user: "anna".to_owned(),
            resource: Resource::Calendar,
            enabled: true,
            connected: true,
            in_progress: false,
            last_sync_at: Some("2026-03-02T07:10:00Z".parse().unwrap()),
            next_sync_at: None,
            waits_for: Some(WaitsFor::Wait(WaitReason::Throttled)),
            explanation: Some("Microsoft asks for fewer requests.".to_owned()),
            lag_seconds: Some(120),
            open_alerts: 1,
            direction: Some("bidirectional".to_owned()),
            linked: 3,
            set_aside: 0,
            conflicts: 0,
            open_writes: Vec::new(),
            guard_rail: None,
            interval_seconds: 600,
            throttled_percent: Some(50),
        }
    }

    #[test]
    fn a_row_has_the_five_columns_and_four_more() {
        let row = row();
        let other = StatusRow { user: "james".to_owned(), connected: false, lag_seconds: None, ..row.clone() };
        let text = table(&[row, other]);
        let lines: Vec<&str> = text.lines().collect();
        let heading = lines.first().unwrap();
        let at = |name: &str| heading.find(name).unwrap();
        let anna = lines.get(1).unwrap();
        assert!(anna.starts_with("anna   Calendar"));
        assert!(anna.get(at("Last Sync At")..).unwrap().starts_with("2026-03-02 07:10:00 UTC"));
        assert!(anna.get(at("Next Sync At")..).unwrap().starts_with('-'));
        assert!(anna.get(at("Waits For")..).unwrap().starts_with("throttled"));
        assert!(anna.get(at("Lag")..).unwrap().starts_with("2 minutes"));
        assert!(lines.get(2).unwrap().contains("Yes, not connected"));
    }
    #[test]
    fn what_is_waited_for_is_explained_once_with_the_names_of_all_who_wait() {
        let waits = |user: &str, waits_for: Option<WaitsFor>| StatusRow {
            user: user.to_owned(),
            waits_for,
            explanation: waits_for.map(|reason| reason.explanation(None)),
            ..row()
        };
        let unconnected = Some(WaitsFor::Change(Blocked::NotConnected));
        let throttled = Some(WaitsFor::Wait(WaitReason::Throttled));
        let rows = [
            waits("admin", unconnected),
            waits("anna", None),
            waits("anna", throttled),
            waits("james", unconnected),
            waits("james", unconnected),
        ];
        let text = "\nnot-connected (admin, james): No Microsoft account is connected. Connect one in the user's \
                    settings.\nthrottled (anna): Microsoft asks for fewer requests at the moment.\n";
        assert_eq!(explanations(&rows), text);
        assert_eq!(explanations(&[waits("anna", None)]), "");
    }
}
