//! What a component prints, line by line into the log.
//!
//! Standard output is not an interface: it is where panics and forgotten
//! prints end. Lines and their number are limited. Next: [`super::instance`].

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use super::failure::PluginIdentity;
use super::limits::{OUTPUT_LINE_BYTES_MAX, OUTPUT_LINES_MAX};

/// Which of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Error,
}

/// A stream of a guest. Clones write to the same one.
#[derive(Clone)]
pub(crate) struct LogStream {
    plugin: PluginIdentity,
    stream: Stream,
    lines: Arc<Mutex<Lines>>,
}

impl LogStream {
    pub(crate) fn new(plugin: PluginIdentity, stream: Stream) -> Self {
        Self { plugin, stream, lines: Arc::new(Mutex::new(Lines::default())) }
    }

    fn print(&self, bytes: &[u8]) {
        // A panic while holding the lock leaves at most a cut line.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines.take(bytes) {
            let (name, version) = (&self.plugin.name, &self.plugin.version);
            match self.stream {
                Stream::Out => {
                    tracing::info!(plugin = %name, %version, stream = "stdout", "{line}");
                }
                Stream::Error => {
                    tracing::warn!(plugin = %name, %version, stream = "stderr", "{line}");
                }
            }
        }
    }
}

/// Cuts bytes into lines.
#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
    printed: u32,
}

impl Lines {
    /// The lines that `bytes` complete.
    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.begun);
                if self.printed < OUTPUT_LINES_MAX {
                    self.printed += 1;
                    complete.push(String::from_utf8_lossy(&line).into_owned());
                }
            } else if self.begun.len() < OUTPUT_LINE_BYTES_MAX {
                self.begun.push(byte);
            }
        }
        complete
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.print(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_in_length_and_number() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"half"), Vec::<String>::new());
        assert_eq!(lines.take(b" and half\nnext"), ["half and half"]);
        let long = [vec![b'x'; OUTPUT_LINE_BYTES_MAX * 2], vec![b'\n']].concat();
        assert_eq!(lines.take(&long).concat().len(), OUTPUT_LINE_BYTES_MAX);
        let many = b"line\n".repeat(usize::try_from(OUTPUT_LINES_MAX).unwrap_or(0) * 2);
        assert_eq!(lines.take(&many).len() + 2, usize::try_from(OUTPUT_LINES_MAX).unwrap_or(0));
    }
}
