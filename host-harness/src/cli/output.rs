//! Where results and progress go.
//!
//! Results go to standard output and nothing else does, so that a pipe gets
//! clean lines or clean JSON. Progress goes to standard error, and only where a
//! person looks at it. Whoever closes the pipe has seen enough: that is no
//! error.

use std::io::{self, ErrorKind, IsTerminal as _, Write};

use serde::Serialize;

/// Standard output, or a stand-in for it.
pub struct Output<W> {
    sink: W,
    closed: bool,
}

impl Output<io::StdoutLock<'static>> {
    /// The program's standard output.
    pub fn stdout() -> Self {
        Self::to(io::stdout().lock())
    }
}

impl<W: Write> Output<W> {
    /// Writes to `sink`.
    pub const fn to(sink: W) -> Self {
        Self { sink, closed: false }
    }

    /// Writes a text of one or more lines.
    ///
    /// # Errors
    /// The output cannot be written, for another reason than that its reader
    /// has gone.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        self.attempt(|sink| {
            write!(sink, "{text}{end}")?;
            sink.flush()
        })
    }

    /// Writes a value as indented JSON.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.text(&text)
    }

    fn attempt(&mut self, write: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match write(&mut self.sink) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// Says what goes on while it goes on, where a person looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// On standard error, if that is a terminal.
    pub fn on_terminal() -> Self {
        Self { shown: io::stderr().is_terminal() }
    }

    /// Says what is done next.
    pub fn say(self, what: &str) {
        if self.shown {
            // Nobody needs to know that nobody was told.
            let _ = writeln!(io::stderr().lock(), "… {what}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_text_ends_with_one_line_end() {
        let mut written = Vec::new();
        let mut output = Output::to(&mut written);
        output.text("one").unwrap();
        output.text("two\n").unwrap();
        output.json(&3).unwrap();
        assert_eq!(written, b"one\ntwo\n3\n");
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() {
        let mut closed = Output::to(Failing(ErrorKind::BrokenPipe));
        closed.text("one").unwrap();
        closed.text("two").unwrap();
        let error = Output::to(Failing(ErrorKind::StorageFull)).text("one").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
