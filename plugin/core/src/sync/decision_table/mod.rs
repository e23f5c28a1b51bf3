//! The planner as a table: which decision for which situation.
//!
//! This file is about whole items; [`groups`] is about the groups of an item
//! that both sides show, [`series`] about what belongs together in a series,
//! [`tasks`] about what does in a task,
//! [`firewall`] about who is told of a write, [`impossible`] about the plans that [`super::check`]
//! refuses, [`remembered`] about what is kept of a merge, [`reversals`] about taking decisions back, and [`picture`] is the
//! notation. Whole histories are [`super::state_machine`]'s matter.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod firewall;
mod groups;
mod impossible;
mod picture;
mod remembered;
mod reversals;
mod series;
mod tasks;

use crate::model::{FieldGroup, FieldSet, LinkId, Record};

use super::check::check;
use super::{Decision, End, Evidence, GroupConflict, Merge, Policy, PresentEnd, Side, Situation, decide};
use picture::{BIDI_CRM, BIDI_M365, POLICIES, TO_CRM_1, TO_CRM_2, TO_M365_1, TO_M365_2, event};

/// What one side shows of the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Absent,
    Same,
    Edited,
    Gone,
    Forgone,
}

const LOOKS: [Look; 5] = [Look::Absent, Look::Same, Look::Edited, Look::Gone, Look::Forgone];

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Ignore,
    Keep,
    Close,
    /// Created there from the other side; nothing was given up.
    Create(Side),
    /// Created there again: an edit stood against a deletion, and that is recorded.
    Restore(Side),
    /// Deleted there; nothing was edited.
    Delete(Side),
    /// Deleted there, with a record of the edit that is lost by it.
    DeleteEdit(Side),
    /// A merge without any write.
    InStep,
    /// A merge without any write that leaves the edit open.
    Stays,
    /// The edit is written there.
    Write(Side),
    /// The edit is written there over another one, which is recorded.
    Overwrite(Side),
}

/// One row: for these policies, where the CRM and Microsoft look like this.
struct Row {
    claim: &'static str,
    policies: Vec<Policy>,
    crm: &'static [Look],
    m365: &'static [Look],
    then: Then,
}

const fn row(
    claim: &'static str,
    policies: Vec<Policy>,
    crm: &'static [Look],
    m365: &'static [Look],
    then: Then,
) -> Row {
    Row { claim, policies, crm, m365, then }
}

#[rustfmt::skip]
fn table() -> Vec<Row> {
    use Look::{Absent, Edited, Forgone, Gone, Same};
    use Side::{Crm, M365};
    use Then::{Close, Create, Delete, DeleteEdit, Ignore, InStep, Keep, Overwrite, Restore, Stays, Write};

    let all = || POLICIES.to_vec();
    let bidi = || vec![BIDI_CRM, BIDI_M365];
    let to_m365 = || vec![TO_M365_1, TO_M365_2];
    let to_crm = || vec![TO_CRM_1, TO_CRM_2];
    let writes_m365 = || [bidi(), to_m365()].concat();
    let writes_crm = || [bidi(), to_crm()].concat();
    let crm_wins = || [vec![BIDI_CRM], to_m365()].concat();
    let m365_wins = || [vec![BIDI_M365], to_crm()].concat();

    vec![
        //                                                                        CRM              Microsoft
        row("what is nowhere is nothing to decide about",          all(),         &[Absent],       &[Absent],                Ignore),
        row("what is left nowhere is forgotten",                   all(),         &[Gone, Forgone], &[Gone, Forgone, Absent], Close),
        row("what is left nowhere is forgotten, seen from across", all(),         &[Absent],       &[Gone, Forgone],         Close),

        row("what is new in the CRM appears in Microsoft",         writes_m365(), &[Same, Edited], &[Absent],                Create(M365)),
        row("what is new in Microsoft appears in the CRM",         writes_crm(),  &[Absent],       &[Same, Edited],          Create(Crm)),
        row("what is new in a CRM that is the target stays there", to_crm(),      &[Same, Edited], &[Absent],                Ignore),
        row("what is new in a target mailbox stays there",         to_m365(),     &[Absent],       &[Same, Edited],          Ignore),

        row("nothing edited, nothing to do",                       all(),         &[Same],         &[Same],                  InStep),
        row("an edit in the CRM flows",                            writes_m365(), &[Edited],       &[Same],                  Write(M365)),
        row("an edit in Microsoft flows",                          writes_crm(),  &[Same],         &[Edited],                Write(Crm)),
        row("an edit in a CRM that is the target stays there",     to_crm(),      &[Edited],       &[Same],                  Stays),
        row("an edit in a target mailbox stays there",             to_m365(),     &[Same],         &[Edited],                Stays),
        row("the CRM's edit is put over the other and recorded",   crm_wins(),    &[Edited],       &[Edited],                Overwrite(M365)),
        row("Microsoft's edit is put over the other and recorded", m365_wins(),   &[Edited],       &[Edited],                Overwrite(Crm)),

        row("a deletion in the CRM flows",                         writes_m365(), &[Gone],         &[Same],                  Delete(M365)),
        row("a deletion in Microsoft flows",                       writes_crm(),  &[Same],         &[Gone],                  Delete(Crm)),
        row("a deletion in the winning CRM beats an edit",         crm_wins(),    &[Gone],         &[Edited],                DeleteEdit(M365)),
        row("a deletion in the winning mailbox beats an edit",     m365_wins(),   &[Edited],       &[Gone],                  DeleteEdit(Crm)),
        row("an edit in the winning CRM beats a deletion",         vec![BIDI_CRM],  &[Edited],     &[Gone],                  Restore(M365)),
        row("an edit in the winning mailbox beats a deletion",     vec![BIDI_M365], &[Gone],       &[Edited],                Restore(Crm)),

        row("a deletion in a target mailbox is left alone",        to_m365(),     &[Same],         &[Gone],                  Keep),
        row("a deletion in a target CRM is left alone",            to_crm(),      &[Gone],         &[Same],                  Keep),
        row("until the CRM, its source, changes",                  to_m365(),     &[Edited],       &[Gone],                  Create(M365)),
        row("until the mailbox, its source, changes",              to_crm(),      &[Gone],         &[Edited],                Create(Crm)),
        row("a deletion given up in Microsoft deletes nothing",    all(),         &[Same],         &[Forgone],               Keep),
        row("a deletion given up in the CRM deletes nothing",      all(),         &[Forgone],      &[Same],                  Keep),
        row("an edit in the CRM brings it back to Microsoft",      writes_m365(), &[Edited],       &[Forgone],               Create(M365)),
        row("an edit in Microsoft brings it back to the CRM",      writes_crm(),  &[Forgone],      &[Edited],                Create(Crm)),
        row("but never into a source mailbox",                     to_crm(),      &[Edited],       &[Forgone],               Keep),
        row("but never into a source CRM",                         to_m365(),     &[Forgone],      &[Edited],                Keep),
    ]
}

