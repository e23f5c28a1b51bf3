//! Series: their rule, their time and what is different on single days, taken
//! back.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use super::{at_rest, latest, reverse, rule};
use crate::exceptions::{crm_exception, linked, occurrence};
use crate::meetings::id;
use crate::rounds::titled;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-08-01T00:00:00Z";

/// The pattern that a series has in Outlook.
async fn interval(outlook: &Outlook) -> Value {
    let events = outlook.events().await;
    Outlook::only(&events, "Jour fixe")["recurrence"]["pattern"]["interval"].clone()
}

async fn decided(world: &World) -> Value {
    let report = world.sync("anna").await;
    assert_eq!(report["conflicts"], 1, "{report}");
    latest(world).await
}

#[tokio::test]
async fn a_day_that_was_renamed_on_both_sides_gets_its_other_name_and_the_others_stay() {
    for (named, won, lost) in [("crm-wins", "In the CRM", "In Outlook"), ("microsoft-wins", "In Outlook", "In the CRM")]
    {
        let (world, outlook, series) = linked().await;
        rule(&world, named).await;
        crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "In the CRM"})).await;
        crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"title": "CRM alone"})).await;
        outlook.update(&occurrence(&outlook, "2026-03-16T09:00").await, &json!({"subject": "In Outlook"})).await;
        outlook.update(&occurrence(&outlook, "2026-03-30T08:00").await, &json!({"subject": "Outlook alone"})).await;
        let conflict = decided(&world).await;
        let names = |shown: &[String]| {
            ["In the CRM", "In Outlook", "CRM alone", "Outlook alone"].map(|name| titled(shown, name))
        };
        let expected = |name: &str| [usize::from(name == "In the CRM"), usize::from(name == "In Outlook"), 1, 1];
        assert_eq!(names(&world.assert_same("anna", FROM, TO).await), expected(won), "{named}");

        reverse(&world, &conflict).await;
        assert_eq!(names(&world.assert_same("anna", FROM, TO).await), expected(lost), "{named}, taken back");
        at_rest(&world).await;
        reverse(&world, &latest(&world).await).await;
        assert_eq!(names(&world.assert_same("anna", FROM, TO).await), expected(won), "{named}, put back");
        at_rest(&world).await;
    }
}

#[tokio::test]
async fn a_rule_that_both_sides_have_changed_goes_back_to_the_other_one() {
    for (named, won, lost) in [("crm-wins", 2, 3), ("microsoft-wins", 3, 2)] {
        let (world, outlook, series) = linked().await;
        rule(&world, named).await;
        crm_exception(&world, &series, "2026-03-09T09:00:00Z", json!({"title": "Opening"})).await;
        world.sync("anna").await;
        let mut recurrence = series["recurrence"].clone();
        recurrence["interval"] = json!(2);
        world.crm_update(&series["id"], &json!({"recurrence": recurrence})).await;
        let there = Outlook::only(&outlook.events().await, "Jour fixe");
        let mut theirs = there["recurrence"].clone();
        theirs["pattern"]["interval"] = json!(3);
        outlook.update(id(&there), &json!({"recurrence": theirs})).await;
        let conflict = decided(&world).await;
        assert_eq!(interval(&outlook).await, json!(won), "{named}");
        world.assert_same("anna", FROM, TO).await;

        reverse(&world, &conflict).await;
        assert_eq!(interval(&outlook).await, json!(lost), "{named}, taken back");
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7, "{named}");
        at_rest(&world).await;
        reverse(&world, &latest(&world).await).await;
        assert_eq!(interval(&outlook).await, json!(won), "{named}, put back");
        world.assert_same("anna", FROM, TO).await;
        at_rest(&world).await;
    }
}

#[tokio::test]
async fn a_time_of_a_series_goes_back_with_its_changed_occurrences() {
    for (named, lost) in [("crm-wins", "14:00:00Z"), ("microsoft-wins", "12:00:00Z")] {
        let (world, outlook, series) = linked().await;
        rule(&world, named).await;
        crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
        world.sync("anna").await;
        let (start, end) = ("2026-03-09T12:00:00Z", "2026-03-09T13:00:00Z");
        world.crm_update(&series["id"], &json!({"start": start, "end": end})).await;
        let there = Outlook::only(&outlook.events().await, "Jour fixe");
        let at =
            |hour: u32| json!({"dateTime": format!("2026-03-09T{hour}:00:00"), "timeZone": "W. Europe Standard Time"});
        outlook.update(id(&there), &json!({"start": at(15), "end": at(16)})).await;
        let conflict = decided(&world).await;
        let before = world.assert_same("anna", FROM, TO).await;

        reverse(&world, &conflict).await;
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!(shown.len(), 7, "{named}: {shown:?}");
        assert!(shown[0].contains(lost), "{named}: {shown:?}");
        at_rest(&world).await;
        reverse(&world, &latest(&world).await).await;
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), before.len(), "{named}");
        at_rest(&world).await;
    }
}

/// Graph knows no way back for a cancelled occurrence.
#[tokio::test]
async fn a_day_that_was_cancelled_against_an_edit_is_not_brought_back_and_that_is_said() {
    let (world, outlook, series) = linked().await;
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    let day = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook.delete(&day).await;
    let conflict = decided(&world).await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    // It stands whoever wins, so there is no other version to put back.
    assert_eq!(conflict["reversible"], false, "{conflict}");
    super::ask(&world, &conflict).await.refused(409);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6, "the other six stay");
    at_rest(&world).await;
}
