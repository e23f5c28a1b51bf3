//! Which data a command works on, and how it is opened.
//!
//! A data directory remembers under which addresses it was served last, so that
//! `tandem sync` speaks of the same places as `tandem serve`. The emulated
//! Microsoft keeps its state in memory while it runs; only one process at a
//! time may run it on a directory. Next: [`super::listen`].

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::{CRM_PORT, GRAPH_PORT};
use super::cloud::Cloud;
use super::failure::CommandError;
use crate::app::{App, AppOptions, DataDir, PluginSource};
use crate::clock::HarnessClock;
use crate::crm::database::{DATABASE_FILE, KEY_FILE};
use crate::crm::users::User;

/// The file of the addresses in a data directory.
const ENDPOINTS_FILE: &str = "endpoints.json";

/// Where both sides are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoints {
    /// Scheme and authority of the CRM.
    pub crm_url: String,
    /// Scheme and authority of the emulator.
    pub microsoft_url: String,
    /// A real login instead of the emulator.
    #[serde(default)]
    pub login_url: Option<String>,
    /// A real Graph instead of the emulator.
    #[serde(default)]
    pub graph_url: Option<String>,
}

impl Endpoints {
    /// Both sides on these ports of this machine.
    pub fn local(crm_port: u16, graph_port: u16) -> Self {
        Self {
            crm_url: format!("http://127.0.0.1:{crm_port}"),
            microsoft_url: format!("http://127.0.0.1:{graph_port}"),
            login_url: None,
            graph_url: None,
        }
    }

    /// Where the directory was served last; the default ports where it never
    /// was.
    fn read(directory: &Path) -> Result<Self, CommandError> {
        Ok(Self::stored(directory)?.unwrap_or_else(|| Self::local(CRM_PORT, GRAPH_PORT)))
    }

    fn stored(directory: &Path) -> Result<Option<Self>, CommandError> {
        let path = directory.join(ENDPOINTS_FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CommandError::Read { path, source }),
        };
        serde_json::from_str(&text).map(Some).map_err(|error| CommandError::Read { path, source: error.into() })
    }

    /// Refuses to put another Microsoft behind what was linked with one: to the
    /// other one, everything that is linked would seem to be deleted.
    fn refuse_another_microsoft(&self, directory: &Path) -> Result<(), CommandError> {
        match Self::stored(directory)? {
            Some(before) if before.microsoft() != self.microsoft() => Err(CommandError::AnotherMicrosoft {
                path: directory.to_owned(),
                expected: before.microsoft(),
                found: self.microsoft(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Which Microsoft it is. The emulator is the same on every port.
    fn microsoft(&self) -> ServedWith {
        let plain = |url: &String| url.trim_end_matches('/').to_owned();
        match (&self.login_url, &self.graph_url) {
            (Some(login), Some(graph)) => ServedWith::Real { login: plain(login), graph: plain(graph) },
            (None | Some(_), _) => ServedWith::Emulator,
        }
    }

    fn write(&self, directory: &Path) -> Result<(), CommandError> {
        let path = directory.join(ENDPOINTS_FILE);
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        std::fs::write(&path, text).map_err(|source| CommandError::Write { path, source })
    }
}

/// Which Microsoft stands behind a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServedWith {
    /// The emulator.
    Emulator,
    /// A real one.
    Real {
        /// Where its login is.
        login: String,
        /// Where its Graph is.
        graph: String,
    },
}

impl fmt::Display for ServedWith {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emulator => formatter.write_str("the emulator"),
            Self::Real { login, graph } => write!(formatter, "{login} and {graph}"),
        }
    }
}

impl ServedWith {
    /// How a directory is opened that was served with it. Only `serve` takes the
    /// addresses of a real Microsoft.
    pub(super) fn hint(&self, directory: &Path) -> String {
        match self {
            Self::Emulator => {
                "leave out --cloud, --login-url and --graph-url, or name another directory with `--data DIR`".to_owned()
            }
            Self::Real { login, graph } => {
                let options = Cloud::at(login, graph).map_or_else(
                    || format!("--login-url {login} --graph-url {graph}"),
                    |cloud| format!("--cloud {}", cloud.word()),
                );
                format!(
                    "serve it with `tandem serve --data {} {options}`, or name another directory with `--data DIR`",
                    directory.display()
                )
            }
        }
    }
}

/// What somebody wants a directory for whose emulated Microsoft one process alone
/// can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve it.
    Serve,
    /// To synchronize it now.
    Sync,
    /// To check the connection of a user.
    Check,
    /// To fill a mailbox.
    Import,
}

