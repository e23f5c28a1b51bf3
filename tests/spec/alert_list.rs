//! The list of alerts: searched, sorted and a page at a time, within what the viewer
//! may see, and never by the title of an item.

use host_harness::crm::notices::{
    ALERTS_MAX, AlertFilter, AlertKind, AlertOperation, AlertStep, NewAlert, NoticeResource,
};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, World};

use crate::faults::set_aside::with_poison;

fn refused(number: usize) -> NewAlert {
    NewAlert {
        resource: NoticeResource::Calendar,
        kind: AlertKind::Sync,
        operation: AlertOperation::Export,
        step: AlertStep::Save,
        code: "too-long".to_owned(),
        item_id: Some(number.to_string()),
        external_id: None,
        message: format!("Description {number} is too long."),
        hint: "Shorten it.".to_owned(),
    }
}

fn paused() -> NewAlert {
    NewAlert {
        resource: NoticeResource::Account,
        kind: AlertKind::Auth,
        operation: AlertOperation::None,
        step: AlertStep::Authenticate,
        code: "reconnect-needed".to_owned(),
        item_id: None,
        external_id: None,
        message: "Microsoft wants a new sign-in.".to_owned(),
        hint: "Ask Ève to connect again.".to_owned(),
    }
}

fn raise(world: &World, login: &str, alerts: &[NewAlert]) {
    let scope = world.app.crm().user_by_login(login).unwrap().scope();
    world.app.crm().raise_alerts(&scope, alerts).unwrap();
}

/// Anna and Ben of one organization with an administrator, and somebody elsewhere.
async fn people() -> World {
    let world = World::empty().await;
    world.add_administrator("root", "Acme").await;
    for (login, organization) in [("anna", "Acme"), ("ben", "Acme"), ("eve", "Northwind")] {
        world.add_user(login, organization).await;
    }
    world
}

/// The messages of a page, in their order.
fn messages(page: &str) -> Vec<&str> {
    let cells = page.split("<td data-label=\"What happened\" class=\"prose\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn more_alerts_than_a_program_is_given_at_once_are_all_on_some_page() {
    let world = people().await;
    let many = ALERTS_MAX + 1;
    raise(&world, "anna", &(0..many).map(refused).collect::<Vec<_>>());
    assert_eq!(world.alerts().await.len(), ALERTS_MAX, "what a program is given");
    for login in ["root", "anna"] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        let mut found = Vec::new();
        let mut at = "/alerts?sort=since&order=asc".to_owned();
        for number in 1..=11 {
            let page = browser.page(&at).await;
            assert!(page.contains(&format!("{many} alerts, page {number} of 11")), "{login}: {page}");
            assert!(!page.contains("are listed"), "nothing is left out: {page}");
            found.extend(messages(&page).into_iter().map(str::to_owned));
            at = format!("/alerts?sort=since&order=asc&page={}", number + 1);
            assert_eq!(has_link(&page, &at), number < 11, "{login}: {number}");
        }
        let expected: Vec<_> = (0..many).map(|number| format!("Description {number} is too long.")).collect();
        assert_eq!(found, expected, "{login}");
        // The last one is found wherever it stands.
        let one = browser.page("/alerts?q=DESCRIPTION+500").await;
        assert_eq!(messages(&one), ["Description 500 is too long."], "{login}");
        assert!(one.contains(">1 alert<"), "{one}");
    }
}

