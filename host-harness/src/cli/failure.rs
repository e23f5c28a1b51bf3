//! Why a command failed, what to do about it, and with which exit code it ends.
//!
//! One sentence says what was expected and what was found, each further line
//! one cause, the last line the remedy. Next: [`super::output`].

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use super::data::{Purpose, ServedWith};
use crate::app::{AccountFailure, AppError, ReleaseError, StartError};
use crate::bench::BenchError;
use crate::crm::{AlertId, CrmError};
use crate::demo::DemoError;
use crate::graph::{SetupError, TrustError};
use crate::import::ImportError;
use crate::tls::authority::TlsError;

/// The command did what it should.
pub const DONE: u8 = 0;
/// It did not.
pub const FAILED: u8 = 1;
/// What was typed cannot be done at all. clap uses the same number.
pub const WRONG_USAGE: u8 = 2;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The application did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The application did not do it.
    #[error(transparent)]
    App(#[from] AppError),
    /// The CRM did not do it.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// The account of the user cannot be asked.
    #[error(transparent)]
    Account(#[from] AccountFailure),
    /// Something of the connection does not work; the report says what.
    #[error("expected every step of the check to pass, but found that `{step}` did not")]
    CheckFailed {
        /// What was tried.
        step: String,
    },
    /// Nothing could be measured.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// A guard rail was not released.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The demonstration did not get to its end.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The demonstration got to its end and does not agree.
    #[error("expected both sides to agree after the last run, but found a difference")]
    NotConverged,
    /// Somebody else listens on the port.
    #[error("expected port {port} to be free for {role}, but found that it is in use")]
    PortInUse {
        /// The port.
        port: u16,
        /// What would listen there.
        role: &'static str,
        /// The option that names another port.
        option: &'static str,
    },
    /// The port cannot be had for another reason.
    #[error("port {port} cannot be used for {role}")]
    Port {
        /// The port.
        port: u16,
        /// What would listen there.
        role: &'static str,
        /// The option that names another port.
        option: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The directory holds no data of this program.
    #[error("expected a data directory of tandem at `{}`, but found none", .path.display())]
    NoData {
        /// The directory.
        path: PathBuf,
    },
    /// What should be a directory is a file.
    #[error("expected a data directory at `{}`, but found a file", .path.display())]
    DataIsAFile {
        /// The file.
        path: PathBuf,
    },
    /// The emulated Microsoft of the directory runs in another process.
    #[error("expected the data directory `{}` for this command alone, but found it in use", .path.display())]
    DataInUse {
        /// The directory.
        path: PathBuf,
        /// What it is wanted for.
        purpose: Purpose,
    },
    /// What is linked in the directory is linked with another Microsoft.
    #[error("expected `{}` to be served with {expected} as before, but found {found}", .path.display())]
    AnotherMicrosoft {
        /// The directory.
        path: PathBuf,
        /// Which Microsoft it was served with.
        expected: ServedWith,
        /// Which one it should be now.
        found: ServedWith,
    },
    /// There is no certificate to speak TLS with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A certificate authority would be gone with the process.
    #[error("expected a data directory that keeps the certificate authority of --tls, but found `:memory:`")]
    TlsInMemory,
    /// A file of authorities has none.
    #[error("no authority can be taken from `{}`", .path.display())]
    NoAuthority {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: TrustError,
    },
    /// A file cannot be read.
    #[error("the file `{}` cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the directory cannot be written.
    #[error("the file `{}` cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Nobody has the login.
    #[error("expected one of the users {}, but found `{found}`", names(.known))]
    UnknownUser {
        /// What was given.
        found: String,
        /// Who there is.
        known: Vec<String>,
    },
    /// No alert has the number.
    #[error("expected an existing alert, but found none with the number {found}")]
    UnknownAlert {
        /// What was given.
        found: AlertId,
        /// Where the alerts are.
        data: PathBuf,
    },
    /// The calendar file cannot be read as one.
    #[error(transparent)]
    Calendar(#[from] ImportError),
    /// The other side of the directory is the real one.
    #[error("expected the Microsoft emulator behind this data directory, but found real endpoints")]
    RealMicrosoft,
    /// The mailbox cannot be filled.
    #[error("the mailbox cannot be filled")]
    Mailbox(#[from] SetupError),
    /// Some runs did not come to their end; their reports say why.
    #[error("expected every run to finish, but found {unfinished} that did not")]
    Unfinished {
        /// How many.
        unfinished: usize,
    },
    /// Histories broke a law; the report shows them.
    #[error(
        "expected every history to keep the laws, but found {violations} that {}",
        if *violations == 1 { "does not" } else { "do not" }
    )]
    Violations {
        /// How many.
        violations: usize,
        /// What is typed behind `tandem sim --seeds N..N` to play one of them again.
        again: String,
    },
    /// The component makes no mistakes on purpose.
    #[error("expected a test build of the component that can make the mistake `{defect}`, but `{}` cannot", .plugin.display())]
    NoTestBuild {
        /// The component.
        plugin: PathBuf,
        /// The mistake.
        defect: String,
    },
    /// The result cannot be written.
    #[error("the result cannot be written to standard output")]
    Output(#[from] io::Error),
    /// The process cannot do its work.
    #[error("the asynchronous runtime or a listener did not start")]
    Runtime(#[source] io::Error),
}

impl CommandError {
    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Start(StartError::Address { .. } | StartError::HalfReal)
            | Self::NoTestBuild { .. }
            | Self::TlsInMemory
            | Self::NoAuthority { .. } => WRONG_USAGE,
            Self::Start(
                StartError::Data(_)
                | StartError::Crm(_)
                | StartError::Plugin(_)
                | StartError::Failed(_)
                | StartError::Emulator(_),
            )
            | Self::App(_)
            | Self::Crm(_)
            | Self::Account(_)
            | Self::CheckFailed { .. }
            | Self::Bench(_)
            | Self::Release(_)
            | Self::Demo(_)
            | Self::NotConverged
            | Self::PortInUse { .. }
            | Self::Port { .. }
            | Self::NoData { .. }
            | Self::DataIsAFile { .. }
            | Self::DataInUse { .. }
            | Self::AnotherMicrosoft { .. }
            | Self::Tls(_)
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::UnknownUser { .. }
            | Self::UnknownAlert { .. }
            | Self::Calendar(_)
            | Self::RealMicrosoft
            | Self::Mailbox(_)
            | Self::Unfinished { .. }
            | Self::Violations { .. }
            | Self::Output(_)
            | Self::Runtime(_) => FAILED,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        let text = match self {
            Self::Start(error) => error.hint(),
            Self::App(error) => error.hint(),
            Self::Crm(error) => error.hint(),
            Self::Account(failure) => failure.hint(),
            Self::CheckFailed { .. } => "do what its line says, and check again",
            Self::Bench(_) => "run again with `TANDEM_LOG=debug`",
            Self::Release(error) => error.hint(),
            Self::Demo(error) => error.hint(),
            Self::NotConverged => "look at `agreement` in the report, and run again with `TANDEM_LOG=debug`",
            Self::PortInUse { option, .. } => {
                return format!("stop the program that listens there, or name another port with `{option} PORT`");
            }
            Self::Port { option, .. } => return format!("name another port with `{option} PORT`"),
            Self::NoData { path } => {
                return format!("check the path, or run `tandem --data {}` first", path.display());
            }
            Self::DataIsAFile { .. } | Self::TlsInMemory => "name a directory with `--data DIR`",
            Self::DataInUse { purpose, .. } => purpose.hint(),
            Self::AnotherMicrosoft { path, expected, .. } => return expected.hint(path),
            Self::Tls(error) => return error.hint(),
            Self::NoAuthority { .. } => "name a file of certificates in PEM, each between its lines BEGIN and END",
            Self::Read { .. } => "check the path and that you may read it",
            Self::Write { .. } => "check that you may write it and that the disk is not full",
            Self::UnknownUser { .. } => "use the login of a user; `tandem status --data DIR` lists them",
            Self::UnknownAlert { data, .. } => {
                let data = data.display();
                return format!(
                    "list the alerts with `tandem alerts --data {data}`, and use the number in front of one"
                );
            }
            Self::Calendar(error) => error.hint(),
            Self::RealMicrosoft => "import into the CRM with `--side crm`, or use Outlook for a real mailbox",
            Self::Mailbox(_) => {
                "connect the user to a mailbox of the emulator, or make one with `POST /_control/mailboxes`"
            }
            Self::Violations { again, .. } => {
                return format!("play a seed by itself with `tandem sim --seeds N..N {again}`");
            }
            Self::NoTestBuild { .. } => {
                "build one as CONTRIBUTING.md says under \"let a law fail\", and name its file with --plugin"
            }
            Self::Unfinished { .. } => "see what the report says about each of them",
            Self::Output(_) => "check that the disk is not full",
            Self::Runtime(_) => "check how many processes and open files you may have",
        };
        text.to_owned()
    }

    /// What is written to standard error: the sentence, its causes, the remedy.
    pub fn render(&self) -> String {
        let mut text = format!("error: {self}\n");
        let mut said = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let message = error.to_string();
            // Some messages carry their cause already.
            if !said.contains(&message) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "cause: {message}");
            }
            said = message;
            cause = error.source();
        }
        if !text.contains("\nhint: ") {
            let _ = writeln!(text, "hint: {}", self.hint());
        }
        text
    }
}

