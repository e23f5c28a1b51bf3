//! Copies of an application, and runs that are counted and interrupted on them.

use super::*;

#[tokio::test]
async fn a_copy_goes_its_own_way_and_does_the_same() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let fork = app.fork().unwrap();
    let runs = [app.sync(user.id, Resource::Calendar, None).await.unwrap(), {
        assert!(fork.crm().run_history(user.id, Resource::Calendar.stored(), 5).unwrap().is_empty());
        fork.sync(user.id, Resource::Calendar, None).await.unwrap()
    }];
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].requests > 0);
    fork.clock().advance(TimeDelta::hours(1));
    assert_ne!(app.clock().now(), fork.clock().now());
    super::user(&fork, "ben");
    let users = |app: &App| (app.crm().all_users().unwrap().len(), app.microsoft().unwrap().mailboxes().len());
    assert_eq!((users(&app), users(&fork)), ((1, 1), (2, 2)));
}

#[tokio::test]
async fn a_run_is_counted_with_all_its_steps() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let fork = app.fork().unwrap();
    let calls = HostCalls::new(None);
    app.count_next_run(calls.clone());
    app.sync(user.id, Resource::Calendar, None).await.unwrap();
    assert!(calls.made() > 3 && !calls.has_struck());
    let last = HostCalls::new(Some(Interruption::TearDown { after: calls.made() }));
    fork.count_next_run(last.clone());
    fork.sync(user.id, Resource::Calendar, None).await.unwrap_err();
    assert_eq!((last.made(), last.has_struck()), (calls.made(), true));
    app.sync(user.id, Resource::Calendar, None).await.unwrap();
    assert_eq!(calls.made(), last.made(), "a later run is none of its business");
}
