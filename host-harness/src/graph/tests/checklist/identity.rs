//! The login's endpoints, and what of Graph belongs to no mailbox.

use std::pin::Pin;
use std::sync::LazyLock;

use super::super::login::assertions;
use super::super::subscriptions::Endpoint;
use super::super::*;
use super::scene::Scene;

/// What comes of a case: nothing, or what was answered instead.
type Outcome = Result<(), String>;

/// Requests that follow each other, or a page that anybody may ask for.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) name: &'static str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// Answered to who shows nothing.
    Page,
    Steps(fn(Scene) -> Pin<Box<dyn Future<Output = Outcome>>>),
}

impl Case {
    /// Whether the endpoints that it is about are there.
    ///
    /// # Errors
    /// What was answered instead.
    pub(super) async fn holds(self, scene: Scene) -> Outcome {
        match self.what {
            What::Page => {
                let page = Request::get(self.name).body(Body::empty()).unwrap();
                has_status(&scene.world.send(page).await, 200)
            }
            What::Steps(steps) => steps(scene).await,
        }
    }
}

/// All of them.
pub(super) fn cases() -> Vec<Case> {
    let authorize = format!(
        "/common/oauth2/v2.0/authorize?client_id={CLIENT}&response_type=code&redirect_uri={}&scope=User.Read",
        escaped(REDIRECT)
    );
    let consent = format!(
        "/contoso.example/v2.0/adminconsent?client_id={CLIENT}&redirect_uri={}&scope=https://graph.microsoft.com/.default",
        escaped(REDIRECT)
    );
    let legacy = format!("/contoso.example/adminconsent?client_id={CLIENT}&redirect_uri={}", escaped(REDIRECT));
    let pages = [
        "/common/v2.0/.well-known/openid-configuration",
        "/contoso.example/v2.0/.well-known/openid-configuration",
        "/contoso.example/.well-known/openid-configuration",
        "/common/discovery/v2.0/keys",
        "/common/discovery/keys",
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        authorize.leak(),
        consent.leak(),
        legacy.leak(),
        "/common/oauth2/v2.0/logout",
        "/common/oauth2/deviceauth",
        "/error?code=50011",
        "/v1.0/",
        "/v1.0/$metadata",
    ];
    let steps = |name, steps| Case { name, what: What::Steps(steps) };
    let mut cases: Vec<Case> = pages.map(|name| Case { name, what: What::Page }).to_vec();
    cases.extend([
        steps("the page of the sign-in by a form", |scene| Box::pin(signs_in(scene))),
        steps("the page of the sign-out by a form", |scene| Box::pin(signs_out(scene))),
        steps("the page of administrators by a form", |scene| {
            Box::pin(consents(scene, "/contoso.example/v2.0/adminconsent"))
        }),
        steps("the older page of administrators by a form", |scene| {
            Box::pin(consents(scene, "/contoso.example/adminconsent"))
        }),
        steps("the page of devices by a form", |scene| Box::pin(allows_a_device(scene))),
        steps("the grant of an application with a certificate", |scene| Box::pin(proves_with_a_certificate(scene))),
        steps("the grant of an application with a secret", |scene| Box::pin(proves_with_a_secret(scene))),
        steps("the grant of a code", |scene| Box::pin(redeems(scene, "authorization_code", "code", 70_000))),
        steps("the grant of a refresh token", |scene| {
            Box::pin(redeems(scene, "refresh_token", "refresh_token", 9_002_313))
        }),
        steps("the grant of a device", |scene| {
            Box::pin(polls_as_a_device(scene, "urn:ietf:params:oauth:grant-type:device_code"))
        }),
        steps("the grant of a device by its short name", |scene| Box::pin(polls_as_a_device(scene, "device_code"))),
        steps("the people", |scene| Box::pin(reads_the_directory(scene, "/users"))),
        steps("the number of people", |scene| Box::pin(reads_the_directory(scene, "/users/$count"))),
        steps("somebody else", |scene| Box::pin(reads_the_directory(scene, "/users/bob@contoso.example"))),
        steps("the organization", |scene| Box::pin(reads_the_directory(scene, "/organization"))),
        steps("userinfo", |scene| Box::pin(asks_who_signed_in(scene, "GET"))),
        steps("userinfo by POST", |scene| Box::pin(asks_who_signed_in(scene, "POST"))),
        steps("the address of an upload", |scene| Box::pin(uploads_in_pieces(scene))),
        steps("the bytes of a file of a task", |scene| Box::pin(uploads_to_a_task(scene, ""))),
        steps("the content of a file of a task", |scene| Box::pin(uploads_to_a_task(scene, "/content"))),
        steps("a batch", |scene| Box::pin(batches(scene))),
        steps("subscriptions", |scene| Box::pin(subscribes(scene))),
    ]);
    cases
}

