//! The command line, as far as it goes without a process of its own: arguments
//! in, output and exit code out.

use clap::Parser as _;
use host_harness::cli::args::Cli;
use host_harness::cli::output::{Output, Progress};
use serde_json::Value;

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

/// Runs `tandem` with these arguments.
pub async fn tandem(arguments: &[&str]) -> Ended {
    let all = std::iter::once("tandem").chain(arguments.iter().copied());
    let cli = match Cli::try_parse_from(all) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap();
            return Ended { code, out: String::new(), error: error.to_string() };
        }
    };
    let mut written = Vec::new();
    let done = host_harness::cli::run(cli, &mut Output::to(&mut written), Progress::on_terminal()).await;
    let out = String::from_utf8(written).unwrap();
    match done {
        Ok(()) => Ended { code: 0, out, error: String::new() },
        Err(error) => Ended { code: error.exit_code(), out, error: error.render() },
    }
}
