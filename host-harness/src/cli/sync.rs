//! `tandem sync`: runs now, for one user or everybody who is connected, of one
//! resource or of everything that is switched on.
//!
//! Next: [`super::check`].

use std::io::Write;

use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use super::args::SyncArgs;
use super::data::{self, Access, Opened, Purpose, open_existing};
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::run_text;
use super::text::written;
use crate::app::{App, AppError, IssueReport, NextCall, PreviewReport, Resource, RunReport, StatusRow};
use crate::crm::overview::Whose;
use crate::crm::users::User;
use crate::web::dates::Dates;
use crate::web::items::{ItemLine, about, item_of};

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
    resource: Resource,
    code: &'static str,
    message: String,
    hint: &'static str,
}

impl Failure {
    fn new(job: &Job, error: &AppError) -> Self {
        Self {
            user: job.user.login.clone(),
            resource: job.resource,
            code: error.code(),
            message: error.to_string(),
            hint: error.hint(),
        }
    }

    fn text(&self) -> String {
        let Self { user, resource, message, hint, .. } = self;
        format!("{} of {user}\n   failed      {message}\n   hint        {hint}\n", resource.label())
    }
}

/// One resource of one user.
struct Job {
    user: User,
    resource: Resource,
}

/// Runs the command. One user's failure stops nobody else, and one resource's
/// failure stops no other one.
///
/// # Errors
/// A run failed or did not come to its end.
pub async fn run<W: Write>(args: SyncArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    progress.say("opening the data and loading the component");
    let Opened { app, lock: _held } = open_existing(&args.data, Access::Work(Purpose::Sync)).await?;
    let resource = args.resource.map(Resource::from);
    let jobs = match &args.user {
        Some(login) => of_user(&app, data::user(&app, login)?, resource).await?,
        None => of_everybody(&app, resource).await?,
    };
    if jobs.is_empty() && !args.json {
        out.text("There is nothing to do: nobody with a connected account has this synchronization switched on.")?;
        return Ok(());
    }
    if args.preview {
        return preview_all(&app, &jobs, args.json, out).await;
    }
    tokio::spawn(tell(app.progress(), progress));
    run_all(&app, &jobs, args.again, args.json, out).await
}

/// What somebody asked for by name: it is tried even where nothing is switched
/// on, so that the report can say what is missing.
async fn of_user(app: &App, user: User, resource: Option<Resource>) -> Result<Vec<Job>, CommandError> {
    let rows = app.status(Whose::All).await?;
    let enabled = rows.iter().filter(|row| row.user_id == user.id && row.enabled).map(|row| row.resource);
    let mut resources: Vec<Resource> = resource.map_or_else(|| enabled.collect(), |resource| vec![resource]);
    if resources.is_empty() {
        resources.push(Resource::Calendar);
    }
    Ok(resources.into_iter().map(|resource| Job { user: user.clone(), resource }).collect())
}

/// Everything that can be synchronized.
async fn of_everybody(app: &App, resource: Option<Resource>) -> Result<Vec<Job>, CommandError> {
    let is_meant =
        |row: &StatusRow| row.enabled && row.connected && resource.is_none_or(|resource| row.resource == resource);
    let mut jobs = Vec::new();
    for row in app.status(Whose::All).await?.into_iter().filter(is_meant) {
        jobs.push(Job { user: app.crm().user(row.user_id)?, resource: row.resource });
    }
    Ok(jobs)
}

async fn run_one(app: &App, job: &Job, again: bool) -> Result<RunReport, AppError> {
    if again {
        app.compare_again(job.user.id, job.resource).await?;
    }
    app.sync(job.user.id, job.resource, None).await
}

/// What an issue of a run is about: the CRM's record by its title and day, or
/// else Microsoft's identifier. A name that cannot be read is none: the report
/// is worth more.
fn names(app: &App, job: &Job) -> impl Fn(&IssueReport) -> Option<String> {
    move |issue| {
        let Some(id) = &issue.item_id else {
            return issue.external_id.as_ref().map(|id| format!("in Microsoft 365: {id}"));
        };
        match item_of(app.crm(), &job.user, Dates::of_zone(job.user.time_zone.0), about(job.resource), id) {
            Ok(Some(ItemLine { title, when, .. })) if when.is_empty() => Some(format!("\"{title}\"")),
            Ok(Some(ItemLine { title, when, .. })) => Some(format!("\"{title}\", {when}")),
            Ok(None) => Some(format!("the record {id}, which is not there any more")),
            Err(_) => None,
        }
    }
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
    jobs: &[Job],
    again: bool,
    json: bool,
    out: &mut Output<W>,
) -> Result<(), CommandError> {
    let (mut done, mut texts) = (Runs::default(), Vec::new());
    for job in jobs {
        match run_one(app, job, again).await {
            Ok(report) => {
                texts.push(run_text::run(&report, &names(app, job)));
                done.runs.push(report);
            }
            Err(error) => done.failures.push(Failure::new(job, &error)),
        }
    }
    let unfinished = done.failures.len() + done.runs.iter().filter(|report| !is_done(report)).count();
    if json {
        out.json(&done)?;
    } else {
        texts.extend(done.failures.iter().map(Failure::text));
        out.text(&texts.join("\n"))?;
    }
    verdict(unfinished)
}

async fn preview_all<W: Write>(app: &App, jobs: &[Job], json: bool, out: &mut Output<W>) -> Result<(), CommandError> {
    let (mut done, mut texts) = (Previews::default(), Vec::new());
    for job in jobs {
        match app.preview(job.user.id, job.resource).await {
            Ok(report) => {
                texts.push(run_text::preview(&report, &names(app, job)));
                done.previews.push(report);
            }
            Err(error) => done.failures.push(Failure::new(job, &error)),
        }
    }
    if json {
        out.json(&done)?;
    } else {
        texts.extend(done.failures.iter().map(Failure::text));
        out.text(&texts.join("\n"))?;
    }
    verdict(done.failures.len() + done.previews.iter().filter(|preview| preview.blocked.is_some()).count())
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
                let what = format!("{} of {}", report.resource.label(), report.user);
                progress.say(&format!("{what} after step {}: CRM {crm}; Microsoft {microsoft}", report.steps));
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
        let failure = Failure {
            user: "anna".to_owned(),
            resource: Resource::Tasks,
            code: error.code(),
            message: error.to_string(),
            hint: error.hint(),
        };
        let told = "Tasks of anna\n   failed      Microsoft did not answer\n   hint        try again later\n";
        assert_eq!(failure.text(), told);
        assert!(verdict(0).is_ok());
        assert!(matches!(verdict(2), Err(CommandError::Unfinished { unfinished: 2 })));
    }
}
