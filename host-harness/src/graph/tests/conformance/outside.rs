//! Answers to callers who may see the outside of items alone.

use super::answers::Answered;
use super::*;

#[tokio::test]
async fn what_events_lack_for_a_basic_permission_is_found_where_it_is_answered() {
    let world = World::new();
    let series = world.create(daily(3)).await;
    let days = world.instances(id(&series)).await;
    world.patch(id(&days[0]), json!({ "subject": "Once" })).await;
    let path = format!(
        "/me/events/{}?$select=body,exceptionOccurrences&$expand=attachments,extensions,exceptionOccurrences($select=bodyPreview)",
        id(&series)
    );
    let mut whole = Answered::to(&world, "GET", &path, None).await;
    assert_eq!(whole.examined(|_| {}), []);
    whole.view.hidden = vec!["event"];
    let told = [
        (What::UnexpectedRelation, "attachments"),
        (What::UnaskedProperty, "body"),
        (What::UnaskedProperty, "exceptionOccurrences[].bodyPreview"),
        (What::UnexpectedRelation, "extensions"),
    ];
    assert_eq!(found(&whole.examined(|_| {})), told);
    // None of it is missed.
    let world = World { token: world.microsoft.issue_token(ALICE, &["Calendars.ReadBasic"]).unwrap(), ..world };
    let path =
        format!("/me/events/{}?$select=subject,body,exceptionOccurrences&$expand=exceptionOccurrences", id(&series));
    let mut outside = Answered::to(&world, "GET", &path, None).await;
    outside.view.hidden = vec!["event"];
    outside.has(&[
        ("/subject", None, What::MissingProperty, ""),
        ("/exceptionOccurrences/0/subject", None, What::MissingProperty, "exceptionOccurrences[]"),
        (
            "/exceptionOccurrences/0/bodyPreview",
            Some(json!("a")),
            What::UnaskedProperty,
            "exceptionOccurrences[].bodyPreview",
        ),
    ]);
}

/// The event belongs to the inside of its mail.
#[tokio::test]
async fn the_event_behind_a_mail_is_found_where_it_is_answered_to_a_basic_permission() {
    let mut world = World::new();
    let expand = "$select=subject&$expand=microsoft.graph.eventMessage/event($select=subject)";
    let path = format!("{}?{expand}", invitation(&mut world).await);
    let mut invitation = Answered::to(&world, "GET", &path, None).await;
    assert_eq!(invitation.body["event"]["subject"], "Meeting");
    invitation.has(&[]);
    invitation.view.hidden = vec!["message"];
    assert_eq!(found(&invitation.examined(|_| {})), [(What::UnexpectedRelation, "event")]);
}
