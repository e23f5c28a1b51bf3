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

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::clock::HarnessClock;
    use crate::graph::Microsoft;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_one_that_is_there_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("new");
        create_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        fs::write(&file, "filled").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        create_file(&file).unwrap();
        assert_eq!((mode(&file), fs::read_to_string(&file).unwrap().as_str()), (0o640, "filled"));
        assert!(create_file(&directory.path().join("missing").join("new")).is_err());
    }

    #[test]
    fn so_are_the_emulators_database_and_what_is_written_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("graph.sqlite");
        let clock = HarnessClock::fixed("2026-03-02T08:00:00Z".parse().unwrap());
        let _open = Microsoft::open(clock, 7, "http://localhost:8081", &file).unwrap();
        let found: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(found.contains(&file), "{found:?}");
        for path in found {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}