impl Purpose {
    /// What to do while another process has it.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Serve => {
                "use the pages of the `tandem` that serves it or stop that one first, or name another directory with \
                 `--data DIR`"
            }
            Self::Sync => {
                "stop the `tandem` that serves it and try again; while it runs, use Sync now and Preview on its pages"
            }
            Self::Check => {
                "press Check Connection on the page of the `tandem` that serves it, or stop that one and try again"
            }
            Self::Import => "stop the `tandem` that serves it, import, and start it again",
        }
    }
}

/// Holds a data directory for this process.
#[derive(Debug)]
pub struct DataLock {
    _file: Option<File>,
}

impl DataLock {
    /// Takes the directory; none where there is nothing to hold yet.
    ///
    /// The encryption key's file carries the lock: every directory in use has
    /// it, and nothing ever writes to it again.
    fn take(directory: &Path, purpose: Purpose) -> Result<Option<Self>, CommandError> {
        let Ok(file) = File::open(directory.join(KEY_FILE)) else {
            // Whether that is an error is said by whoever needs the key.
            return Ok(None);
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Err(CommandError::DataInUse { path: directory.to_owned(), purpose }),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "this file system has no locks: do not start two processes on one directory");
                Ok(Some(Self { _file: None }))
            }
        }
    }
}

/// A started application, with its data where they have to be held.
pub struct Opened {
    /// The application.
    pub app: App,
    /// Released when the command ends.
    pub lock: Option<DataLock>,
}

/// What a command does with the emulated Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing that changes it.
    Look,
    /// Requests, which need it alone.
    Work(Purpose),
}

/// Options for this data, at these places.
pub fn options(
    data: DataDir,
    endpoints: &Endpoints,
    seed: Option<u64>,
    plugin: Option<PathBuf>,
) -> Result<AppOptions, CommandError> {
    let seed = match seed {
        Some(seed) => seed,
        None => random_seed()?,
    };
    Ok(AppOptions {
        data,
        plugin: plugin.map_or(PluginSource::Embedded, PluginSource::File),
        crm_url: endpoints.crm_url.clone(),
        microsoft_url: endpoints.microsoft_url.clone(),
        login_url: endpoints.login_url.clone(),
        graph_url: endpoints.graph_url.clone(),
        ..AppOptions::in_memory(HarnessClock::running(), seed)
    })
}

/// A seed that nobody can foresee: keys of sign-ins are made from it.
fn random_seed() -> Result<u64, CommandError> {
    let mut bytes = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| CommandError::Runtime(std::io::Error::other("the system gives no random bytes")))?;
    Ok(u64::from_le_bytes(bytes))
}

/// Starts the application to serve it, and remembers where it is found.
///
/// # Errors
/// It does not start, or the directory is in use.
pub async fn open_to_serve(options: AppOptions) -> Result<Opened, CommandError> {
    let directory = match &options.data {
        DataDir::Memory => None,
        DataDir::Path(path) => Some(path.clone()),
    };
    let endpoints = Endpoints {
        crm_url: options.crm_url.clone(),
        microsoft_url: options.microsoft_url.clone(),
        login_url: options.login_url.clone(),
        graph_url: options.graph_url.clone(),
    };
    let Some(directory) = directory else {
        return Ok(Opened { app: App::start(options).await?, lock: None });
    };
    refuse_a_file(&directory)?;
    endpoints.refuse_another_microsoft(&directory)?;
    let opened = start(options, &directory, Access::Work(Purpose::Serve)).await?;
    endpoints.write(&directory)?;
    Ok(opened)
}

