//! Every kind of group of an event that both sides hold, under both rules and in
//! one direction: decided, taken back, and the taking back taken back.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use super::{RULES, at_rest, latest, linked, reverse, rule, titles};
use crate::meetings::id;

/// A group, what each side makes of it, and how to read it on either side.
struct Group {
    name: &'static str,
    crm: Value,
    microsoft: Value,
    in_crm: fn(&Value) -> String,
    in_outlook: fn(&Value) -> String,
    versions: [&'static str; 2],
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A description without its markup.
fn bare(html: &str) -> String {
    let mut inside = false;
    let kept = html.chars().filter(|letter| {
        inside = (inside || *letter == '<') && *letter != '>';
        !inside && *letter != '>'
    });
    kept.collect::<String>().trim().to_owned()
}

fn groups() -> Vec<Group> {
    vec![
        Group {
            name: "title",
            crm: json!({"title": "CRM title"}),
            microsoft: json!({"subject": "Outlook title"}),
            in_crm: |event| text(&event["title"]),
            in_outlook: |event| text(&event["subject"]),
            versions: ["CRM title", "Outlook title"],
        },
        Group {
            name: "body",
            crm: json!({"description": "<p>Agenda of the CRM</p>"}),
            microsoft: json!({"body": {"contentType": "html", "content": "<p>Agenda of Outlook</p>"}}),
            in_crm: |event| bare(event["description"].as_str().unwrap()),
            in_outlook: |event| bare(event["body"]["content"].as_str().unwrap()),
            versions: ["Agenda of the CRM", "Agenda of Outlook"],
        },
        Group {
            name: "time",
            crm: json!({"start": "2026-03-11T09:00:00Z", "end": "2026-03-11T09:30:00Z"}),
            microsoft: json!({
                "start": {"dateTime": "2026-03-12T14:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-03-12T15:00:00", "timeZone": "UTC"},
            }),
            in_crm: |event| text(&event["start"]).chars().take(16).collect(),
            in_outlook: |event| text(&event["start"]["dateTime"]).chars().take(16).collect(),
            versions: ["2026-03-11T09:00", "2026-03-12T14:00"],
        },
        Group {
            name: "reminder",
            crm: json!({"reminderMinutes": 7}),
            microsoft: json!({"isReminderOn": true, "reminderMinutesBeforeStart": 45}),
            in_crm: |event| text(&event["reminderMinutes"]),
            in_outlook: |event| text(&event["reminderMinutesBeforeStart"]),
            versions: ["7", "45"],
        },
    ]
}

async fn both_show(world: &World, outlook: &Outlook, group: &Group, version: &str, when: &str) {
    let shown = [(group.in_crm)(&world.crm_only("anna").await), (group.in_outlook)(&outlook.the_only().await)];
    assert_eq!(shown, [version, version], "{} {when}", group.name);
}

#[tokio::test]
async fn what_either_rule_has_decided_of_any_group_is_taken_back_and_put_back_again() {
    for (named, winner) in RULES {
        let (world, outlook, crm, m365) = linked().await;
        rule(&world, named).await;
        for group in groups() {
            world.crm_update(&crm["id"], &group.crm).await;
            outlook.update(id(&m365), &group.microsoft).await;
            let report = world.sync("anna").await;
            assert_eq!(report["conflicts"], 1, "{} {named}: {report}", group.name);
            let [won, lost] = if winner == "crm" { group.versions } else { [group.versions[1], group.versions[0]] };
            both_show(&world, &outlook, &group, won, named).await;
            let conflict = latest(&world).await;
            assert_eq!(
                (&conflict["winner"], &conflict["rule"], &conflict["fields"][0]["name"]),
                (&json!(winner), &json!(named), &json!(group.name))
            );

            let answer = reverse(&world, &conflict).await;
            assert_eq!(answer["run"]["conflicts"], 0, "a person's decision is none of the rule's: {answer}");
            both_show(&world, &outlook, &group, lost, "taken back").await;
            at_rest(&world).await;

            let taken_back = latest(&world).await;
            assert_eq!(
                ["rule", "situation", "winner", "reverses", "reversible"].map(|fact| taken_back[fact].clone()),
                [
                    json!("person"),
                    json!("taken-back"),
                    json!(if winner == "crm" { "microsoft" } else { "crm" }),
                    conflict["key"].clone(),
                    json!(true),
                ]
            );
            let field = &taken_back["fields"][0];
            assert_eq!(
                (&field["crm"], &field["microsoft"]),
                (&conflict["fields"][0]["crm"], &conflict["fields"][0]["microsoft"])
            );

            reverse(&world, &taken_back).await;
            both_show(&world, &outlook, &group, won, "taken back and put back").await;
            at_rest(&world).await;
        }
        assert_eq!(world.conflicts().await.len(), 3 * groups().len(), "one record for each decision");
    }
}

#[tokio::test]
async fn a_decision_about_several_groups_is_taken_back_as_a_whole() {
    let (world, outlook, crm, m365) = linked().await;
    for group in groups() {
        world.crm_update(&crm["id"], &group.crm).await;
        outlook.update(id(&m365), &group.microsoft).await;
    }
    assert_eq!(world.sync("anna").await["conflicts"], 1);
    let conflict = latest(&world).await;
    let names: Vec<&str> =
        conflict["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["title", "body", "time", "reminder"]);
    let answer = reverse(&world, &conflict).await;
    assert_eq!(
        (&answer["run"]["crm"]["updated"], &answer["run"]["microsoft"]["updated"]),
        (&json!(1), &json!(1)),
        "{answer}"
    );
    for group in groups() {
        both_show(&world, &outlook, &group, group.versions[1], "taken back").await;
    }
    at_rest(&world).await;
}

/// In one direction the source is never written: the target gets its own edit
/// back, which stays until the source changes.
#[tokio::test]
async fn what_a_one_way_source_has_overwritten_comes_back_in_the_target_alone() {
    for (direction, source, target) in
        [("crm-to-microsoft", "CRM title", "Outlook title"), ("microsoft-to-crm", "Outlook title", "CRM title")]
    {
        let (world, outlook, crm, m365) = linked().await;
        world.save("system", "0", &[("calendar.direction", json!(direction))]).await.ok();
        world.sync("anna").await;
        world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
        outlook.update(id(&m365), &json!({"subject": "Outlook title"})).await;
        assert_eq!(world.sync("anna").await["conflicts"], 1, "{direction}");
        assert_eq!(titles(&world, &outlook).await, [source, source], "{direction}");
        let conflict = latest(&world).await;
        assert_eq!((&conflict["rule"], &conflict["reversible"]), (&json!("one-way"), &json!(true)));

        reverse(&world, &conflict).await;
        let apart = if direction == "crm-to-microsoft" { [source, target] } else { [target, source] };
        assert_eq!(titles(&world, &outlook).await, apart, "{direction}");
        at_rest(&world).await;

        reverse(&world, &latest(&world).await).await;
        assert_eq!(titles(&world, &outlook).await, [source, source], "{direction}");
        at_rest(&world).await;
    }
}
