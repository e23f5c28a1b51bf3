use chrono::DateTime;

use super::*;
use crate::app::{AppError, Blocked, NoticeKind, PlannedNotice, Side};

fn write(action: WriteAction, title: &str, people: Option<u32>) -> PlannedWrite {
    PlannedWrite {
        side: Side::Microsoft,
        action,
        title: title.to_owned(),
        fields: Vec::new(),
        notice: people.map(|people| PlannedNotice { kind: NoticeKind::Invitation, people }),
    }
}

fn found(resource: Resource, operations: Vec<PlannedWrite>, complete: bool) -> Found {
    let report = PreviewReport {
        user: "anna".to_owned(),
        resource,
        operations,
        adopted: 0,
        conflicts: 0,
        invitations: 0,
        people: 0,
        blocked: None,
        issues: Vec::new(),
        complete,
        requests: 1,
    };
    Found { resource, began: DateTime::UNIX_EPOCH, preview: Ok(report) }
}

fn calendar(operations: Vec<PlannedWrite>) -> Vec<Found> {
    vec![found(Resource::Calendar, operations, true)]
}

fn blocked(resource: Resource) -> Found {
    let Found { began, preview, .. } = found(resource, Vec::new(), false);
    Found {
        resource,
        began,
        preview: preview.map(|report| PreviewReport { blocked: Some(Blocked::MissingPermission), ..report }),
    }
}

fn started(shown: &[Found], now: &[Found]) -> Result<(), Again> {
    let shown = Shown::new(UserId::from_number(1), Some("account".to_owned()), shown);
    compare(Some(&shown), Some("account"), now)
}

#[test]
fn what_was_shown_or_less_is_started() {
    use WriteAction::{Create, Delete, Update};
    let shown =
        calendar(vec![write(Update, "Review", Some(2)), write(Delete, "Old", None), write(Delete, "Old", None)]);
    for now in [
        calendar(Vec::new()),
        calendar(vec![write(Delete, "Old", None), write(Update, "Review", Some(2)), write(Delete, "Old", None)]),
        // What can be taken back may have come to be more.
        calendar(vec![write(Create, "New", None), write(Update, "Other", None)]),
    ] {
        assert_eq!(started(&shown, &now), Ok(()), "{now:?}");
    }
}

#[test]
fn more_mails_or_deletions_than_were_shown_are_shown_again() {
    use WriteAction::{Create, Delete, Update};
    let shown = calendar(vec![write(Update, "Review", Some(2)), write(Delete, "Old", None)]);
    for more in [
        write(Update, "Review", Some(2)),
        write(Update, "Review", Some(3)),
        write(Create, "Review", Some(2)),
        write(Update, "Another", Some(1)),
        write(Delete, "Old", None),
        write(Delete, "Other", None),
    ] {
        let now = calendar(vec![write(Update, "Review", Some(2)), write(Delete, "Old", None), more]);
        assert_eq!(started(&shown, &now), Err(Again::More), "{now:?}");
    }
    // As many as were shown, but not the same.
    assert_eq!(started(&shown, &calendar(vec![write(Delete, "Other", None)])), Err(Again::More));
}

#[test]
fn what_was_not_looked_at_to_its_end_is_shown_again() {
    let (whole, part) = (calendar(Vec::new()), vec![found(Resource::Calendar, Vec::new(), false)]);
    assert_eq!(started(&whole, &part), Err(Again::More));
    assert_eq!(started(&part, &part), Ok(()), "the page has said so");
    assert_eq!(started(&part, &whole), Ok(()));
}

#[test]
fn a_resource_of_which_nothing_was_shown_is_shown_first() {
    let both = [found(Resource::Calendar, Vec::new(), true), found(Resource::Tasks, Vec::new(), true)];
    let half = [found(Resource::Calendar, Vec::new(), true), blocked(Resource::Tasks)];
    assert_eq!(started(&calendar(Vec::new()), &both), Err(Again::More));
    assert_eq!(started(&half, &both), Err(Again::More));
    assert_eq!(started(&half, &half), Ok(()), "the other one can be started");
    assert_eq!(started(&both, &half), Ok(()));
}

#[test]
fn what_cannot_be_looked_at_now_is_not_started() {
    let failed = Found {
        resource: Resource::Tasks,
        began: DateTime::UNIX_EPOCH,
        preview: Err(AppError::Unavailable { retry_after_ms: None }),
    };
    let shown = [found(Resource::Calendar, Vec::new(), true), found(Resource::Tasks, Vec::new(), true)];
    assert_eq!(started(&shown, &[found(Resource::Calendar, Vec::new(), true), failed]), Err(Again::NotComparable));
    assert_eq!(started(&shown, &[blocked(Resource::Calendar)]), Err(Again::NotComparable));
}

#[test]
fn a_preview_of_another_account_was_not_shown() {
    let now = calendar(Vec::new());
    let of = |account: Option<&str>| Shown::new(UserId::from_number(1), account.map(str::to_owned), &now);
    assert_eq!(compare(None, Some("one"), &now), Err(Again::NotShown));
    assert_eq!(compare(Some(&of(Some("one"))), Some("two"), &now), Err(Again::NotShown));
    assert_eq!(compare(Some(&of(None)), None, &now), Err(Again::NotShown));
    assert_eq!(compare(Some(&of(Some("one"))), Some("one"), &now), Ok(()));
}
