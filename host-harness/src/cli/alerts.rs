//! `tandem alerts`: what asks for something to be done and what to do about it, as
//! Oro's command lists and summarises it (row E12), and the release of a guard
//! rail.
//!
//! Asks Microsoft nothing, so it works beside a `tandem` that serves. Next:
//! [`super::inspect`].

use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::args::AlertsArgs;
use super::data::{self, Access, Opened, open_existing};
use super::failure::CommandError;
use super::output::Output;
use super::text::Table;
use crate::app::{AppError, OrganizationSummary, ReleaseError, ShownAlert};
use crate::crm::CrmError;
use crate::crm::notices::AlertList;

/// Where there is nothing to list.
const NONE: &str = "There are no alerts.";

/// Runs the command.
///
/// # Errors
/// The data cannot be read, or there is nothing to release.
pub async fn run<W: Write>(args: AlertsArgs, out: &mut Output<W>) -> Result<(), CommandError> {
    let Opened { app, .. } = open_existing(&args.data, Access::Look).await?;
    if let Some(id) = args.release {
        // Whoever types this has read it with `tandem alerts`, perhaps a while ago.
        let released = app.release(id, args.read.as_deref()).await.map_err(|error| match error {
            ReleaseError::App(AppError::Crm(CrmError::NotFound { kind: "alert", .. })) => {
                CommandError::UnknownAlert { found: id, data: args.data.clone() }
            }
            other => other.into(),
        })?;
        if args.json {
            out.json(&released)?;
        } else {
            out.text(&released.alert.message)?;
            out.text("Released. What was held back is carried out by the next run, once.")?;
        }
        return Ok(());
    }
    if args.summary {
        let summaries = app.alert_summaries()?;
        if args.json {
            out.json(&summaries)?;
        } else if summaries.iter().all(|organization| organization.summary.count == 0) {
            out.text(NONE)?;
        } else {
            out.text(&summary_table(&summaries))?;
        }
        return Ok(());
    }
    let list = if args.resolved { AlertList::Resolved } else { AlertList::Open };
    if let Some(login) = &args.user {
        data::user(&app, login)?;
    }
    let alerts = app.alerts(args.user.as_deref(), list)?;
    if args.json {
        out.json(&alerts)?;
    } else if alerts.is_empty() {
        out.text(NONE)?;
    } else {
        alerts.iter().try_for_each(|alert| out.text(&paragraph(alert, &args.data)))?;
    }
    Ok(())
}

fn paragraph(shown: &ShownAlert, data: &Path) -> String {
    let ShownAlert { user, releasable, alert, .. } = shown;
    let user = user.as_deref().unwrap_or("everybody");
    let (resource, since) = (alert.resource.as_str(), moment(alert.created_at));
    let over = alert.resolved_at.map(|at| format!(", over {}", moment(at))).unwrap_or_default();
    let release = if *releasable {
        format!("\n   Release it with `tandem alerts --data {} --release {}`.", data.display(), alert.id)
    } else {
        String::new()
    };
    format!(
        "{} {user}, {resource}: {} (since {since}{over})\n   {}\n   {}{release}\n",
        alert.id, alert.code, alert.message, alert.hint
    )
}

fn summary_table(summaries: &[OrganizationSummary]) -> String {
    let mut table = Table::new(&["Organization", "Resource Type", "Alert Type", "Cause", "Open Alerts"]);
    for OrganizationSummary { organization, summary } in summaries {
        table.row([
            organization.clone(),
            summary.resource.as_str().to_owned(),
            summary.kind.as_str().to_owned(),
            summary.code.clone(),
            summary.count.to_string(),
        ]);
    }
    table.render("")
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
