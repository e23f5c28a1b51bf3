//! What can be typed behind `tandem`.
//!
//! Only shapes and what can be judged from the words alone; clap answers wrong
//! ones with exit code 2. Next: [`super::usage`].

use std::ops::Range;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tandem_runtime::Authority;

use super::cloud::Cloud;
use crate::app::{DataDir, Resource};
use crate::crm::AlertId;

/// Port of the CRM's pages and of its JSON interface.
pub const CRM_PORT: u16 = 8080;

/// Port of the emulated Microsoft login and of the emulated Graph.
pub const GRAPH_PORT: u16 = 8081;

/// Operations of a simulated history where no number is given.
const SIM_STEPS: u32 = 300;

/// The mistakes that a test build of the component can make on purpose, as it names
/// them itself (`plugin/src/defective`).
const DEFECTS: [&str; 22] = [
    "drop-base",
    "skip-intent",
    "ignore-conflict",
    "ignore-version",
    "missing-is-deleted",
    "unreadable-is-deleted",
    "forget-fence",
    "skip-record",
    "cursor-first",
    "ignore-direction",
    "everything-is-new",
    "new-key-each-time",
    "repeat-blindly",
    "log-token",
    "keep-token",
    "ask-twice",
    "wrong-winner",
    "half-a-base",
    "drop-an-edit",
    "miscount-links",
    "invite-a-colleague",
    "forget-zone",
];

/// The data directory of the demonstration and of `serve`.
const DATA_DIRECTORY: &str = "tandem-data";

/// The name for data that is gone when the program ends.
const IN_MEMORY: &str = ":memory:";

/// Keeps a CRM and Microsoft 365 in step, with both sides emulated.
///
/// Without a command: prepares a demonstration on the first start, runs the
/// first synchronization, prints what happened, and serves the pages.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the demonstration is started with where no command is given.
    #[command(flatten)]
    pub demonstration: ServingArgs,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The demonstration: with `--once` in memory, then the end.
    Demo(DemoArgs),
    /// Serve the CRM's pages and the Microsoft emulator until interrupted.
    Serve(ServeArgs),
    /// Synchronize now, until nothing is left to do.
    Sync(SyncArgs),
    /// A row per user and resource: when it ran and when it runs next.
    Status(StatusArgs),
    /// Check Connection of a user, step by step, with whatever Microsoft the data
    /// are served with.
    Check(CheckArgs),
    /// What asks for something to be done; the release of a guard rail.
    Alerts(AlertsArgs),
    /// What a component is, what it asks for, what it imports and exports.
    Inspect(InspectArgs),
    /// Load a real calendar (.ics) into one of the two sides.
    Import(ImportArgs),
    /// Play random histories of people, faults and crashes on the component, and
    /// ask after each what has to hold.
    Sim(SimArgs),
    /// How long what people wait for takes, on a CRM of 5,000 users.
    Bench(BenchArgs),
}

/// Where to listen, and on which data.
#[derive(Clone, Debug, Args)]
pub struct ServingArgs {
    /// Port of the CRM's pages; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = CRM_PORT, value_parser = port)]
    pub port: u16,
    /// Port of the emulated Microsoft 365; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = GRAPH_PORT, value_parser = port)]
    pub graph_port: u16,
    /// The data directory, or `:memory:` to keep nothing.
    #[arg(long, value_name = "DIR", default_value = DATA_DIRECTORY, value_parser = data_dir)]
    pub data: DataDir,
    /// Reproduces the random numbers of a run; drawn where absent.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Load this component instead of the one that is built in.
    #[arg(long, value_name = "FILE")]
    pub plugin: Option<PathBuf>,
}

/// `tandem demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Run in memory with a fixed clock, print the report, and end.
    #[arg(long, conflicts_with_all = ["port", "graph_port", "data"])]
    pub once: bool,
    /// Print the report as JSON.
    #[arg(long, requires = "once")]
    pub json: bool,
    /// What it is started with.
    #[command(flatten)]
    pub serving: ServingArgs,
}

/// `tandem serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen, and on which data.
    #[command(flatten)]
    pub serving: ServingArgs,
    /// Speak HTTPS, too, on the port of the emulated Microsoft 365, with a
    /// certificate authority that is made in the data directory.
    #[arg(long, conflicts_with_all = ["cloud", "login_url", "graph_url"])]
    pub tls: bool,
    /// A file of certificates in PEM, such as that of your own authority, that
    /// endpoints of change notifications may have, beside those of public
    /// authorities; with `--tls`, the authority of the data directory, too.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cloud", "login_url", "graph_url"])]
    pub trust: Vec<PathBuf>,
    /// The real Microsoft of this cloud instead of the emulator, whose port is not
    /// opened then.
    #[arg(long, value_enum, value_name = "CLOUD", conflicts_with_all = ["login_url", "graph_url", "graph_port"])]
    pub cloud: Option<Cloud>,
    /// A real Microsoft login instead of the emulator, such as
    /// <https://login.microsoftonline.com>: https with a public address, or http on
    /// this machine for a proxy of your own.
    #[arg(long, value_name = "URL", requires = "graph_url", conflicts_with = "graph_port", value_parser = address)]
    pub login_url: Option<String>,
    /// A real Graph instead of the emulator, such as
    /// <https://graph.microsoft.com/v1.0>, with the same kinds of addresses.
    #[arg(long, value_name = "URL", requires = "login_url", conflicts_with = "graph_port", value_parser = address)]
    pub graph_url: Option<String>,
}

