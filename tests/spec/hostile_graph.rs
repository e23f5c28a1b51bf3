//! A Microsoft that does not mean it well, in front of the emulated one: pages
//! without end, pages that lead to themselves, and links to other hosts.

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
use tandem_tests::{Client, Outlook, START, World};
use tokio::net::TcpListener;

use crate::runtime::{until_idle, writes};

/// Where the pages of a round lead.
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
    leads: Arc<Mutex<Leads>>,
    /// Requests for pages of a round.
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
    async fn new() -> Self {
        let (pages, stolen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let leads = Arc::new(Mutex::new(Leads::On));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = HarnessClock::fixed(START.parse().unwrap());
        let microsoft = Microsoft::new(clock.clone(), 7, &url);
        let (told, counted) = (Arc::clone(&leads), Arc::clone(&pages));
        let lies = from_fn(move |request: Request, next: Next| {
            let (leads, pages) = (told.lock().unwrap().clone(), Arc::clone(&counted));
            async move { answered(request, next, leads, &pages).await }
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
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        Self { world, leads, pages, stolen, thief }
    }

    fn lead(&self, leads: Leads) {
        *self.leads.lock().unwrap() = leads;
        self.pages.store(0, Ordering::SeqCst);
    }
}

/// The answer of the emulated Microsoft, with another link in a page of a round.
async fn answered(request: Request, next: Next, leads: Leads, pages: &AtomicUsize) -> Response {
    let uri = request.uri().clone();
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let answer = next.run(request).await;
    if !uri.path().ends_with("/calendarView/delta") || !answer.status().is_success() {
        return answer;
    }
    let number = pages.fetch_add(1, Ordering::SeqCst);
    let itself = format!("http://{host}{}", uri.path_and_query().unwrap());
    let link = match leads {
        Leads::On => return answer,
        Leads::ToItself => itself,
        Leads::BackAndForth => format!("{}&again={}", itself.split("&again=").next().unwrap(), number % 2),
        Leads::InCircles => format!("{}&again={number}", itself.split("&again=").next().unwrap()),
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

/// Two events on each side in step, then a new one on each.
async fn work_to_do() -> (Front, Outlook) {
    let front = Front::new().await;
    let outlook = front.world.outlook("anna").await;
    front.world.crm_create_timed("anna", "CRM", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    outlook.create_timed("Outlook", "2026-03-10T12:00:00", "2026-03-10T13:00:00").await;
    until_idle(&front.world).await;
    front.world.crm_create_timed("anna", "CRM, new", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
    outlook.create_timed("Outlook, new", "2026-03-11T12:00:00", "2026-03-11T13:00:00").await;
    (front, outlook)
}

/// Both sides have all four, once, and a further run writes nothing.
async fn is_settled(front: &Front, outlook: &Outlook) {
    let mut crm: Vec<Value> = front.world.crm_events("anna").await.iter().map(|event| event["title"].clone()).collect();
    crm.sort_by_key(Value::to_string);
    let m365: Vec<Value> = outlook.events().await.iter().map(|event| event["subject"].clone()).collect();
    assert_eq!(crm, ["CRM", "CRM, new", "Outlook", "Outlook, new"].map(Value::from));
    assert_eq!(crm.len(), m365.len());
    assert_eq!(writes(&front.world.sync("anna").await), 0);
    assert_eq!(front.world.alerts().await, Vec::<Value>::new());
}

/// A run that is led astray comes to its end, says so, and deletes nothing.
async fn led_astray(front: &Front) -> Value {
    let report = front.world.sync("anna").await;
    assert_eq!(report["next"]["when"], "after", "{report}");
    assert_eq!([&report["crm"]["deleted"], &report["microsoft"]["deleted"]], [0, 0], "{report}");
    assert_eq!(front.world.crm_events("anna").await.len(), 3, "nothing is gone, nothing is doubled");
    report
}

/// Pages that are read at most: those of a round, and as many where it begins again.
const ROUND_PAGES_MAX: usize = 4_000;

#[tokio::test]
async fn a_page_that_leads_to_itself_is_asked_for_once_more_and_not_again() {
    let (front, outlook) = work_to_do().await;
    front.lead(Leads::ToItself);
    let report = led_astray(&front).await;
    assert_eq!(report["next"]["reason"], "stopped", "{report}");
    let alerts = front.world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("run-stopped")), "{alerts:?}");
    assert!(front.pages.load(Ordering::SeqCst) <= 3, "{:?} pages", front.pages);
    front.lead(Leads::On);
    front.world.advance(600).await;
    until_idle(&front.world).await;
    is_settled(&front, &outlook).await;
}

#[tokio::test]
async fn a_circle_of_pages_is_left_where_it_closes() {
    let (front, outlook) = work_to_do().await;
    front.lead(Leads::BackAndForth);
    let report = led_astray(&front).await;
    assert_eq!(report["next"]["reason"], "stopped", "{report}");
    assert!(front.pages.load(Ordering::SeqCst) <= 6, "{:?} pages", front.pages);
    front.lead(Leads::On);
    front.world.advance(600).await;
    until_idle(&front.world).await;
    is_settled(&front, &outlook).await;
}

#[tokio::test]
async fn pages_that_lead_in_circles_come_to_an_end() {
    let (front, outlook) = work_to_do().await;
    front.lead(Leads::InCircles);
    let report = led_astray(&front).await;
    assert_eq!(report["next"]["reason"], "stopped", "{report}");
    assert!(front.pages.load(Ordering::SeqCst) <= ROUND_PAGES_MAX, "{:?} pages", front.pages);
    front.lead(Leads::On);
    front.world.advance(600).await;
    until_idle(&front.world).await;
    is_settled(&front, &outlook).await;
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed_and_never_sees_the_token() {
    let (front, outlook) = work_to_do().await;
    let thief = front.thief;
    for elsewhere in [
        format!("http://{thief}/v1.0/me/calendarView/delta?$skiptoken=1"),
        format!("https://{thief}/v1.0/me/calendarView/delta?$skiptoken=1"),
        format!("http://graph.example@{thief}/v1.0/me/calendarView/delta"),
        format!("//{thief}/v1.0/me/calendarView/delta"),
        "file:///etc/hostname".to_owned(),
        "not an address".to_owned(),
    ] {
        front.lead(Leads::To(elsewhere.clone()));
        let report = front.world.sync("anna").await;
        assert_eq!([&report["crm"]["deleted"], &report["microsoft"]["deleted"]], [0, 0], "{elsewhere}: {report}");
        assert_eq!(report["next"]["when"], "after", "{elsewhere}: {report}");
        assert!(front.pages.load(Ordering::SeqCst) <= 10, "{elsewhere}: {:?} pages", front.pages);
        front.world.advance(600).await;
    }
    assert_eq!(front.stolen.load(Ordering::SeqCst), 0, "somebody else's server was asked");
    front.lead(Leads::On);
    front.world.advance(600).await;
    let outlook_again = front.world.outlook("anna").await;
    drop(outlook);
    until_idle(&front.world).await;
    is_settled(&front, &outlook_again).await;
}