/// The end that looks like that. An edit is one of the title.
fn end(side: Side, look: Look) -> End {
    let base = event("visit");
    let present = |now: Record| {
        End::Present(PresentEnd { base: base.clone(), ..PresentEnd::unlinked(now, FieldSet::all(), FieldSet::all()) })
    };
    match look {
        Look::Absent => End::Absent,
        Look::Same => present(base.clone()),
        Look::Edited => present(edited(side)),
        Look::Gone => End::Gone,
        Look::Forgone => End::Forgone,
    }
}

fn edited(side: Side) -> Record {
    match side {
        Side::Crm => event("visit, edited in the CRM"),
        Side::M365 => event("visit, edited in Microsoft"),
    }
}

/// The whole decision that a row stands for, nothing left open.
fn decision(then: Then, crm: Look, m365: Look) -> Decision {
    let shown = |side: Side, look: Look| match look {
        Look::Edited => Some(edited(side)),
        Look::Same => Some(event("visit")),
        Look::Absent | Look::Gone | Look::Forgone => None,
    };
    let title = |record: Option<Record>| record.and_then(|record| record.get(FieldGroup::Title).cloned());
    let now = |side: Side| match side {
        Side::Crm => shown(side, crm),
        Side::M365 => shown(side, m365),
    };
    let recorded = || {
        vec![GroupConflict {
            group: FieldGroup::Title,
            base: title(Some(event("visit"))),
            crm: title(now(Side::Crm)),
            m365: title(now(Side::M365)),
        }]
    };
    let create = |on: Side, conflicts| Decision::Create { on, record: now(on.other()).unwrap(), conflicts };
    let write = |to: Side, conflicts| {
        let record: Record = title(now(to.other())).into_iter().collect();
        let (to_crm, to_m365) = match to {
            Side::Crm => (record, Record::default()),
            Side::M365 => (Record::default(), record),
        };
        Decision::Merge(Merge { to_crm, to_m365, settled: FieldSet::all(), conflicts, ..Merge::default() })
    };
    match then {
        Then::Ignore => Decision::Ignore,
        Then::Keep => Decision::Keep,
        Then::Close => Decision::Close,
        Then::Create(on) => create(on, Vec::new()),
        Then::Restore(on) => create(on, recorded()),
        Then::Delete(on) => Decision::Delete { on, conflicts: Vec::new(), evidence: Evidence::Deletion },
        Then::DeleteEdit(on) => Decision::Delete { on, conflicts: recorded(), evidence: Evidence::Deletion },
        Then::InStep => Decision::Merge(Merge { settled: FieldSet::all(), ..Merge::default() }),
        Then::Stays => {
            let settled = FieldGroup::ALL.into_iter().filter(|group| *group != FieldGroup::Title).collect();
            Decision::Merge(Merge { settled, ..Merge::default() })
        }
        Then::Write(to) => write(to, Vec::new()),
        Then::Overwrite(to) => write(to, recorded()),
    }
}

#[test]
fn every_situation_under_every_policy_is_decided_as_exactly_one_row_says() {
    let table = table();
    let mut used = vec![false; table.len()];
    for policy in POLICIES {
        for crm in LOOKS {
            for m365 in LOOKS {
                let picture = format!("{policy:?}, CRM {crm:?}, Microsoft {m365:?}");
                let matching: Vec<usize> = (0..table.len())
                    .filter(|index| {
                        let row = &table[*index];
                        row.policies.contains(&policy) && row.crm.contains(&crm) && row.m365.contains(&m365)
                    })
                    .collect();
                let [index] = matching[..] else {
                    panic!("expected one row for {picture}, but found rows {matching:?}");
                };
                used[index] = true;
                let row = &table[index];
                let situation = Situation { crm: end(Side::Crm, crm), m365: end(Side::M365, m365) };
                let decided = decide(policy, &situation);
                assert_eq!(decided, decision(row.then, crm, m365), "{}: {picture}", row.claim);
                let findings = check(policy, [(&LinkId::new("link"), &situation, &decided)]);
                assert!(findings.is_empty(), "{}: {picture}: {findings:?}", row.claim);
            }
        }
    }
    let unused: Vec<&str> = table.iter().zip(used).filter(|(_, used)| !used).map(|(row, _)| row.claim).collect();
    assert!(unused.is_empty(), "rows that describe nothing: {unused:?}");
}
