//! `tandem sync`: a run now, for one user or everybody who is connected.
//!
//! Next: [`super::status`].

use std::io::Write;

use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use super::args::SyncArgs;
use super::data::{self, Access, Opened, open_existing};
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::run_text;
use super::text::written;
use crate::app::{App, AppError, NextCall, PreviewReport, Resource, RunReport};
use crate::crm::users::User;

/// What `--json` prints after runs.
#[derive(Debug, Default, Serialize)]
struct Runs {
    runs: Vec<RunReport>,
    /// Runs that ended without a report.
    failures: Vec<Failure>,
}

/// What `--json` prints after previews.
#[derive(Debug, Default, Serialize)]
struct Previews {
    previews: Vec<PreviewReport>,
    failures: Vec<Failure>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Failure {
    user: String,
    code: &'static str,
    message: String,
    hint: &'static str,
}

impl Failure {
    fn new(user: &User, error: &AppError) -> Self {
        Self { user: user.login.clone(), code: error.code(), message: error.to_string(), hint: error.hint() }
    }

    fn text(&self) -> String {
        format!("{}\n   failed      {}\n   hint        {}\n", self.user, self.message, self.hint)
    }
}

/// Runs the command. One user's failure stops nobody else.
///
/// # Errors
/// A run failed or did not come to its end.
pub async fn run<W: Write>(args: SyncArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    progress.say("opening the data and loading the component");
    let Opened { app, lock: _held } = open_existing(&args.data, Access::Work).await?;
    let resource = args.resource.into();
    let users = match &args.user {
        Some(login) => vec![data::user(&app, login)?],
        None => connected(&app, resource).await?,
    };
    if users.is_empty() && !args.json {
        out.text("There is nothing to do: nobody with a connected account has this synchronisation switched on.")?;
        return Ok(());
    }
    if args.preview {
        return preview_all(&app, &users, resource, args.json, out).await;
    }
    tokio::spawn(tell(app.progress(), progress));
    run_all(&app, &users, (resource, args.again), args.json, out).await
}

async fn run_one(app: &App, user: &User, resource: Resource, again: bool) -> Result<RunReport, AppError> {
    if again {
        app.compare_again(user.id, resource).await?;
    }
    app.sync(user.id, resource, None).await
}

/// Everybody who can be synchronised.
async fn connected(app: &App, resource: Resource) -> Result<Vec<User>, CommandError> {
    let mut users = Vec::new();
    for row in app.status().await? {
        if row.resource == resource && row.enabled && row.connected {
            users.push(app.crm().user(row.user_id)?);
        }
    }
    Ok(users)
}

/// Whether a run came to its end.
fn is_done(report: &RunReport) -> bool {
    match report.next {
        NextCall::Idle => true,
        NextCall::Again | NextCall::After { .. } | NextCall::Blocked { .. } => false,
    }
}

async fn run_all<W: Write>(
    app: &App,
    users: &[User],
    (resource, again): (Resource, bool),
    json: bool,
    out: &mut Output<W>,
) -> Result<(), CommandError> {
    let mut done = Runs::default();
    for user in users {
        match run_one(app, user, resource, again).await {
            Ok(report) => done.runs.push(report),
            Err(error) => done.failures.push(Failure::new(user, &error)),
        }
    }
    let unfinished = done.failures.len() + done.runs.iter().filter(|report| !is_done(report)).count();
    if json {
        out.json(&done)?;
    } else {
        let runs = done.runs.iter().map(run_text::run);
        out.text(&runs.chain(done.failures.iter().map(Failure::text)).collect::<Vec<_>>().join("\n"))?;
    }
    verdict(unfinished)
}

async fn preview_all<W: Write>(
    app: &App,
    users: &[User],
    resource: Resource,
    json: bool,
    out: &mut Output<W>,
) -> Result<(), CommandError> {
    let mut done = Previews::default();
    for user in users {
        match app.preview(user.id, resource).await {
            Ok(report) => done.previews.push(report),
            Err(error) => done.failures.push(Failure::new(user, &error)),
        }
    }
    if json {
        out.json(&done)?;
    } else {
        let previews = done.previews.iter().map(run_text::preview);
        out.text(&previews.chain(done.failures.iter().map(Failure::text)).collect::<Vec<_>>().join("\n"))?;
    }
    verdict(done.failures.len())
}

const fn verdict(unfinished: usize) -> Result<(), CommandError> {
    if unfinished == 0 { Ok(()) } else { Err(CommandError::Unfinished { unfinished }) }
}

/// Says after each step what the run has done so far.
async fn tell(mut steps: tokio::sync::broadcast::Receiver<crate::app::sync::Progress>, progress: Progress) {
    loop {
        match steps.recv().await {
            Ok(step) => {
                let report = step.report;
                let crm = written(report.crm.created, report.crm.updated, report.crm.deleted);
                let microsoft = written(report.microsoft.created, report.microsoft.updated, report.microsoft.deleted);
                progress.say(&format!("{} after step {}: CRM {crm}; Microsoft {microsoft}", report.user, report.steps));
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_remedy_and_fails_the_command() {
        let error = AppError::Unavailable { retry_after_ms: None };
        let failure =
            Failure { user: "anna".to_owned(), code: error.code(), message: error.to_string(), hint: error.hint() };
        assert_eq!(failure.text(), "anna\n   failed      Microsoft did not answer\n   hint        try again later\n");
        assert!(verdict(0).is_ok());
        assert!(matches!(verdict(2), Err(CommandError::Unfinished { unfinished: 2 })));
    }
}
