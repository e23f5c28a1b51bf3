//! `tandem check`: Check Connection of a user, step by step, with the Microsoft
//! that the data are served with, emulated or real.
//!
//! Where the account answers, what waited for somebody to act is due again, as
//! after the button on the page. Next: [`super::status`].

use std::fmt::Write as _;
use std::io::Write;

use super::args::CheckArgs;
use super::data::{Access, Opened, Purpose, open_existing, user};
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::Table;
use crate::app::CheckReport;
use crate::crm::users::User;

/// Runs the command.
///
/// # Errors
/// Nobody has the login, nothing can be checked, or a step failed.
pub async fn run<W: Write>(args: CheckArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let Opened { app, lock: _held } = open_existing(&args.data, Access::Work(Purpose::Check)).await?;
    let user = user(&app, &args.user)?;
    progress.say("asking Microsoft");
    let report = CheckReport::from(app.check_connection(user.id).await?);
    if args.json {
        out.json(&report)?;
    } else {
        out.text(&text(&user, &super::serve::microsoft(app.options()), &report))?;
    }
    match report.steps.iter().find(|step| step.outcome == "failed") {
        Some(step) => Err(CommandError::CheckFailed { step: step.label.clone() }),
        None => Ok(()),
    }
}

/// What was asked, of whom, and how each step went.
fn text(user: &User, microsoft: &str, report: &CheckReport) -> String {
    let mut text = format!("User        {}\nMicrosoft   {microsoft}\n", user.login);
    if let Some(account) = &report.account_name {
        let _ = writeln!(text, "Account     {account}");
    }
    text.push('\n');
    let mut table = Table::plain();
    for step in &report.steps {
        let said = step.message.as_ref().map_or_else(String::new, |message| format!(": {message}"));
        table.row([step.outcome.to_owned(), format!("{}{said}", step.label)]);
    }
    text += &table.render("");
    if !report.missing_permissions.is_empty() {
        let _ = writeln!(text, "\nMissing permissions: {}", report.missing_permissions.join(", "));
    }
    text
}