#[tokio::test]
async fn a_search_finds_messages_advice_causes_and_people_and_keeps_whose_and_which() {
    let world = people().await;
    raise(&world, "anna", &[refused(1), paused()]);
    raise(&world, "ben", &[refused(2)]);
    raise(&world, "eve", &[refused(3)]);
    let mut root = Browser::signed_in(&world.crm, "root").await;
    for (q, expected) in [
        ("is+too+long", vec!["Description 1 is too long.", "Description 2 is too long."]),
        ("%C3%A8ve", vec!["Microsoft wants a new sign-in."]),
        ("Reconnect+needed", vec!["Microsoft wants a new sign-in."]),
        ("BEN", vec!["Description 2 is too long."]),
        ("eve%40", vec![]),
        ("description+3", vec![]),
    ] {
        let page = root.page(&format!("/alerts?q={q}&sort=user&order=asc")).await;
        let mut found = messages(&page);
        found.sort_unstable();
        assert_eq!(found, expected, "{q}");
        assert_eq!(page.contains("No alert is like that."), expected.is_empty(), "{q}");
    }
    let page = root.page("/alerts?user=anna&q=long&sort=about&order=asc").await;
    assert_eq!(messages(&page), ["Description 1 is too long."]);
    // The form and the links keep what is asked for beside what they are for.
    let form = Form::of(&page, "/alerts");
    let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("q", "long"), ("user", "anna"), ("sort", "about"), ("order", "asc")]);
    for href in [
        "/alerts?sort=about&order=asc&q=long",
        "/alerts?sort=about&order=desc&user=anna&q=long",
        "/alerts?sort=about&order=asc&user=anna&resolved=true&q=long",
        "/alerts?sort=last&order=desc&user=anna&q=long",
    ] {
        assert!(has_link(&page, href), "{href}: {page}");
    }
    assert_eq!(messages(&root.page("/alerts?user=anna&resolved=true&q=long").await), Vec::<&str>::new());
    let scope = world.app.crm().user_by_login("anna").unwrap().scope();
    world.app.crm().resolve_alerts(&scope, &AlertFilter::default()).unwrap();
    let over = root.page("/alerts?user=anna&resolved=true&q=long").await;
    assert_eq!(messages(&over), ["Description 1 is too long."]);
    assert!(over.contains(">Nothing, it is over. Before: Shorten it.<"), "{over}");
    assert_eq!(Form::of(&over, "/alerts").get("resolved"), Some("true"));
    // One's own are one's own, whatever is searched for.
    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    assert_eq!(messages(&ben.page("/alerts?q=long").await), ["Description 2 is too long."]);
    assert_eq!(messages(&ben.page("/alerts?q=new+sign-in&resolved=true").await), Vec::<&str>::new());
    assert_eq!(ben.get("/alerts?user=anna&q=long").await.status, 403);
}

#[tokio::test]
async fn lists_are_sorted_by_their_headings() {
    let world = people().await;
    raise(&world, "ben", &[refused(1)]);
    world.advance(60).await;
    raise(&world, "anna", &[paused()]);
    world.advance(60).await;
    raise(&world, "ben", &[refused(1)]);
    let mut root = Browser::signed_in(&world.crm, "root").await;
    let (ben, anna) = ("Description 1 is too long.", "Microsoft wants a new sign-in.");
    for (sorted, expected) in [
        ("", [ben, anna]),
        ("?sort=last&order=asc", [anna, ben]),
        ("?sort=since", [anna, ben]),
        ("?sort=user", [anna, ben]),
        ("?sort=about", [anna, ben]),
        ("?sort=about&order=desc", [ben, anna]),
        ("?sort=nothing&order=known&page=nine", [ben, anna]),
    ] {
        assert_eq!(messages(&root.page(&format!("/alerts{sorted}")).await), expected, "{sorted}");
    }
}

#[tokio::test]
async fn nobody_is_found_by_the_titles_of_their_items() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    world.add_administrator("carol", "Acme").await;
    world.sync("anna").await;
    assert_eq!(world.alerts().await.len(), 1);
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(anna.page("/alerts").await.contains("Event 2"), "her own item has its name");
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let of_carol = carol.page("/alerts").await;
    assert_eq!(messages(&of_carol).len(), 1);
    // She is led to whom it concerns, and anna to the event.
    let status = format!("/status/{}", world.user_id("anna").await);
    assert!(has_link(&of_carol, &status), "{of_carol}");
    assert!(!has_link(&anna.page("/alerts").await, &status));
    for q in ["Event+2", "event+2"] {
        for whose in ["", "&user=anna"] {
            let page = carol.page(&format!("/alerts?q={q}{whose}")).await;
            assert_eq!(messages(&page), Vec::<&str>::new(), "{q}{whose}");
        }
    }
}
