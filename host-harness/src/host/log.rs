//! `tandem:host/log`: the component's lines in the host's log.
//!
//! Lengths are limited, because the lines come from outside. Next:
//! [`super::connector`].

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::log;
use super::context::{CallContext, Host, HostView, view};

/// Characters of one text of a line; more is cut.
const TEXT_LENGTH_MAX: usize = 500;

/// Lines of one call; more are dropped, and the last one says so. A step writes a
/// few dozen.
const LINES_MAX: u32 = 1_000;

/// Named values of one line; more are dropped.
const FIELDS_MAX: usize = 20;

impl log::Host for HostView<'_> {
    async fn write(&mut self, level: log::Level, message: String, fields: Vec<log::Field>) -> wasmtime::Result<()> {
        match self.context.lines.next() {
            Place::Written => {}
            Place::FirstDropped => {
                tracing::warn!(target: "plugin", "the component writes too many lines; the rest is dropped");
                return Ok(());
            }
            Place::Dropped => return Ok(()),
        }
        let user = self.context.scope.and_then(|scope| scope.user).map(tracing::field::display);
        let (message, values) = (shortened(&message), line_of(&fields));
        match level {
            log::Level::Error => tracing::error!(target: "plugin", user, %values, "{message}"),
            log::Level::Warn => tracing::warn!(target: "plugin", user, %values, "{message}"),
            log::Level::Info => tracing::info!(target: "plugin", user, %values, "{message}"),
            log::Level::Debug => tracing::debug!(target: "plugin", user, %values, "{message}"),
        }
        // Not counted: a line that is lost changes nothing.
        Ok(())
    }
}

/// Counts the lines of one call.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    written: AtomicU32,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is written.
    Written,
    /// It is dropped, and that is said.
    FirstDropped,
    /// It is dropped.
    Dropped,
}

impl Lines {
    /// What becomes of the next line.
    fn next(&self) -> Place {
        // Nobody counts further than that.
        let number = self.written.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |line| line.checked_add(1));
        match number {
            Ok(line) if line < LINES_MAX => Place::Written,
            Ok(LINES_MAX) => Place::FirstDropped,
            Ok(_) | Err(_) => Place::Dropped,
        }
    }
}

/// One line, so that nobody can forge another one.
fn shortened(text: &str) -> String {
    text.chars().take(TEXT_LENGTH_MAX).map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn line_of(fields: &[log::Field]) -> String {
    fields.iter().take(FIELDS_MAX).fold(String::new(), |mut line, field| {
        let separator = if line.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(line, "{separator}{}={:?}", shortened(&field.name), shortened(&field.value));
        line
    })
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    log::add_to_linker::<_, Host>(linker, view)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_call_writes_so_many_lines_and_says_once_that_there_were_more() {
        let lines = Lines::default();
        let places: Vec<Place> = (0..LINES_MAX + 5).map(|_| lines.next()).collect();
        let written = places.iter().take_while(|place| **place == Place::Written).count();
        let rest: Vec<Place> = places.into_iter().skip(written).collect();
        assert_eq!(u32::try_from(written), Ok(LINES_MAX));
        assert_eq!((rest[0], &rest[1..]), (Place::FirstDropped, &[Place::Dropped; 4][..]));
    }

    #[test]
    fn a_line_stays_one_line_of_limited_length() {
        assert_eq!(shortened("one\ntwo"), "one two");
        assert_eq!(shortened(&"x".repeat(TEXT_LENGTH_MAX * 2)).len(), TEXT_LENGTH_MAX);
        let field = |value: &str| log::Field { name: "rule".to_owned(), value: value.to_owned() };
        assert_eq!(line_of(&[field("a"), field("b c")]), "rule=\"a\" rule=\"b c\"");
    }
}
