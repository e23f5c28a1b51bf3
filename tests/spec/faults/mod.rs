//! What goes wrong between the component and Microsoft, and what people see of
//! it (facts on Graph, sections 5 and 7).

mod batches;
mod budget;
mod denied;
mod evidence;
mod half_known;
mod lists;
pub mod set_aside;
mod skew;
mod sweep;
mod table;
mod waits;

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::runtime::until_idle;

/// So many events in step, each of which has another title in the CRM since, while
/// Microsoft denies every write of them: of all, or of the one that was called so.
async fn renamed_while_denied(count: u32, only: Option<&str>) -> (World, Vec<Value>) {
    let world = World::connected().await;
    let mut events = Vec::new();
    for number in 0..count {
        let (start, end) = (format!("2026-03-1{number}T09:00:00Z"), format!("2026-03-1{number}T10:00:00Z"));
        events.push(world.crm_create_timed("anna", &format!("Event {number}"), &start, &end).await);
    }
    until_idle(&world).await;
    let path = match only {
        Some(title) => {
            let one = Outlook::only(&world.outlook("anna").await.events().await, title);
            format!("/events/{}", one["id"].as_str().unwrap())
        }
        None => "/events/".to_owned(),
    };
    let denied = json!({"match": {"method": "PATCH", "path": path}, "times": 1000, "do": "unavailable", "status": 403,
        "code": "ErrorAccessDenied"});
    world.fault(json!([denied])).await;
    for event in &events {
        world.crm_update(&event["id"], &json!({"title": "Renamed"})).await;
    }
    (world, events)
}
