#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::crm::change::Change;
use crate::crm::component_state::Expectation;
use crate::crm::event::Cursor;
use crate::crm::fixtures::{noon, person};
use crate::crm::secrets::{SecretBytes, SecretName};
use crate::crm::task::TaskInput;

fn open(directory: &Path) -> Result<Crm, OpenError> {
    Crm::open(directory, HarnessClock::fixed(noon()), Randomness::seeded(1))
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_was_stored_is_there_after_opening_again() {
    let data = directory();
    let inside = data.path().join("deep/inside");
    let secret = SecretBytes::new(b"token".to_vec());
    let crm = open(&inside).unwrap();
    let alice = person(&crm, "alice");
    crm.put_secret(&alice.scope(), SecretName::AccountTokens, Some(&secret), Expectation::Any).unwrap();
    drop(crm);
    let again = open(&inside).unwrap();
    assert_eq!(again.user_by_login("alice").unwrap(), alice);
    assert_eq!(again.secret(&alice.scope(), SecretName::AccountTokens).unwrap().unwrap().value, secret);
}

#[cfg(unix)]
#[test]
fn a_new_directory_and_its_database_are_their_owners_alone_and_another_one_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let parent = directory();
    let data = parent.path().join("one").join("data");
    open(&data).unwrap();
    assert_eq!((mode(&data), mode(&data.join(DATABASE_FILE))), (0o700, 0o600));
    fs::set_permissions(&data, fs::Permissions::from_mode(0o750)).unwrap();
    open(&data).unwrap();
    assert_eq!(mode(&data), 0o750);
}

#[cfg(unix)]
#[test]
fn the_key_is_beside_the_database_and_only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = directory();
    drop(open(data.path()).unwrap());
    let key = data.path().join(KEY_FILE);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read(key).unwrap();
    let database = fs::read(data.path().join(DATABASE_FILE)).unwrap();
    assert!(!database.windows(key.len()).any(|window| window == key));
}

#[test]
fn an_older_database_is_brought_up_to_date_with_what_is_in_it() {
    let data = directory();
    let old = Connection::open(data.path().join(DATABASE_FILE)).unwrap();
    old.execute_batch(MIGRATIONS[0]).unwrap();
    old.execute_batch(
        "INSERT INTO organization (name) VALUES ('Acme');
         INSERT INTO user (organization_id, login, email, display_name, time_zone, administrator)
            VALUES (1, 'alice', 'alice@example.org', 'Alice', 'UTC', 0);
         INSERT INTO calendar (user_id, organization_id) VALUES (1, 1);
         INSERT INTO calendar_event (calendar_id, uid, title, start_at, end_at, time_zone, all_day, is_organizer,
            cancelled) VALUES (1, 'u', 'Review', 0, 0, 'UTC', 0, 1, 0);
         INSERT INTO calendar_event_journal (calendar_id, event_id, kind, written_at) VALUES (1, 1, 'upserted', 0);",
    )
    .unwrap();
    old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let crm = open(data.path()).unwrap();
    let alice = crm.user_by_login("alice").unwrap();
    let event = crm.events_of(alice.id).unwrap().remove(0);
    let shown = crm.with_meeting(event).unwrap();
    assert_eq!((&*shown.event.values.title, shown.meeting_uid, shown.parent_event_id), ("Review", None, None));
    assert!(crm.outbox().unwrap().is_empty());
}

#[test]
fn a_database_without_tasks_gets_them_and_keeps_its_cursors() {
    let data = directory();
    let old = Connection::open(data.path().join(DATABASE_FILE)).unwrap();
    for migration in &MIGRATIONS[..3] {
        old.execute_batch(migration).unwrap();
    }
    old.execute_batch(
        "INSERT INTO meta (name, value) VALUES ('journal-incarnation', 'abc');
         INSERT INTO organization (name) VALUES ('Acme');
         INSERT INTO user (organization_id, login, email, display_name, time_zone, administrator)
            VALUES (1, 'alice', 'alice@example.org', 'Alice', 'UTC', 0);
         INSERT INTO calendar (user_id, organization_id) VALUES (1, 1);
         INSERT INTO calendar_event_journal (calendar_id, event_id, kind, written_at) VALUES (1, 1, 'deleted', 0);",
    )
    .unwrap();
    old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 3).unwrap();
    drop(old);
    let crm = open(data.path()).unwrap();
    let alice = crm.user_by_login("alice").unwrap();
    let cursor = Cursor::remembered("1.abc.1.0.0");
    assert_eq!(crm.event_changes(alice.id, Some(&cursor), 10).unwrap().changes.len(), 1);
    assert!(crm.tasks_of(alice.id).unwrap().is_empty() && !crm.task_workflow().unwrap());
    let input = TaskInput { subject: Change::Set("Call".to_owned()), ..TaskInput::default() };
    let task = crm.create_task(alice.id, input).unwrap();
    drop(crm);
    assert_eq!(open(data.path()).unwrap().tasks_of(alice.id).unwrap(), [task]);
}

