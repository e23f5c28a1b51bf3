//! A Microsoft that does not mean it well, in front of the emulated one: pages
//! without end, pages that lead to themselves, and links to other hosts. Rounds of
//! changes are led astray, in which every link is remembered, and a plain list,
//! which ends after so many pages.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use host_harness::app::{App, AppOptions};
use host_harness::clock::HarnessClock;
use host_harness::graph::Microsoft;
use host_harness::web;
use serde_json::{Value, json};
use tandem_tests::{Client, START, World};
use tokio::net::TcpListener;

use crate::hostile_host::{Of, run, titles, until_idle_of};
use crate::runtime::writes;

/// What is led astray.
#[derive(Clone, Copy, Debug)]
struct Pages {
    /// What is kept in step meanwhile.
    of: Of,
    /// How the path of its pages ends.
    path: &'static str,
    /// Pages that a step reads at most of a plain list; none of a round, whose run
    /// stops where it closes.
    list_pages_max: Option<usize>,
}

const EVENTS: Pages = Pages { of: Of::Calendar, path: "/calendarView/delta", list_pages_max: None };
const TASKS: Pages = Pages { of: Of::Tasks, path: "/tasks/delta", list_pages_max: None };
const TASK_LISTS: Pages = Pages { of: Of::Tasks, path: "/todo/lists", list_pages_max: Some(10) };

/// Where such pages lead.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leads {
    /// Where Microsoft says.
    On,
    /// To the same page.
    ToItself,
    /// To the same page, under another address each time.
    InCircles,
    /// Through two pages, and to the first one again.
    BackAndForth,
    /// To somebody else's server.
    To(String),
}

/// The listener in front of the emulated Microsoft.
struct Front {
    world: World,
    led: Pages,
    leads: Arc<Mutex<Leads>>,
    /// Requests for such pages.
    pages: Arc<AtomicUsize>,
    /// Requests that somebody else's server was sent.
    stolen: Arc<AtomicUsize>,
    /// Its address.
    thief: SocketAddr,
}

async fn served(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

impl Front {
    async fn new(led: Pages) -> Self {
        let (pages, stolen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let leads = Arc::new(Mutex::new(Leads::On));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = HarnessClock::fixed(START.parse().unwrap());
        let microsoft = Microsoft::new(clock.clone(), 7, &url);
        let (told, counted) = (Arc::clone(&leads), Arc::clone(&pages));
        let lies = from_fn(move |request: Request, next: Next| {
            let (leads, pages) = (told.lock().unwrap().clone(), Arc::clone(&counted));
            async move { answered(request, next, (led, leads), &pages).await }
        });
        let router = microsoft.router().layer(lies);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let counted = Arc::clone(&stolen);
        let thief = served(Router::new().fallback(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { "{}" }
        }));
        let thief = thief.await;
        let mut options = AppOptions::in_memory(clock, 7);
        (options.login_url, options.graph_url) = (Some(url.clone()), Some(format!("{url}/v1.0")));
        let app = App::start(options).await.unwrap();
        let crm = Client::new(web::router(app.clone()), "127.0.0.1:8080");
        let microsoft = Client::new(microsoft.router(), url.trim_start_matches("http://"));
        let world = World { app, crm, microsoft };
        world.configure_tasks().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        Self { world, led, leads, pages, stolen, thief }
    }

    fn lead(&self, leads: Leads) {
        *self.leads.lock().unwrap() = leads;
        self.pages.store(0, Ordering::SeqCst);
    }

    fn pages(&self) -> usize {
        self.pages.load(Ordering::SeqCst)
    }

    async fn enter(&self, of: Of, name: &str, day: u32) {
        let at = |hour: u32, zone: &str| format!("2026-03-{day}T{hour:02}:00:00{zone}");
        match of {
            Of::Calendar => {
                self.world.crm_create_timed("anna", &format!("CRM{name}"), &at(9, "Z"), &at(10, "Z")).await;
                let outlook = self.world.outlook("anna").await;
                outlook.create_timed(&format!("Outlook{name}"), &at(12, ""), &at(13, "")).await;
            }
            Of::Tasks => {
                self.world.crm_task("anna", &json!({"subject": format!("CRM{name}")})).await;
                let todo = self.world.todo("anna").await;
                todo.create(&json!({"title": format!("Outlook{name}")})).await;
            }
        }
    }
}

/// The answer of the emulated Microsoft, with another link in a page.
async fn answered(request: Request, next: Next, (led, leads): (Pages, Leads), pages: &AtomicUsize) -> Response {
    let uri = request.uri().clone();
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let answer = next.run(request).await;
    if !uri.path().ends_with(led.path) || !answer.status().is_success() {
        return answer;
    }
    let number = pages.fetch_add(1, Ordering::SeqCst);
    let itself = format!("http://{host}{}", uri.path_and_query().unwrap());
    let plain = itself.split("again=").next().unwrap().trim_end_matches(['?', '&']);
    let joint = if plain.contains('?') { '&' } else { '?' };
    let link = match leads {
        Leads::On => return answer,
        Leads::ToItself => itself,
        Leads::BackAndForth => format!("{plain}{joint}again={}", number % 2),
        Leads::InCircles => format!("{plain}{joint}again={number}"),
        Leads::To(elsewhere) => elsewhere,
    };
    let (mut parts, body) = answer.into_parts();
    let mut page: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap();
    page.as_object_mut().unwrap().remove("@odata.deltaLink");
    page["@odata.nextLink"] = json!(link);
    let text = page.to_string();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, Body::from(text))
}

