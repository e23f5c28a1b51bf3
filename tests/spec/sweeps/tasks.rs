//! Tasks.

use host_harness::sim::operation::{Progress, Weight};

use super::*;

/// Tasks of either side, and one that both have.
fn first_tasks() -> Scenario {
    Scenario {
        setup: Setup { late: [true, false], ..TASKS },
        ..in_tasks(&[
            task(CRM, 1, TaskAct::Create(Some(2))),
            task(MICROSOFT, 2, TaskAct::Create(None)),
            task(CRM, 3, TaskAct::Create(Some(5))),
            task(MICROSOFT, 3, TaskAct::Create(Some(5))),
            Operation::Connect(Who::Anna),
        ])
    }
}

/// New ones, edits and completions of both sides, deletions on either side, an edit
/// against one each, and two edits that meet.
fn tasks_of_both_sides() -> Scenario {
    in_tasks(&[
        task(CRM, 1, TaskAct::Create(Some(2))),
        task(MICROSOFT, 2, TaskAct::Create(Some(3))),
        task(CRM, 3, TaskAct::Create(Some(5))),
        task(MICROSOFT, 4, TaskAct::Create(None)),
        task(CRM, 5, TaskAct::Create(None)),
        task(CRM, 6, TaskAct::Create(Some(6))),
        task(MICROSOFT, 7, TaskAct::Create(Some(7))),
        SYNC_TASKS,
        task(MICROSOFT, 1, TaskAct::Progress(Progress::Done)),
        task(CRM, 1, TaskAct::Describe(1)),
        task(CRM, 2, TaskAct::Due(Some(8))),
        task(CRM, 2, TaskAct::Weigh(Weight::High)),
        task(CRM, 3, TaskAct::Delete),
        task(MICROSOFT, 3, TaskAct::Rename(2)),
        task(CRM, 4, TaskAct::Rename(3)),
        task(MICROSOFT, 4, TaskAct::Delete),
        task(CRM, 5, TaskAct::Rename(4)),
        task(MICROSOFT, 5, TaskAct::Rename(5)),
        task(CRM, 6, TaskAct::Delete),
        task(MICROSOFT, 7, TaskAct::Delete),
        task(CRM, 8, TaskAct::Create(None)),
        task(MICROSOFT, 9, TaskAct::Create(Some(5))),
    ])
}

/// People go on before anybody is synchronised again.
fn edits_before_the_recovery() -> Scenario {
    let before = [
        task(CRM, 1, TaskAct::Create(Some(2))),
        task(MICROSOFT, 2, TaskAct::Create(Some(3))),
        SYNC_TASKS,
        task(MICROSOFT, 1, TaskAct::Rename(1)),
        task(CRM, 2, TaskAct::Rename(2)),
        task(CRM, 3, TaskAct::Create(None)),
    ];
    let then = vec![
        task(CRM, 1, TaskAct::Rename(3)),
        task(MICROSOFT, 2, TaskAct::Rename(4)),
        task(CRM, 3, TaskAct::Due(Some(12))),
    ];
    Scenario { then, ..in_tasks(&before) }
}

sweeps!(first_tasks);
sweeps!(tasks_of_both_sides, lost_answers);
sweeps!(edits_before_the_recovery);
