//! What happened, for the reader of a failure.

use std::fmt::Write as _;

use crate::model::{FieldValue, Record};
use crate::sync::{Decision, End, Side};

use super::History;
use super::run::{Report, World};

/// The whole story. Values are invented, so they may
/// be shown.
pub fn story(history: &History, before: &World, report: &Report) -> String {
    let mut text = format!("began with {:?}, {:?}\n", history.policy, history.kind);
    for (number, transition) in history.happened.iter().enumerate() {
        _ = writeln!(text, "{number:>3}. {transition:?}");
    }
    for side in [Side::Crm, Side::M365] {
        _ = writeln!(text, "before the run, {side}:");
        for (id, event) in &before.collection(side).items {
            _ = writeln!(text, "    {id}: {}", line(&event.record));
        }
    }
    text + &plan_of(report)
}

pub fn plan_of(report: &Report) -> String {
    let mut text = "plan:\n".to_owned();
    for planned in &report.plan {
        _ = writeln!(text, "    {}", planned.link);
        for (name, end) in [("CRM", &planned.situation.crm), ("Microsoft", &planned.situation.m365)] {
            _ = match end {
                End::Present(end) => writeln!(text, "        {name}: {} base {}", line(&end.now), line(&end.base)),
                End::Absent | End::Gone | End::Forgone => writeln!(text, "        {name}: {end:?}"),
            };
        }
        _ = match &planned.decision {
            Decision::Merge(merge) => writeln!(
                text,
                "        merge: to CRM {}, to Microsoft {}, conflicts {}",
                line(&merge.to_crm),
                line(&merge.to_m365),
                merge.conflicts.len()
            ),
            other => writeln!(text, "        {other:?}"),
        };
    }
    text
}

fn line(record: &Record) -> String {
    let values: Vec<String> = record
        .values()
        .filter(|value| !value.is_blank())
        .map(|value| match value {
            FieldValue::Time(time) => format!("time {}", time.span().0.epoch_milliseconds() / 3_600_000),
            value => format!("{} {:?}", value.group(), crate::sync::describe_value(value)),
        })
        .collect();
    format!("[{}]", values.join(", "))
}
