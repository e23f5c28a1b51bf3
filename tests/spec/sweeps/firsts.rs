//! First runs.

use super::*;

/// Both sides have events of their own, and one that both have.
fn first_run() -> Scenario {
    Scenario {
        setup: Setup { late: [true, false], ..CALENDAR },
        ..in_calendar(&[
            enter(CRM, 1, 2),
            enter(MICROSOFT, 2, 3),
            enter_series(MICROSOFT, 3, 4),
            enter(CRM, 4, 5),
            enter(MICROSOFT, 4, 5),
            Operation::Connect(Who::Anna),
        ])
    }
}

sweeps!(first_run);