/// Starts the application on a directory that exists, where it was served last.
///
/// # Errors
/// There is none, it does not start, or it is in use.
pub async fn open_existing(directory: &Path, access: Access) -> Result<Opened, CommandError> {
    refuse_a_file(directory)?;
    // A mistyped path must not become a new directory.
    if !directory.join(DATABASE_FILE).is_file() {
        return Err(CommandError::NoData { path: directory.to_owned() });
    }
    let endpoints = Endpoints::read(directory)?;
    let options = options(DataDir::Path(directory.to_owned()), &endpoints, None, None)?;
    start(options, directory, access).await
}

async fn start(options: AppOptions, directory: &Path, access: Access) -> Result<Opened, CommandError> {
    let purpose = match access {
        // Real endpoints have no state here; then the CRM's own claims are enough.
        Access::Work(purpose) if options.login_url.is_none() => purpose,
        Access::Look | Access::Work(_) => return Ok(Opened { app: App::start(options).await?, lock: None }),
    };
    let before = DataLock::take(directory, purpose)?;
    let app = App::start(options).await?;
    let lock = match before {
        Some(lock) => Some(lock),
        // A new directory has its key only now.
        None => DataLock::take(directory, purpose)?,
    };
    Ok(Opened { app, lock })
}

/// A file in the place of the directory makes every other error misleading.
fn refuse_a_file(directory: &Path) -> Result<(), CommandError> {
    if directory.is_file() { Err(CommandError::DataIsAFile { path: directory.to_owned() }) } else { Ok(()) }
}

/// The user with this login.
///
/// # Errors
/// There is none; the error names those that there are.
pub fn user(app: &App, login: &str) -> Result<User, CommandError> {
    let users = app.crm().all_users()?;
    let known = users.iter().map(|user| user.login.clone()).collect();
    let found = users.into_iter().find(|user| user.login == login);
    found.ok_or_else(|| CommandError::UnknownUser { found: login.to_owned(), known })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_directory_remembers_where_it_was_served() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Endpoints::read(directory.path()).unwrap(), Endpoints::local(8080, 8081));
        let endpoints = Endpoints { login_url: Some("https://login.example".to_owned()), ..Endpoints::local(1, 2) };
        endpoints.write(directory.path()).unwrap();
        assert_eq!(Endpoints::read(directory.path()).unwrap(), endpoints);
        std::fs::write(directory.path().join(ENDPOINTS_FILE), "{").unwrap();
        assert!(matches!(Endpoints::read(directory.path()), Err(CommandError::Read { .. })));
    }

    #[test]
    fn a_cloud_that_was_typed_by_its_name_is_hinted_at_by_its_name() {
        let real = |login: String, graph: String| ServedWith::Real { login, graph }.hint(Path::new("d"));
        let hint = real(Cloud::UsgovDod.login_url(), Cloud::UsgovDod.graph_url());
        assert!(hint.starts_with("serve it with `tandem serve --data d --cloud usgov-dod`"), "{hint}");
        let mixed = real(Cloud::Global.login_url(), Cloud::China.graph_url());
        assert!(mixed.contains("--login-url https://login.microsoftonline.com --graph-url https://"), "{mixed}");
    }

    #[test]
    fn one_process_holds_a_directory_until_it_lets_go() {
        let directory = tempfile::tempdir().unwrap();
        let take = || DataLock::take(directory.path(), Purpose::Sync);
        assert!(take().unwrap().is_none(), "there is no key yet");
        std::fs::write(directory.path().join(KEY_FILE), [0; 32]).unwrap();
        let held = take().unwrap().unwrap();
        assert!(matches!(take(), Err(CommandError::DataInUse { .. })));
        drop(held);
        assert!(take().unwrap().is_some());
    }

    #[tokio::test]
    async fn a_mistyped_directory_is_not_created() {
        let directory = tempfile::tempdir().unwrap();
        let mistyped = directory.path().join("tandme-data");
        let Err(error) = open_existing(&mistyped, Access::Look).await else {
            unreachable!("nothing is there");
        };
        assert!(matches!(error, CommandError::NoData { .. }), "{error}");
        assert!(!mistyped.exists());
    }
}
