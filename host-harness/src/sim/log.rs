//! The log of a history, kept to be looked through.
//!
//! Several histories are played at once, each on a thread of its own, so a log
//! belongs to threads: that of the history, and those on which its application
//! does what may take its time.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines of the log since they were taken last. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Has everything that is logged on this thread kept here, and shown nowhere,
    /// until the guard goes.
    pub fn keep(&self) -> DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::DEBUG)
            .with_ansi(false)
            .without_time()
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// A runtime of this thread. What is logged on the threads that it starts is
    /// kept here as well, and shown nowhere.
    ///
    /// # Errors
    /// The system has none.
    pub fn runtime(&self) -> io::Result<Runtime> {
        let lines = self.clone();
        // Such a thread belongs to this runtime as long as it lives, and so does
        // what it logs.
        let keep = move || std::mem::forget(lines.keep());
        Builder::new_current_thread().enable_all().on_thread_start(keep).build()
    }

    /// How many lines have this text, of those that were not taken yet.
    pub fn count(&self, text: &str) -> usize {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(text)).count()
    }

    /// The lines since the last time.
    pub fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_kept_whichever_thread_of_the_history_writes_them() {
        let (lines, others) = (Lines::default(), Lines::default());
        let guard = lines.keep();
        lines.runtime().unwrap().block_on(async {
            tracing::info!("on the thread of the history");
            tokio::task::spawn_blocking(|| tracing::debug!("on a thread beside it")).await.unwrap();
        });
        drop(guard);
        others.runtime().unwrap().block_on(async {
            tokio::task::spawn_blocking(|| tracing::info!("in another history")).await.unwrap();
        });
        assert_eq!(lines.count("thread"), 2);
        let taken = lines.take();
        assert_eq!(taken.len(), 2, "{taken:?}");
        assert!(taken[1].contains("on a thread beside it"), "{taken:?}");
        assert_eq!((lines.take().len(), others.take().len()), (0, 1));
    }
}
