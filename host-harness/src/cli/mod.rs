//! The command line: what is typed, what is done, what is printed, and with
//! which exit code it ends.
//!
//! Decides nothing that the pages could not decide too; every command is a thin
//! caller of [`crate::app`], [`crate::demo`] or [`crate::import`].
//!
//! Reading order: [`args`] (what can be typed), [`usage`], [`failure`] (what can go wrong
//! and the exit codes), [`output`], [`data`] (which data a command works on),
//! [`listen`], [`cloud`], then one module per command: [`demonstrate`] (also without any
//! command), [`serve`], [`sync`], [`check`], [`status`], [`alerts`], [`inspect`],
//! [`import`], [`sim`]; and
//! [`text`] and [`run_text`], which write their reports.

pub mod args;

pub mod usage;

pub mod failure;

pub mod output;

pub mod data;

pub mod listen;

pub mod demonstrate;

pub mod cloud;

pub mod serve;

pub mod text;

pub mod run_text;

pub mod sync;

pub mod bench;

pub mod check;

pub mod status;

pub mod alerts;

pub mod inspect;

pub mod import;

pub mod sim;

use std::ffi::OsStr;
use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use args::{Cli, Command};
use failure::{CommandError, DONE};
use output::{Output, Progress};

/// Which log lines are shown, such as `debug` or `host_harness=info`.
const LOG_VARIABLE: &str = "TANDEM_LOG";

/// Set by whoever wants no colours (no-color.org).
const NO_COLOUR_VARIABLE: &str = "NO_COLOR";

/// The whole program: reads the arguments, does what they say, and answers with
/// the exit code.
pub fn main() -> ExitCode {
    let is_terminal = std::io::stderr().is_terminal();
    let colours = has_colours(is_terminal, std::env::var_os(NO_COLOUR_VARIABLE).as_deref());
    let cli = match usage::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(answer) => {
            // As below.
            let _ = answer.print(colours);
            return ExitCode::from(answer.exit_code());
        }
    };
    log(colours);
    // What somebody tries out by hand is no test.
    crate::graph::conformance::be_lenient();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)
        .and_then(|runtime| runtime.block_on(run(cli, &mut Output::stdout(), Progress::on_terminal())));
    match done {
        Ok(()) => ExitCode::from(DONE),
        Err(error) => {
            // Where nobody can be told, the exit code still says it.
            let _ = std::io::stderr().lock().write_all(error.render().as_bytes());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Does what was typed, and prints the result to `out`.
///
/// # Errors
/// The command did not do what it should; the error knows its exit code.
pub async fn run<W: Write>(cli: Cli, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    match cli.command {
        None => demonstrate::serve(cli.demonstration, out, progress).await,
        Some(Command::Demo(args)) if args.once => demonstrate::once(args, out, progress).await,
        Some(Command::Demo(args)) => demonstrate::serve(args.serving, out, progress).await,
        Some(Command::Serve(args)) => serve::run(args, out, progress).await,
        Some(Command::Sync(args)) => sync::run(args, out, progress).await,
        Some(Command::Status(args)) => status::run(args, out).await,
        Some(Command::Check(args)) => check::run(args, out, progress).await,
        Some(Command::Alerts(args)) => alerts::run(args, out).await,
        Some(Command::Inspect(args)) => inspect::run(&args, out, progress).await,
        Some(Command::Import(args)) => import::run(&args, out, progress).await,
        Some(Command::Sim(args)) => sim::run(args, out, progress).await,
        Some(Command::Bench(args)) => bench::run(args, out, progress).await,
    }
}

/// Sends the log to standard error, so that results stay clean.
fn log(colours: bool) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var(LOG_VARIABLE)
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}

/// Whether standard error is coloured: for a person at a terminal who has not asked
/// for none. In a file, colours are noise.
fn has_colours(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_coloured_at_a_terminal_alone_and_not_where_somebody_wants_none() {
        let asked = |text: &'static str| Some(OsStr::new(text));
        assert!(has_colours(true, None) && has_colours(true, asked("")));
        assert!(!has_colours(true, asked("1")) && !has_colours(false, None) && !has_colours(false, asked("1")));
    }
}