#[test]
fn whose_account_is_shared_is_known_from_what_the_component_has_said_last() {
    let data = directory();
    let crm = open(data.path()).unwrap();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|login| person(&crm, login));
    drop(crm);
    let old = Connection::open(data.path().join(DATABASE_FILE)).unwrap();
    // Carol's component has stored something since it said so.
    let standing = r#"{"account": {"id": "one", "name": "shared@example.org"}}"#;
    for (user, said, stored) in [(&alice, 0, 0), (&bob, 2, 2), (&carol, 1, 2)] {
        let rows = "INSERT INTO component_fence (organization_id, user_id, fence, commits) VALUES (?1, ?2, 1, ?3)";
        old.execute(rows, rusqlite::params![user.organization_id, user.id, stored]).unwrap();
        let rows = "INSERT INTO component_standing (user_id, commits, standing) VALUES (?1, ?2, ?3)";
        old.execute(rows, rusqlite::params![user.id, said, standing]).unwrap();
    }
    old.execute_batch("DROP TABLE connected_account; DROP INDEX conflict_reversals; PRAGMA user_version = 11").unwrap();
    drop(old);
    let crm = open(data.path()).unwrap();
    assert_eq!(crm.colleagues_with_account_of(&alice).unwrap(), [bob]);
    assert_eq!(crm.colleagues_with_account_of(&carol).unwrap(), []);
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let data = directory();
    drop(open(data.path()).unwrap());
    let file = data.path().join(DATABASE_FILE);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&file).unwrap();
    let refused = open(data.path()).unwrap_err();
    assert!(matches!(refused, OpenError::NewerVersion { found: 99, .. }));
    assert!(refused.sentence().contains("use the newer `tandem`"), "{}", refused.sentence());
    assert!(refused.sentence().contains(DATABASE_FILE));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn another_kind_of_file_is_refused_and_left_as_it_is() {
    let data = directory();
    let file = data.path().join(DATABASE_FILE);
    let text = "not a database, but long enough to look like one to a careless reader. ".repeat(20);
    fs::write(&file, &text).unwrap();
    assert!(matches!(open(data.path()), Err(OpenError::NotADatabase { path }) if path == file));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(open(data.path()), Err(OpenError::NotADatabase { path }) if path == file));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let data = directory();
    let file = data.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = open(&file.join("below")).unwrap_err();
    assert!(matches!(refused, OpenError::DirectoryNotCreated { .. }));
    assert!(refused.sentence().contains("--data"));
}

#[test]
fn a_database_that_cannot_be_opened_is_named() {
    let data = directory();
    fs::create_dir(data.path().join(DATABASE_FILE)).unwrap();
    assert!(matches!(open(data.path()), Err(OpenError::NotWritable { .. })));
}

#[test]
fn a_lost_or_foreign_key_is_noticed_at_once() {
    let data = directory();
    drop(open(data.path()).unwrap());
    let key = data.path().join(KEY_FILE);
    for wrong in [vec![0_u8; 32], vec![0_u8; 31], vec![0_u8; 33]] {
        fs::write(&key, wrong).unwrap();
        assert!(matches!(open(data.path()), Err(OpenError::Key { .. })));
    }
    fs::remove_file(&key).unwrap();
    assert!(matches!(open(data.path()), Err(OpenError::Key { source: KeyFileError::Io(_), .. })));
    assert!(!key.exists());
}

#[test]
fn two_handles_see_each_others_writes() {
    let data = directory();
    let (one, two) = (open(data.path()).unwrap(), open(data.path()).unwrap());
    let alice = person(&one, "alice");
    assert_eq!(two.user(alice.id).unwrap(), alice);
}
