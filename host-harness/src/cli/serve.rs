//! `tandem serve`: the pages, the emulator and the scheduler on a data
//! directory, with nothing prepared.
//!
//! Next: [`super::sync`].

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use super::args::ServeArgs;
use super::data::{Endpoints, Opened, open_to_serve, options};
use super::failure::CommandError;
use super::listen::Listeners;
use super::output::{Output, Progress};
use crate::app::{App, AppOptions, DataDir};
use crate::demo::organization::renew_registration;
use crate::graph::Trust;
use crate::tls::authority::Authority;

/// Runs the command until it is interrupted.
///
/// # Errors
/// A port or the data cannot be used, or the component cannot be loaded.
pub async fn run<W: Write>(args: ServeArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let ServeArgs { serving, tls, trust, cloud, login_url, graph_url } = args;
    let (login_url, graph_url) = match cloud {
        Some(cloud) => (Some(cloud.login_url()), Some(cloud.graph_url())),
        None => (login_url, graph_url),
    };
    let mut listeners = Listeners::take(serving.port, serving.graph_port, login_url.is_none()).await?;
    let authority = if tls { Some(authority(&serving.data)?) } else { None };
    if let Some(authority) = &authority {
        listeners = listeners.with_tls(authority.server_config()?);
    }
    let endpoints = Endpoints { login_url, graph_url, ..listeners.endpoints() };
    progress.say("opening the data and loading the component");
    let options = options(serving.data, &endpoints, serving.seed, serving.plugin)?;
    let own = authority.as_ref().map(|authority| authority.certificate_file().to_owned());
    let options = AppOptions { trust: trusted(own.into_iter().chain(trust))?, ..options };
    let Opened { app, lock: _held } = open_to_serve(options).await?;
    renew_registration(&app).await?;
    let mut text = String::new();
    if let Some(authority) = &authority {
        let file = authority.certificate_file();
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let _ = writeln!(text, "CA file     {}", file.display());
    }
    text += &places(&app);
    if app.crm().all_users()?.is_empty() {
        text +=
            "\nNobody works in this CRM yet: add users with `POST /api/users`, or run `tandem` for a demonstration.\n";
    }
    out.text(&text)?;
    listeners.serve(app).await
}

/// The certificate authority of this data. One that is gone at the end would have
/// to be told to every client anew.
fn authority(data: &DataDir) -> Result<Authority, CommandError> {
    match data {
        DataDir::Path(directory) => Ok(Authority::open(directory)?),
        DataDir::Memory => Err(CommandError::TlsInMemory),
    }
}

/// The authorities of these files.
fn trusted(files: impl Iterator<Item = PathBuf>) -> Result<Trust, CommandError> {
    let mut trust = Trust::default();
    for path in files {
        match std::fs::read(&path) {
            Ok(pem) => trust = trust.and(&pem).map_err(|source| CommandError::NoAuthority { path, source })?,
            Err(source) => return Err(CommandError::Read { path, source }),
        }
    }
    Ok(trust)
}

/// Where everything is found, and how to stop.
pub fn places(app: &App) -> String {
    let options = app.options();
    let data = match &options.data {
        DataDir::Memory => "in memory; gone when this ends".to_owned(),
        DataDir::Path(path) => path.display().to_string(),
    };
    let mut text = format!("CRM         {}\nMicrosoft   {}\n", options.crm_url, microsoft(options));
    let _ = writeln!(text, "Data        {data}");
    let _ = writeln!(text, "Seed        {}", options.seed);
    text + "Stop        Ctrl-C\n"
}

/// Which Microsoft it is, for people.
pub(super) fn microsoft(options: &AppOptions) -> String {
    match (&options.login_url, &options.graph_url) {
        (Some(login), Some(graph)) => format!("{login} and {graph}"),
        (None | Some(_), _) => format!("{} (emulated)", options.microsoft_url),
    }
}
