//! `tandem` without a command, and `tandem demo`: the demonstration.
//!
//! Served from a data directory it is played on the first start only; a later
//! start finds the same company as it was left. Next: [`super::serve`].

use std::fmt::Write as _;
use std::io::Write;

use super::args::{DemoArgs, ServingArgs};
use super::data::{Endpoints, Opened, open_to_serve, options};
use super::failure::CommandError;
use super::listen::Listeners;
use super::output::{Output, Progress};
use super::run_text;
use super::serve::places;
use crate::app::{App, AppOptions, DataDir, PluginSource};
use crate::crm::users::User;
use crate::demo::organization::{ADMINISTRATOR, COLLEAGUE, SELLER, renew_registration};
use crate::demo::{self, FIXED_SEED, Found, Pace};

/// Plays the demonstration in memory, prints the report, and ends.
///
/// # Errors
/// Something did not work, or both sides differ at the end.
pub async fn once<W: Write>(args: DemoArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    progress.say("loading the component");
    let plugin = args.serving.plugin.map_or(PluginSource::Embedded, PluginSource::File);
    let seed = args.serving.seed.unwrap_or(FIXED_SEED);
    let app = App::start(AppOptions { plugin, ..AppOptions::in_memory(demo::fixed_clock(), seed) }).await?;
    let report = demo::play(&app, Pace::Fixed, &|what| progress.say(what)).await?;
    if args.json {
        out.json(&report)?;
    } else {
        out.text(&run_text::demonstration(&report))?;
    }
    if report.converged { Ok(()) } else { Err(CommandError::NotConverged) }
}

/// Plays the demonstration where there is none yet, prints what happened, and
/// serves it until interrupted.
///
/// # Errors
/// A port or the data cannot be used, or the demonstration failed.
pub async fn serve<W: Write>(args: ServingArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let listeners = Listeners::take(args.port, args.graph_port, true).await?;
    let endpoints: Endpoints = listeners.endpoints();
    progress.say("opening the data and loading the component");
    let options = options(args.data, &endpoints, args.seed, args.plugin)?;
    let Opened { app, lock: _held } = open_to_serve(options).await?;
    match demo::find(app.crm())? {
        Found::Nobody => {
            let report = demo::play(&app, Pace::Live, &|what| progress.say(what)).await?;
            out.text(&run_text::demonstration(&report))?;
            out.text(&invitation(&app).await?)?;
        }
        Found::Played => later(&app, "The demonstration was prepared earlier and is as you left it.", out).await?,
        Found::Interrupted => {
            let what = "The demonstration was interrupted while it was prepared; it is served as far as it got.";
            later(&app, what, out).await?;
        }
        Found::Others => {
            out.text(&format!("This data is not the demonstration's; it is served as it is.\n\n{}", places(&app)))?;
        }
    }
    listeners.serve(app).await
}

/// What to open, and as whom. Where the demonstration was interrupted, some people
/// may be missing.
async fn invitation(app: &App) -> Result<String, CommandError> {
    let mut text = String::from("\nNow open the CRM and sign in; there are no passwords.\n");
    for person in [SELLER, ADMINISTRATOR, COLLEAGUE] {
        if let Some(user) = app.crm().all_users()?.into_iter().find(|user| user.login == person.login) {
            let _ = writeln!(text, "  {:<6} {}, {}", user.login, user.display_name, role(app, &user).await?);
        }
    }
    text.push('\n');
    Ok(text + &places(app))
}

/// What somebody is there for.
async fn role(app: &App, user: &User) -> Result<String, CommandError> {
    if user.login == SELLER.login {
        return Ok("whose items these are; see Calendar, Tasks and Conflicts".to_owned());
    }
    if user.login == ADMINISTRATOR.login {
        return Ok("who configures the CRM; see System Configuration".to_owned());
    }
    Ok(match app.account(user.id).await? {
        Some(account) => format!("who is connected with {}", account.name),
        None => "who has not connected a Microsoft account yet; try Connect".to_owned(),
    })
}

/// Says what a later start finds, at the CRM's address of this one.
async fn later<W: Write>(app: &App, what: &str, out: &mut Output<W>) -> Result<(), CommandError> {
    renew_registration(app).await?;
    let remedy = match &app.options().data {
        DataDir::Memory => String::new(),
        DataDir::Path(path) => {
            format!(" For a new one, delete `{}` or name another with `--data DIR`.", path.display())
        }
    };
    out.text(&format!("{what}{remedy}\n{}", invitation(app).await?))?;
    Ok(())
}
