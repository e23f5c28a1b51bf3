//! `tandem`: see [`host_harness::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    host_harness::cli::main()
}