fn names(known: &[String]) -> String {
    if known.is_empty() {
        return "(there are none yet)".to_owned();
    }
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_why_and_what_to_do() {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "permission denied");
        let error = CommandError::Port { port: 80, role: "the CRM", option: "--port", source };
        assert_eq!(
            error.render(),
            "error: port 80 cannot be used for the CRM\ncause: permission denied\n\
             hint: name another port with `--port PORT`\n"
        );
        let in_use = CommandError::PortInUse { port: 8081, role: "Microsoft", option: "--graph-port" };
        assert!(in_use.render().contains("8081") && in_use.render().contains("--graph-port PORT"));
    }

    #[test]
    fn an_unknown_user_is_told_who_there_is() {
        let known = vec!["admin".to_owned(), "anna".to_owned()];
        let error = CommandError::UnknownUser { found: "bob".to_owned(), known };
        assert_eq!(error.to_string(), "expected one of the users `admin`, `anna`, but found `bob`");
    }

    #[test]
    fn a_cause_that_the_message_has_is_not_repeated() {
        let source = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let load = tandem_runtime::LoadError::Read { path: PathBuf::from("x.wasm"), source };
        let text = CommandError::from(StartError::from(load)).render();
        assert_eq!(text.matches("no such file").count(), 1, "{text}");
        assert_eq!(text.matches("hint: ").count(), 1, "{text}");
    }

    #[test]
    fn what_was_typed_wrong_ends_with_two_and_what_went_wrong_with_one() {
        assert_eq!(CommandError::Start(StartError::HalfReal).exit_code(), WRONG_USAGE);
        let address = StartError::Address { option: "the Graph address", found: "x".to_owned() };
        assert_eq!(CommandError::Start(address).exit_code(), WRONG_USAGE);
        let failed = [
            CommandError::NotConverged,
            CommandError::NoData { path: PathBuf::from("d") },
            CommandError::DataIsAFile { path: PathBuf::from("d") },
            CommandError::DataInUse { path: PathBuf::from("d"), purpose: Purpose::Sync },
            CommandError::UnknownUser { found: String::new(), known: Vec::new() },
            CommandError::RealMicrosoft,
            CommandError::Unfinished { unfinished: 1 },
        ];
        for error in failed {
            assert_eq!(error.exit_code(), FAILED, "{error}");
            assert!(!error.hint().is_empty());
        }
    }
}
