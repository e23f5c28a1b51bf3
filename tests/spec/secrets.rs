//! Nothing secret gets out: not into the data directory, the log, a page, an
//! answer or an error (Oro row S2, and the invariant about tokens).

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tandem_tests::{Browser, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, TENANT, World};
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

/// Characters of a refresh token behind its beginning, at least.
const REFRESH_TOKEN_LENGTH_MIN: usize = 100;

/// What the secrets of the scenario look like.
struct Secrets {
    /// The first part of every access token: algorithm and key are the same.
    token_header: String,
    others: Vec<String>,
}

impl Secrets {
    /// Everything secret in this text.
    fn in_bytes(&self, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let mut found: Vec<String> =
            self.others.iter().filter(|secret| text.contains(secret.as_str())).cloned().collect();
        found.extend(text.contains(&self.token_header).then(|| "an access token".to_owned()));
        let is_token = |rest: &str| {
            let word = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
            rest.chars().take_while(word).count() >= REFRESH_TOKEN_LENGTH_MIN
        };
        found.extend(text.split("1.A").skip(1).any(is_token).then(|| "a refresh token".to_owned()));
        found
    }
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Signs in without the CRM, to learn what tokens of this Microsoft look like,
/// and that they would be found.
async fn learn(world: &World) -> Secrets {
    let pairs = [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid offline_access Calendars.ReadWrite"),
    ];
    let authorize = format!("http://127.0.0.1:8081/{TENANT}/oauth2/v2.0/authorize");
    let authorize = Url::parse_with_params(&authorize, pairs).unwrap();
    let back = world.decide_at_microsoft(authorize.as_str(), "anna", "accept").await;
    let back = Url::parse(&format!("http://crm{back}")).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
    ];
    let tokens = world.microsoft.form(&format!("/{TENANT}/oauth2/v2.0/token"), &fields).await;
    let header = tokens.json()["access_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
    let secrets = Secrets { token_header: header, others: vec![CLIENT_SECRET.to_owned()] };
    assert_eq!(secrets.in_bytes(tokens.text.as_bytes()), ["an access token", "a refresh token"]);
    assert_eq!(secrets.in_bytes(CLIENT_SECRET.as_bytes()), [CLIENT_SECRET]);
    secrets
}

/// Everything in the data directory but the emulated Microsoft's own file.
fn files_of_the_crm(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !name.starts_with("microsoft") {
            files.push((name, std::fs::read(&path).unwrap()));
        }
    }
    files
}

/// What people and tools can read of the CRM.
async fn everything_shown(world: &World) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    let answers = [
        "/api/users",
        "/api/config/system/0",
        "/api/config/organization/Acme",
        "/api/config/user/anna",
        "/api/config/effective?user=anna",
        "/api/status",
        "/api/alerts",
        "/api/alerts?resolved=true",
        "/api/conflicts",
        "/api/calendar-events?user=anna",
    ];
    for path in answers {
        shown.push((path.to_owned(), world.crm.get(path).await.text));
    }
    let pages =
        ["/", "/calendar", "/status", "/conflicts", "/alerts", "/users", "/configuration/system", "/configuration/my"];
    for login in ["anna", "admin"] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        for path in pages {
            shown.push((format!("{path} for {login}"), browser.get(path).await.text));
        }
    }
    shown
}

#[tokio::test]
async fn no_secret_is_stored_in_clear_logged_or_shown() {
    // S2
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).with_ansi(false).finish());
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    world.add_administrator("admin", "Acme").await;
    world.add_user("anna", "Acme").await;
    let mut secrets = learn(&world).await;

    // A code and a state in the air, a connection, renewals, refusals, a crash.
    let begun = world.crm.post("/api/users/anna/microsoft/connect", &json!({})).await.ok();
    let back = world.decide_at_microsoft(begun["authorizeUrl"].as_str().unwrap(), "anna", "accept").await;
    for (name, value) in Url::parse(&format!("http://crm{back}")).unwrap().query_pairs() {
        if matches!(name.as_ref(), "code" | "state") {
            secrets.others.push(value.into_owned());
        }
    }
    let mut shown = vec![("the landing".to_owned(), world.crm.get(&back).await.text)];
    world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    shown.push(("a run".to_owned(), world.sync("anna").await.to_string()));
    world.advance(2 * 3600).await;
    shown.push(("a check".to_owned(), world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.text));
    world.crash_after(3).await;
    let crashed = world.crm.post("/api/sync", &json!({"user": "anna"})).await;
    assert_eq!(crashed.status, 500, "{}", crashed.text);
    shown.push(("a crash".to_owned(), crashed.text));
    let wrong = world.save("system", "0", &[("application.client-secret", json!("mistyped-~secret"))]).await;
    secrets.others.push("mistyped-~secret".to_owned());
    shown.push(("a save".to_owned(), wrong.text));
    shown.push(("a blocked run".to_owned(), world.sync("anna").await.to_string()));
    shown.extend(everything_shown(&world).await);

    for (name, text) in &shown {
        assert_eq!(secrets.in_bytes(text.as_bytes()), Vec::<String>::new(), "shown by {name}");
    }
    let logged = log.0.lock().unwrap().clone();
    assert!(logged.len() > 100, "the log was looked at");
    assert_eq!(secrets.in_bytes(&logged), Vec::<String>::new(), "logged");
    let files = files_of_the_crm(directory.path());
    assert!(files.iter().any(|(name, bytes)| name == "crm.sqlite" && bytes.starts_with(b"SQLite format 3")));
    for (name, bytes) in files {
        assert_eq!(secrets.in_bytes(&bytes), Vec::<String>::new(), "stored in {name}");
    }
}

#[tokio::test]
async fn stored_secrets_open_after_a_restart_and_not_without_their_key() {
    // S2
    let directory = tempfile::tempdir().unwrap();
    {
        let world = World::on_disk(directory.path()).await;
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
    }
    let world = World::on_disk(directory.path()).await;
    world.advance(2 * 3600).await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle", "tokens and the secret were read again");
    drop(world);

    let key = directory.path().join("secret.key");
    let (whole, parked) = (std::fs::read(&key).unwrap(), directory.path().join("elsewhere"));
    std::fs::rename(&key, &parked).unwrap();
    let options = tandem_tests::options_on_disk(directory.path(), tandem_tests::START.parse().unwrap());
    let (message, hint) = tandem_tests::refused_start(options.clone()).await;
    assert!(message.contains("encryption key") && hint.contains("backup"), "{message}; {hint}");
    std::fs::rename(&parked, &key).unwrap();
    assert_eq!(std::fs::read(&key).unwrap(), whole, "nothing was overwritten");
    World::with(options).await;
}
