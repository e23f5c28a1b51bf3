#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::app::types::{Group, IntegerRange, OptionLabel, Page, Permission};

fn field(key: &str, kind: FieldType, default: SettingValue) -> Field {
    Field {
        key: key.to_owned(),
        label: key.to_uppercase(),
        tooltip: None,
        unit: (key == "interval").then(|| "minutes".to_owned()),
        kind,
        default,
        levels: vec![SettingLevel::System, SettingLevel::User],
        resettable: true,
        conditions: Vec::new(),
    }
}

fn manifest() -> Manifest {
    let choice = FieldType::Choice(vec![OptionLabel { value: "one".to_owned(), label: "One".to_owned() }]);
    let fields = vec![
        field("interval", FieldType::Integer(IntegerRange { min: 1, max: 1440 }), SettingValue::Integer(10)),
        field("secret", FieldType::Secret(40), SettingValue::None),
        field("rule", choice, SettingValue::Text("one".to_owned())),
    ];
    Manifest {
        name: "sample".to_owned(),
        title: "A sample".to_owned(),
        version: "1.2.3".to_owned(),
        contract_version: "0.1.0".to_owned(),
        permissions: vec![Permission {
            name: "Calendars.ReadWrite".to_owned(),
            feature: Some(Feature::Calendar),
            reason: "to write events".to_owned(),
        }],
        hosts: vec!["graph.microsoft.com".to_owned()],
        settings: Page {
            path: vec!["Integrations".to_owned(), "Microsoft".to_owned()],
            groups: vec![Group { key: "sync".to_owned(), label: "Sync".to_owned(), tooltip: None, fields }],
        },
    }
}

/// The smallest component: its header.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn inspected() -> Inspection {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sample.wasm");
    std::fs::write(&file, EMPTY).unwrap();
    inspect(&file, manifest()).unwrap()
}

#[test]
fn the_json_names_everything_that_an_administrator_asks_about() {
    let value = serde_json::to_value(inspected()).unwrap();
    assert_eq!(value["sizeBytes"], 8);
    assert_eq!(value["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(value["contractVersion"], "0.1.0");
    assert_eq!(value["permissions"][0]["feature"], "calendar");
    let fields = &value["settings"]["groups"][0]["fields"];
    assert_eq!(fields[0]["type"], "integer 1..1440");
    assert_eq!(fields[0]["default"], 10);
    assert_eq!(fields[1]["default"], serde_json::Value::Null);
    assert_eq!(fields[2]["levels"], serde_json::json!(["system", "user"]));
    assert!(value["imports"].is_array() && value["exports"].is_array());
}

#[test]
fn the_text_reads_from_what_it_is_to_what_it_offers() {
    let mut inspection = inspected();
    inspection.exports = vec!["tandem:plugin/sync@0.1.0".to_owned()];
    let text = text(&inspection);
    assert!(text.starts_with("A sample (sample 1.2.3)\n"), "{text}");
    for line in [
        "  Size      1 KiB (8 bytes)\n",
        "  Calendars.ReadWrite  calendar  to write events\n",
        "Settings: Integrations / Microsoft\n",
        "    INTERVAL  interval  integer 1..1440 minutes  system, user\n",
        "\nExports\n  tandem:plugin/sync@0.1.0\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
}