/// `tandem sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", value_parser = existing_data)]
    pub data: PathBuf,
    /// The login of one user; everybody who is connected where absent.
    #[arg(long, value_name = "LOGIN")]
    pub user: Option<String>,
    /// What to synchronize; everything that is switched on where absent.
    #[arg(long, value_enum)]
    pub resource: Option<SyncedResource>,
    /// Say what a run would do, and write nothing.
    #[arg(long)]
    pub preview: bool,
    /// Read both sides from the beginning and compare everything, not only what
    /// has changed.
    #[arg(long, conflicts_with = "preview")]
    pub again: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What this version synchronizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SyncedResource {
    /// Calendar events.
    Calendar,
    /// Tasks.
    Tasks,
}

impl From<SyncedResource> for Resource {
    fn from(resource: SyncedResource) -> Self {
        match resource {
            SyncedResource::Calendar => Self::Calendar,
            SyncedResource::Tasks => Self::Tasks,
        }
    }
}

/// `tandem status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", value_parser = existing_data)]
    pub data: PathBuf,
    /// Print the rows as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `tandem check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", value_parser = existing_data)]
    pub data: PathBuf,
    /// The login of the user.
    #[arg(long, value_name = "LOGIN")]
    pub user: String,
    /// Print the steps as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `tandem bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Print the table as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `tandem alerts`.
#[derive(Debug, Args)]
pub struct AlertsArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", value_parser = existing_data)]
    pub data: PathBuf,
    /// The login of one user; everybody where absent.
    #[arg(long, value_name = "LOGIN")]
    pub user: Option<String>,
    /// Those that are over, as long as they are kept.
    #[arg(long)]
    pub resolved: bool,
    /// How many are open of which cause.
    #[arg(long, conflicts_with_all = ["user", "resolved"])]
    pub summary: bool,
    /// Release the guard rail that this alert is about: what it has held back is
    /// carried out by the next run, once.
    #[arg(long, value_name = "ID", conflicts_with_all = ["user", "resolved", "summary"], value_parser = alert_id)]
    pub release: Option<AlertId>,
    /// Release it only if its message still is this one: more may be held back by now.
    #[arg(long, value_name = "MESSAGE", requires = "release")]
    pub read: Option<String>,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `tandem inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The component, a .wasm file.
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `tandem import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", value_parser = existing_data)]
    pub data: PathBuf,
    /// The login of the user whose calendar it is.
    #[arg(long, value_name = "LOGIN")]
    pub user: String,
    /// Into which side.
    #[arg(long, value_enum)]
    pub side: ImportSide,
    /// The calendar.
    #[arg(value_name = "FILE.ics")]
    pub file: PathBuf,
    /// Print the count as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Into which side a calendar is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportSide {
    /// The user's calendar in the CRM.
    Crm,
    /// The user's mailbox in the emulated Microsoft 365.
    Microsoft,
}

/// `tandem sim`.
#[derive(Debug, Args)]
pub struct SimArgs {
    /// Which histories, such as `1..200`, both ends included. The same seed has
    /// the same history and the same result.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    pub seeds: Range<u64>,
    /// Operations of each history, beside the quiet periods after which the laws are
    /// asked.
    #[arg(long, value_name = "N", default_value_t = SIM_STEPS, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Load this component instead of the one that is built in.
    #[arg(long, value_name = "FILE")]
    pub plugin: Option<PathBuf>,
    /// Have a test build of the component make this mistake, to see a law fail.
    #[arg(long, value_name = "NAME", requires = "plugin", value_parser = PossibleValuesParser::new(DEFECTS))]
    pub defect: Option<String>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// The seeds from A to B, both included, as a range without its end.
fn seeds(text: &str) -> Result<Range<u64>, String> {
    let wrong = || format!("expected two numbers such as `1..200`, the smaller one first, but found `{text}`");
    let (from, until) = text.split_once("..").ok_or_else(wrong)?;
    let (from, until): (u64, u64) = (from.parse().map_err(|_| wrong())?, until.parse().map_err(|_| wrong())?);
    let end = until.checked_add(1).filter(|end| *end > from).ok_or_else(wrong)?;
    Ok(from..end)
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("expected a port number from 0 to {}, but found `{text}`", u16::MAX))
}

fn alert_id(text: &str) -> Result<AlertId, String> {
    text.parse().map_err(|_| format!("expected the number in front of an alert, but found `{text}`"))
}

fn data_dir(text: &str) -> Result<DataDir, String> {
    match text {
        "" => Err(format!("expected a directory or `{IN_MEMORY}`, but found an empty text")),
        IN_MEMORY => Ok(DataDir::Memory),
        path => Ok(DataDir::Path(PathBuf::from(path))),
    }
}

fn existing_data(text: &str) -> Result<PathBuf, String> {
    match data_dir(text)? {
        DataDir::Path(path) => Ok(path),
        DataDir::Memory => Err(format!("expected a data directory, but found `{IN_MEMORY}`, which holds nothing yet")),
    }
}

/// The address of a Microsoft that components will be let through to: what is
/// refused later is refused here, before anybody has connected.
fn address(text: &str) -> Result<String, String> {
    let authority =
        Authority::of_url(text).map_err(|error| format!("{error}; write it like https://graph.microsoft.com/v1.0"))?;
    let is_encrypted = Authority::is_encrypted(text);
    if !is_encrypted && !authority.is_loopback() {
        return Err(
            "expected https, or http on this machine such as http://127.0.0.1:8443, but found http elsewhere; \
                    secrets and tokens would travel unencrypted"
                .to_owned(),
        );
    }
    if is_encrypted && authority.is_inside() {
        return Err(
            "expected a public address, or http on this machine such as http://127.0.0.1:8443, but found https \
                    inside of this network; components are not let through to that"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
