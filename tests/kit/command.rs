//! The command line, as far as it goes without a process of its own: arguments
//! in, output and exit code out.

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use host_harness::cli::args::Cli;
use host_harness::cli::output::{Output, Progress};
use host_harness::cli::usage::{self, NoOrder};
use serde_json::Value;
use tokio::sync::Notify;

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub error: String,
}

impl Ended {
    /// Standard output of a success, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// Standard error of a failure with this exit code.
    #[track_caller]
    pub fn refused(self, code: u8) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.error);
        self.error
    }
}

/// Standard output of a command that goes on, for somebody who waits for a line.
#[derive(Clone, Default)]
struct Heard {
    said: Arc<Mutex<String>>,
    more: Arc<Notify>,
}

impl Heard {
    /// Everything up to now, as soon as `words` are among it.
    async fn until(&self, words: &str) -> String {
        loop {
            let said = self.said.lock().unwrap().clone();
            if said.contains(words) {
                return said;
            }
            self.more.notified().await;
        }
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.said.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        self.more.notify_one();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read(arguments: &[&str]) -> Result<Cli, Box<NoOrder>> {
    usage::read(std::iter::once("tandem").chain(arguments.iter().copied()).map(OsString::from))
}

/// What `tandem` says with these arguments when it serves; then it is stopped.
pub async fn served(arguments: &[&str]) -> String {
    let cli = read(arguments).unwrap();
    let heard = Heard::default();
    let mut output = Output::to(heard.clone());
    tokio::select! {
        ended = host_harness::cli::run(cli, &mut output, Progress::on_terminal()) => panic!("it has ended: {ended:?}"),
        said = heard.until("Ctrl-C") => said,
    }
}

/// Runs `tandem` with these arguments.
pub async fn tandem(arguments: &[&str]) -> Ended {
    let cli = match read(arguments) {
        Ok(cli) => cli,
        Err(answer) => return Ended { code: answer.exit_code(), out: String::new(), error: answer.render(false) },
    };
    let mut written = Vec::new();
    let done = host_harness::cli::run(cli, &mut Output::to(&mut written), Progress::on_terminal()).await;
    let out = String::from_utf8(written).unwrap();
    match done {
        Ok(()) => Ended { code: 0, out, error: String::new() },
        Err(error) => Ended { code: error.exit_code(), out, error: error.render() },
    }
}
