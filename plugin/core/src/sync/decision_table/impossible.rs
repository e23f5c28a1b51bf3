//! Plans that must not be carried out, each found by [`crate::sync::check`].

use crate::model::{FieldGroup, FieldSet, FieldValue, LinkId, Record};
use crate::sync::check::{Impossible, check};
use crate::sync::{Decision, End, Evidence, GroupConflict, Merge, Policy, PresentEnd, Side, Situation};

use super::picture::{BIDI_CRM, TO_CRM_1, TO_M365_1, daily, end, event, exceptions};

fn link() -> LinkId {
    LinkId::new("link")
}

fn findings(policy: Policy, crm: End, m365: End, decision: &Decision) -> Vec<Impossible> {
    check(policy, [(&link(), &Situation { crm, m365 }, decision)])
}

fn there(picture: &str) -> End {
    End::Present(end(FieldGroup::Title, picture))
}

fn title(picture: &str) -> Record {
    end(FieldGroup::Title, picture).now.only([FieldGroup::Title].into_iter().collect())
}

fn create(on: Side, record: Record) -> Decision {
    Decision::Create { on, record, conflicts: Vec::new() }
}

#[test]
fn a_write_against_the_direction_is_found() {
    let against = |side| vec![Impossible::AgainstDirection { link: link(), side }];
    let merge = Decision::Merge(Merge { to_crm: title("b"), ..Merge::default() });
    assert_eq!(findings(TO_M365_1, there("a"), there("a>b"), &merge), against(Side::Crm));
    let merge = Decision::Merge(Merge { to_m365: title("b"), ..Merge::default() });
    assert_eq!(findings(TO_CRM_1, there("a>b"), there("a"), &merge), against(Side::M365));
    assert_eq!(findings(TO_CRM_1, there("a"), End::Absent, &create(Side::M365, event("a"))), against(Side::M365));
    let delete = Decision::Delete { on: Side::Crm, conflicts: Vec::new(), evidence: Evidence::Deletion };
    assert_eq!(findings(TO_M365_1, there("a"), End::Gone, &delete), against(Side::Crm));
}

#[test]
fn two_decisions_about_one_item_are_found() {
    let situation = Situation { crm: there("a"), m365: there("a") };
    let twice = [(&link(), &situation, &Decision::Keep), (&link(), &situation, &Decision::Keep)];
    assert_eq!(check(BIDI_CRM, twice), vec![Impossible::Twice(link())]);
}

#[test]
fn a_deletion_without_evidence_is_found() {
    let delete = Decision::Delete { on: Side::M365, conflicts: Vec::new(), evidence: Evidence::Deletion };
    for other in [there("a"), End::Absent, End::Forgone] {
        let found = findings(BIDI_CRM, other, there("a"), &delete);
        assert_eq!(found, vec![Impossible::DeletionWithoutEvidence(link())]);
    }
}

#[test]
fn a_creation_where_the_item_is_is_found() {
    let found = findings(BIDI_CRM, there("a"), there("a"), &create(Side::M365, event("a")));
    assert_eq!(found, vec![Impossible::CreatedTwice(link())]);
}

#[test]
fn a_creation_from_less_than_title_and_time_is_found() {
    for group in [FieldGroup::Title, FieldGroup::Time] {
        let mut record = event("a");
        record.remove(group);
        let found = findings(BIDI_CRM, there("a"), End::Absent, &create(Side::M365, record));
        assert_eq!(found, vec![Impossible::Incomplete(link())], "without {group}");
    }
}

#[test]
fn a_write_of_a_group_that_may_not_be_written_is_found() {
    let unwritable = vec![Impossible::Unwritable { link: link(), group: FieldGroup::Title }];
    let merge = Decision::Merge(Merge { to_m365: title("b"), ..Merge::default() });
    assert_eq!(findings(BIDI_CRM, there("a>b"), there("a!"), &merge), unwritable, "read-only");
    assert_eq!(findings(BIDI_CRM, there("a>b"), there("x"), &merge), unwritable, "not held");
    assert_eq!(findings(BIDI_CRM, there("a>b"), End::Gone, &merge), unwritable, "not there");
}

#[test]
fn an_edit_that_is_given_up_without_a_record_is_found() {
    let lost = vec![Impossible::SilentLoss(link())];
    let merge = Decision::Merge(Merge { to_m365: title("b"), ..Merge::default() });
    assert_eq!(findings(BIDI_CRM, there("a>b"), there("a>c"), &merge), lost, "overwritten");
    let delete = Decision::Delete { on: Side::M365, conflicts: Vec::new(), evidence: Evidence::Deletion };
    assert_eq!(findings(BIDI_CRM, End::Gone, there("a>c"), &delete), lost, "deleted");
}

#[test]
fn the_record_of_another_group_does_not_excuse_a_loss() {
    let edited =
        PresentEnd { base: event("visit"), ..PresentEnd::unlinked(event("edited"), FieldSet::all(), FieldSet::all()) };
    let conflicts = vec![GroupConflict { group: FieldGroup::Body, base: None, crm: None, m365: None }];
    let delete = Decision::Delete { on: Side::M365, conflicts, evidence: Evidence::Deletion };
    let found = findings(BIDI_CRM, End::Gone, End::Present(edited), &delete);
    assert_eq!(found, vec![Impossible::SilentLoss(link())]);
}

/// A series of five days with these exceptions, shown and agreed.
fn series(changed: &str) -> End {
    End::Present(end(FieldGroup::Exceptions, changed))
}

fn written(values: Vec<FieldValue>) -> Decision {
    Decision::Merge(Merge { to_m365: values.into_iter().collect(), ..Merge::default() })
}

#[test]
fn half_a_series_is_found() {
    let time = event("a").get(FieldGroup::Time).cloned().unwrap();
    let exceptions = |word| FieldValue::Exceptions(exceptions(word));
    let found = |m365: &str, values| findings(BIDI_CRM, series("{}>{1a}"), series(m365), &written(values));
    assert_eq!(found("{}", vec![time.clone(), exceptions("{}")]), [Impossible::HalfTiming(link())]);
    assert_eq!(found("{}", vec![daily(3), exceptions("{}")]), [Impossible::HalfTiming(link())]);
    assert_eq!(found("{}", vec![time.clone(), daily(3)]), [Impossible::ExceptionsForgotten(link())]);
    assert_eq!(found("{1x}", vec![exceptions("{2a}")]), [Impossible::BroughtBack(link())]);
    assert_eq!(found("{1x}", vec![time, daily(3), exceptions("{2a}")]), [], "all of it anew");
}

#[test]
fn exceptions_of_a_single_event_are_found() {
    let of_single = vec![Impossible::ExceptionsOfSingle(link())];
    let exceptions = FieldValue::Exceptions(exceptions("{1x}"));
    let merge = written(vec![exceptions.clone()]);
    assert_eq!(findings(BIDI_CRM, there("a"), there("a"), &merge), of_single);
    let mut record = event("a");
    record.set(exceptions);
    assert_eq!(findings(BIDI_CRM, there("a"), End::Absent, &create(Side::M365, record)), of_single);
}
