#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn rule(fields: &Value) -> Recurrence {
    let mut rule = json!({"interval": 1, "startTime": "2026-03-01T09:00:00Z", "timeZone": "Europe/Berlin"});
    rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(rule).unwrap()
}

#[test]
fn the_six_types_are_accepted() {
    for fields in [
        json!({"type": "daily", "interval": 99}),
        json!({"type": "weekly", "dayOfWeek": ["monday", "friday"], "interval": 999}),
        json!({"type": "monthly", "dayOfMonth": 31, "occurrences": 999}),
        json!({"type": "monthnth", "instance": 5, "dayOfWeek": ["saturday", "sunday"]}),
        json!({"type": "monthnth", "instance": 1,
               "dayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"]}),
        json!({"type": "yearly", "interval": 12, "monthOfYear": 2, "dayOfMonth": 29}),
        json!({"type": "yearnth", "interval": 24, "monthOfYear": 12, "instance": 2, "dayOfWeek": ["sunday"],
               "endTime": "2030-01-01T00:00:00Z"}),
    ] {
        assert_eq!(rule(&fields).validate(), Ok(()), "{fields}");
    }
}

#[test]
fn what_a_type_needs_is_demanded() {
    for (fields, field) in [
        (json!({"type": "daily", "interval": 0}), "interval"),
        (json!({"type": "daily", "interval": 100}), "interval"),
        (json!({"type": "weekly"}), "dayOfWeek"),
        (json!({"type": "weekly", "dayOfWeek": ["monday", "monday"]}), "dayOfWeek"),
        (json!({"type": "monthly"}), "dayOfMonth"),
        (json!({"type": "monthly", "dayOfMonth": 32}), "dayOfMonth"),
        (json!({"type": "monthnth", "instance": 6, "dayOfWeek": ["monday"]}), "instance"),
        (json!({"type": "monthnth", "instance": 1, "dayOfWeek": ["monday", "sunday"]}), "dayOfWeek"),
        (json!({"type": "yearly", "interval": 6, "monthOfYear": 1, "dayOfMonth": 1}), "interval"),
        (json!({"type": "yearly", "interval": 12, "dayOfMonth": 1}), "monthOfYear"),
        (json!({"type": "daily", "occurrences": 0}), "occurrences"),
        (json!({"type": "daily", "occurrences": 2, "endTime": "2027-01-01T00:00:00Z"}), "occurrences"),
        (json!({"type": "daily", "endTime": "2025-01-01T00:00:00Z"}), "endTime"),
    ] {
        assert_eq!(rule(&fields).validate().unwrap_err().field, field, "{fields}");
    }
}
