//! What is answered to words that name nothing to do: the help or the version that
//! somebody asked for, or why the words cannot be understood.
//!
//! clap says what is wrong and how the command is typed; here it gets the hint that
//! every error of this program ends with. Next: [`super::failure`].

use std::ffi::OsString;
use std::io::{self, Write as _};

use clap::{CommandFactory as _, Parser as _};

use super::args::Cli;
use super::failure::{DONE, WRONG_USAGE};

/// How clap ends its errors. It names no command, so the hint takes its place.
const CLAP_ENDING: &str = "\n\nFor more information, try ";

/// Words that are no order.
#[derive(Debug)]
pub struct NoOrder {
    answer: clap::Error,
    command: Option<String>,
}

/// What the words of a command line, the program's name among them, order.
///
/// # Errors
/// They order nothing; the error knows what to answer.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Cli, Box<NoOrder>> {
    let words: Vec<OsString> = words.into_iter().collect();
    Cli::try_parse_from(&words).map_err(|answer| Box::new(NoOrder { answer, command: command_of(&words) }))
}

/// The first word that is the name of a command.
fn command_of(words: &[OsString]) -> Option<String> {
    let known = Cli::command();
    let names: Vec<&str> = known.get_subcommands().map(clap::Command::get_name).collect();
    words.iter().skip(1).filter_map(|word| word.to_str()).find(|word| names.contains(word)).map(str::to_owned)
}

impl NoOrder {
    /// The exit code: who asked for help has got it.
    pub fn exit_code(&self) -> u8 {
        if self.answer.use_stderr() { WRONG_USAGE } else { DONE }
    }

    /// What is written to standard error: what is wrong, how the command is typed,
    /// and where everything is explained that can be.
    pub fn render(&self, colours: bool) -> String {
        let text = self.answer.render();
        let text = if colours { text.ansi().to_string() } else { text.to_string() };
        let said = text.rsplit_once(CLAP_ENDING).map_or(text.as_str(), |(said, _)| said).trim_end();
        let command = self.command.as_deref().map_or_else(String::new, |command| format!(" {command}"));
        format!("{said}\n\nhint: `tandem{command} --help` says what can be typed\n")
    }

    /// Answers: help and version on standard output, all else on standard error.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn print(&self, colours: bool) -> io::Result<()> {
        if self.answer.use_stderr() {
            io::stderr().lock().write_all(self.render(colours).as_bytes())
        } else {
            self.answer.print()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refused(words: &[&str]) -> NoOrder {
        *read(std::iter::once("tandem").chain(words.iter().copied()).map(OsString::from)).unwrap_err()
    }

    #[test]
    fn the_hint_takes_the_place_of_claps_own() {
        let text = refused(&["serve", "--port", "x"]).render(false);
        assert!(text.starts_with("error: invalid value 'x' for '--port <PORT>'"), "{text}");
        assert!(text.ends_with("\n\nhint: `tandem serve --help` says what can be typed\n"), "{text}");
        assert!(!text.contains(CLAP_ENDING), "{text}");
        let coloured = refused(&["serve", "--port", "x"]).render(true);
        assert!(coloured.contains("\u{1b}[") && !coloured.contains(CLAP_ENDING), "{coloured}");
        assert!(coloured.ends_with("\n\nhint: `tandem serve --help` says what can be typed\n"), "{coloured}");
    }

    #[test]
    fn whoever_asks_for_help_gets_it_and_no_error() {
        for words in [&["--help"][..], &["sync", "--help"], &["--version"]] {
            assert_eq!(refused(words).exit_code(), DONE, "{words:?}");
        }
        assert_eq!(refused(&["measure"]).exit_code(), WRONG_USAGE);
    }
}