fn shows(is_shown: bool, answer: &Answer) -> Outcome {
    if is_shown { Ok(()) } else { Err(format!("found {} {}", answer.status, answer.text)) }
}

fn has_status(answer: &Answer, status: u16) -> Outcome {
    shows(answer.status == status, answer)
}

/// A text in an answer, at a JSON pointer.
fn text<'a>(answer: &'a Answer, pointer: &str) -> Result<&'a str, String> {
    let found = answer.body.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| format!("nothing at {pointer} in {} {}", answer.status, answer.text))
}

async fn signs_in(scene: Scene) -> Outcome {
    let form = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid User.Read"),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    let answer = scene.world.form("/common/oauth2/v2.0/authorize", &form).await;
    shows(answer.header("location").contains("code="), &answer)
}

async fn signs_out(scene: Scene) -> Outcome {
    has_status(&scene.world.form("/common/oauth2/v2.0/logout", &[]).await, 200)
}

async fn consents(scene: Scene, path: &'static str) -> Outcome {
    let form = [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "https://graph.microsoft.com/.default"),
        ("decision", "accept"),
    ];
    let answer = scene.world.form(path, &form).await;
    shows(answer.header("location").contains("admin_consent=True"), &answer)
}

async fn begins_as_a_device(world: &World) -> Answer {
    world.form("/contoso.example/oauth2/v2.0/devicecode", &[("client_id", CLIENT), ("scope", "User.Read")]).await
}

async fn allows_a_device(scene: Scene) -> Outcome {
    let device = begins_as_a_device(&scene.world).await;
    let fields = [("otc", text(&device, "/user_code")?), ("user", ALICE), ("decision", "accept")];
    let page = scene.world.form("/common/oauth2/deviceauth", &fields).await;
    shows(page.status == 200 && page.text.contains("You have signed in"), &page)
}

async fn polls_as_a_device(scene: Scene, grant: &str) -> Outcome {
    let device = begins_as_a_device(&scene.world).await;
    let pending = asks_for_a_token(&scene.world, grant, ("device_code", text(&device, "/device_code")?)).await;
    shows(pending.body["error"] == "authorization_pending", &pending)
}

async fn proves_with_a_certificate(_: Scene) -> Outcome {
    /// Making a key takes long.
    static SIGNER: LazyLock<assertions::Signer> = LazyLock::new(assertions::Signer::new);
    let world = assertions::world(&SIGNER);
    let assertion = SIGNER.sign(&SIGNER.header("PS256"), &assertions::claims());
    has_status(&assertions::ask(&world, &assertion).await, 200)
}

/// Asks for a token with the application's secret and something more.
async fn asks_for_a_token(world: &World, grant: &str, (field, value): (&str, &str)) -> Answer {
    let known = [("client_id", CLIENT), ("client_secret", SECRET), ("redirect_uri", REDIRECT)];
    let fields = [known.as_slice(), &[("grant_type", grant), (field, value)]].concat();
    world.form("/contoso.example/oauth2/v2.0/token", &fields).await
}