/// An item of each side in step, then a new one on each.
async fn work_to_do(led: Pages) -> Front {
    let front = Front::new(led).await;
    front.enter(led.of, "", 10).await;
    until_idle_of(&front.world, led.of).await;
    front.enter(led.of, ", new", 11).await;
    front
}

/// Both sides have all four, once, and a further run writes nothing.
async fn is_settled(front: &Front) {
    let all = ["CRM", "CRM, new", "Outlook", "Outlook, new"].map(str::to_owned).to_vec();
    assert_eq!(titles(&front.world, front.led.of).await, [all.clone(), all]);
    assert_eq!(writes(&run(&front.world, front.led.of).await), 0);
    assert_eq!(front.world.alerts().await, Vec::<Value>::new());
}

/// Pages that are read at most of a round without end, and as many where it begins
/// again.
const ROUND_PAGES_MAX: usize = 4_000;

/// Pages that are read at most of a circle of one or two of them: each once, and once
/// more for a listing that begins again.
const CIRCLE_PAGES_MAX: usize = 6;

/// A run that is led astray comes to its end, says so of a round, and deletes and
/// doubles nothing. Led right again, it brings all that there is.
async fn comes_to_an_end(led: Pages, leads: Leads) {
    let front = work_to_do(led).await;
    let pages_max = if leads == Leads::InCircles { ROUND_PAGES_MAX } else { CIRCLE_PAGES_MAX };
    front.lead(leads);
    let report = run(&front.world, led.of).await;
    assert!(front.pages() > 0, "{led:?}: nothing was asked for that leads astray");
    assert_eq!([&report["crm"]["deleted"], &report["microsoft"]["deleted"]], [0, 0], "{report}");
    if let Some(pages_max) = led.list_pages_max {
        let steps = usize::try_from(report["steps"].as_u64().unwrap()).unwrap();
        assert!(front.pages() <= pages_max * steps, "{} pages in {steps} steps", front.pages());
        // What a list shows again is known already.
        assert_eq!(report["next"]["when"], "idle", "{report}");
    } else {
        assert!(front.pages() <= pages_max, "{} pages", front.pages());
        assert_eq!([&report["next"]["when"], &report["next"]["reason"]], ["after", "stopped"], "{report}");
        let alerts = front.world.alerts().await;
        assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("run-stopped")), "{alerts:?}");
        assert!(alerts[0]["message"].as_str().unwrap().contains("a round of changes did not end"), "{alerts:?}");
        let [crm, _] = titles(&front.world, led.of).await;
        assert_eq!(crm, ["CRM", "CRM, new", "Outlook"], "nothing is gone, nothing is doubled");
    }
    front.lead(Leads::On);
    front.world.advance(600).await;
    until_idle_of(&front.world, led.of).await;
    is_settled(&front).await;
}

/// No link to another host is followed, and none ever sees the token.
async fn asks_no_other_host(led: Pages) {
    let front = work_to_do(led).await;
    let (thief, path) = (front.thief, format!("v1.0/me{}", led.path));
    for elsewhere in [
        format!("http://{thief}/{path}?$skiptoken=1"),
        format!("https://{thief}/{path}?$skiptoken=1"),
        format!("http://graph.example@{thief}/{path}"),
        format!("//{thief}/{path}"),
        "file:///etc/hostname".to_owned(),
        "not an address".to_owned(),
    ] {
        front.lead(Leads::To(elsewhere.clone()));
        let report = run(&front.world, led.of).await;
        assert_eq!([&report["crm"]["deleted"], &report["microsoft"]["deleted"]], [0, 0], "{elsewhere}: {report}");
        assert_eq!(report["next"]["when"], "after", "{elsewhere}: {report}");
        assert!((1..=10).contains(&front.pages()), "{elsewhere}: {} pages", front.pages());
        front.world.advance(600).await;
    }
    assert_eq!(front.stolen.load(Ordering::SeqCst), 0, "somebody else's server was asked");
    front.lead(Leads::On);
    front.world.advance(600).await;
    until_idle_of(&front.world, led.of).await;
    is_settled(&front).await;
}

/// The scenarios of pages of one kind.
macro_rules! led_astray {
    ($($of:ident: $led:ident,)+) => {
        $(
            mod $of {
                use super::*;

                #[tokio::test]
                async fn a_page_that_leads_to_itself_is_not_asked_for_again_and_again() {
                    comes_to_an_end($led, Leads::ToItself).await;
                }

                #[tokio::test]
                async fn a_circle_of_pages_is_left() {
                    comes_to_an_end($led, Leads::BackAndForth).await;
                }

                #[tokio::test]
                async fn pages_that_lead_in_circles_come_to_an_end() {
                    comes_to_an_end($led, Leads::InCircles).await;
                }

                #[tokio::test]
                async fn a_link_to_another_host_is_not_followed_and_never_sees_the_token() {
                    asks_no_other_host($led).await;
                }
            }
        )+
    };
}

led_astray! {
    of_events: EVENTS,
    of_tasks: TASKS,
    of_task_lists: TASK_LISTS,
}
