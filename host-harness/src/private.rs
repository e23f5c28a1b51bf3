//! Files that only their owner may read: what is in them are people's calendars and mails.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Makes an empty file that is not there yet, for its owner alone; one that is there stays as
/// it is.
///
/// # Errors
/// It cannot be made.
pub fn create_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