async fn proves_with_a_secret(scene: Scene) -> Outcome {
    let scope = ("scope", "https://graph.microsoft.com/.default");
    has_status(&asks_for_a_token(&scene.world, "client_credentials", scope).await, 200)
}

/// Refused for what is in the request, and not because nobody knows the grant.
async fn redeems(scene: Scene, grant: &'static str, field: &'static str, number: u32) -> Outcome {
    let answer = asks_for_a_token(&scene.world, grant, (field, "x")).await;
    shows(answer.body["error_codes"][0] == number, &answer)
}

async fn reads_the_directory(scene: Scene, path: &'static str) -> Outcome {
    let scopes = ["User.Read.All", "Organization.Read.All"];
    let token = scene.world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let headers = [("consistencylevel", "eventual")];
    has_status(&scene.world.graph_as(&token, "GET", path, &headers, None).await, 200)
}

async fn asks_who_signed_in(scene: Scene, method: &str) -> Outcome {
    let token = scene.world.microsoft.issue_token(ALICE, &["openid"]).unwrap();
    let request = Request::builder().method(method).uri("/oidc/userinfo");
    let request = request.header("authorization", format!("Bearer {token}"));
    has_status(&scene.world.send(request.body(Body::empty()).unwrap()).await, 200)
}

/// The address of an upload takes pieces without a token.
async fn uploads_in_pieces(scene: Scene) -> Outcome {
    let session = r#"{"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 3145728}}"#;
    let begun = scene.send("POST", &scene.fill("/me/messages/{draft}/attachments/createUploadSession"), session).await;
    let address = text(&begun, "/uploadUrl")?.strip_prefix(BASE).unwrap();
    let request = |method: &str| Request::builder().method(method).uri(address);
    let put = request("PUT").header("content-range", "bytes 0-9/3145728").body(Body::from(vec![0_u8; 10])).unwrap();
    has_status(&scene.world.send(put).await, 200)?;
    has_status(&scene.world.send(request("GET").body(Body::empty()).unwrap()).await, 200)?;
    has_status(&scene.world.send(request("DELETE").body(Body::empty()).unwrap()).await, 204)
}

async fn uploads_to_a_task(scene: Scene, content: &'static str) -> Outcome {
    for root in ["/me", "/users/{alice}"] {
        let path = format!("{root}/todo/lists/{{list}}/tasks/{{task}}/attachmentSessions/{{session}}{content}");
        let answer = scene.copy().put(&scene.fill(&path), "bytes 0-0/4000000", b"a").await;
        shows(answer.status == 200 && answer.body["NextExpectedRanges"] == json!(["1"]), &answer)?;
    }
    Ok(())
}

async fn batches(scene: Scene) -> Outcome {
    let parts = r#"{"requests": [{"id": "1", "method": "GET", "url": "/me"}]}"#;
    let batch = scene.send("POST", "/$batch", parts).await;
    shows(batch.status == 200 && batch.body["responses"][0]["status"] == 200, &batch)
}

async fn subscribes(scene: Scene) -> Outcome {
    let endpoint = Endpoint::new().await;
    let wish = json!({
        "changeType": "updated", "notificationUrl": endpoint.at("/notify"), "resource": "me/events",
        "expirationDateTime": "2026-03-02T13:00:00Z",
    });
    let made = scene.send("POST", "/subscriptions", &wish.to_string()).await;
    has_status(&made, 201)?;
    let list = scene.send("GET", "/subscriptions", "").await;
    shows(list.status == 200 && list.items().len() == 1, &list)?;
    let one = format!("/subscriptions/{}", text(&made, "/id")?);
    for (method, path, body, status) in [
        ("GET", one.clone(), "", 200),
        ("PATCH", one.clone(), r#"{"expirationDateTime": "2026-03-02T14:00:00Z"}"#, 200),
        ("POST", format!("{one}/reauthorize"), "", 204),
        ("DELETE", one.clone(), "", 204),
        ("GET", one.clone(), "", 404),
    ] {
        has_status(&scene.send(method, &path, body).await, status)?;
    }
    Ok(())
}
