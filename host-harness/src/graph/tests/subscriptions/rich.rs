//! Notifications that hold data, and clients that can read them.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

const IMMUTABLE: (&str, &str) = ("prefer", "IdType=\"ImmutableId\"");

/// A client with its key, and the certificate that it shows.
struct Reader {
    key: OaepPrivateDecryptingKey,
    certificate: String,
}

impl Reader {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&pair).unwrap();
        let key = PrivateDecryptingKey::from_pkcs8(&pair.serialize_der()).unwrap();
        Self { key: OaepPrivateDecryptingKey::new(key).unwrap(), certificate: STANDARD.encode(certificate.der()) }
    }

    /// Reads what a notification holds, as the page says.
    fn read(&self, content: &Value) -> Value {
        let part = |name: &str| STANDARD.decode(content[name].as_str().unwrap()).unwrap();
        let mut room = vec![0; self.key.min_output_size()];
        let key = self.key.decrypt(&OAEP_SHA1_MGF1SHA1, &part("dataKey"), &mut room, None).unwrap();
        let mut data = part("data");
        hmac::verify(&hmac::Key::new(HMAC_SHA256, key), &data, &part("dataSignature")).unwrap();
        let start: [u8; 16] = key[..16].try_into().unwrap();
        let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key).unwrap()).unwrap();
        let text = cipher.decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(&start))).unwrap();
        serde_json::from_slice(text).unwrap()
    }
}

fn rich_wish(endpoint: &Endpoint, reader: &Reader, resource: &str) -> Value {
    let mut wish = wish(endpoint, resource);
    wish["includeResourceData"] = json!(true);
    wish["encryptionCertificate"] = json!(reader.certificate);
    wish["encryptionCertificateId"] = json!("ours");
    wish
}

#[tokio::test]
async fn data_can_be_read_with_the_key_of_the_client_alone() {
    let world = World::new();
    let (mut endpoint, reader) = (Endpoint::new().await, Reader::new());
    let wish = rich_wish(&endpoint, &reader, "me/events?$select=microsoft.graph.event/subject,start/dateTime");
    let made = world.graph_as(&world.token, "POST", "/subscriptions", &[IMMUTABLE], Some(wish)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["includeResourceData"], true);
    assert_eq!(made.body["encryptionCertificate"], reader.certificate.as_str());
    assert_eq!(made.body["encryptionCertificateId"], "ours");
    endpoint.posts();
    let created = world.create(event("Private matter", 10, 9)).await;
    world.delete(id(&created)).await;
    assert_eq!(deliver(&world).await, 2);
    let post = endpoint.posts().remove(0);
    assert!(!post.body.to_string().contains("Private"));
    let [first, last] = post.body["value"].as_array().unwrap().as_slice() else { panic!("{}", post.body) };
    let read = reader.read(&first["encryptedContent"]);
    let names: Vec<&str> = read.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["@odata.etag", "id", "start", "subject"]);
    assert_eq!((&read["subject"], &read["id"]), (&json!("Private matter"), &first["resourceData"]["id"]));
    assert_ne!(read["id"], created["id"]);
    let content = &first["encryptedContent"];
    assert_eq!(content["encryptionCertificateId"], "ours");
    assert_eq!(content["encryptionCertificateThumbprint"].as_str().unwrap().len(), 40);
    // What is gone has no data.
    assert_eq!((&last["changeType"], last.get("encryptedContent")), (&json!("deleted"), None));
    let tokens = post.body["validationTokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 1);
    let claims = world.microsoft.lock().state.key.verify(tokens[0].as_str().unwrap()).unwrap();
    assert_eq!(claims["appid"], "0bf30f3b-4a52-48df-9a82-234910c4a086");
    assert_eq!(claims["aud"], made.body["applicationId"]);
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{}/", world.microsoft.tenant_id()));
    assert_eq!(claims["exp"].as_i64().unwrap() - noon().timestamp(), 29_100);
}

#[tokio::test]
async fn messages_and_occurrences_have_data_and_the_certificate_can_be_changed() {
    let world = World::new();
    let (mut endpoint, reader, next) = (Endpoint::new().await, Reader::new(), Reader::new());
    let bob = world.microsoft.issue_token(BOB, &["Calendars.ReadWrite", "Mail.Read"]).unwrap();
    let mut paths = Vec::new();
    for resource in ["me/events?$select=subject", "me/messages?$select=subject"] {
        let wish = rich_wish(&endpoint, &reader, resource);
        let made = world.graph_as(&bob, "POST", "/subscriptions", &[], Some(wish)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        paths.push(format!("/subscriptions/{}", id(&made.body)));
    }
    endpoint.posts();
    let mut series = daily(3);
    series["attendees"] = json!([guest(BOB)]);
    let master = world.create(series).await;
    deliver(&world).await;
    let subjects = |items: &[Value], reader: &Reader| -> Vec<String> {
        let read = |item: &Value| reader.read(&item["encryptedContent"])["subject"].as_str().unwrap().to_owned();
        items.iter().map(read).collect()
    };
    assert_eq!(subjects(&endpoint.notifications(), &reader), ["Series", "Series"]);
    let change = json!({ "encryptionCertificate": next.certificate, "encryptionCertificateId": "next" });
    let changed = world.graph_as(&bob, "PATCH", &paths[0], &[], Some(change)).await;
    assert_eq!((changed.status, &changed.body["encryptionCertificateId"]), (200, &json!("next")));
    let half = json!({ "encryptionCertificate": next.certificate });
    assert_eq!(world.graph_as(&bob, "PATCH", &paths[0], &[], Some(half)).await.code(), "InvalidRequest");
    let second = world.instances(id(&master)).await.remove(1);
    world.patch(id(&second), json!({ "subject": "Another" })).await;
    deliver(&world).await;
    let items = endpoint.notifications();
    let of_events: Vec<Value> =
        items.into_iter().filter(|item| item["encryptedContent"]["encryptionCertificateId"] == "next").collect();
    assert_eq!(subjects(&of_events, &next), ["Series", "Another"]);
}

#[tokio::test]
async fn nobody_is_sent_data_that_a_read_would_hide() {
    let world = World::new();
    let (endpoint, reader) = (Endpoint::new().await, Reader::new());
    let cases = [
        ("Mail.ReadBasic", "me/messages?$select=subject", 403),
        ("Mail.ReadBasic", "me/messages?$select=bodyPreview", 403),
        ("Mail.Read", "me/messages?$select=bodyPreview", 201),
        ("Calendars.ReadBasic", "me/events?$select=subject", 403),
        ("Calendars.Read", "me/events?$select=subject", 201),
    ];
    for (permission, resource, status) in cases {
        let token = world.microsoft.issue_token(ALICE, &[permission]).unwrap();
        let wish = rich_wish(&endpoint, &reader, resource);
        let answer = world.graph_as(&token, "POST", "/subscriptions", &[], Some(wish)).await;
        assert_eq!(answer.status, status, "{permission} {resource}: {}", answer.text);
    }
}

#[tokio::test]
async fn data_is_bound_to_conditions() {
    let world = World::new();
    let (endpoint, reader) = (Endpoint::new().await, Reader::new());
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let refused = async |resource: &str, changes: Value| {
        let mut wish = rich_wish(&endpoint, &reader, resource);
        wish.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let answer = world.post("/subscriptions", wish).await;
        (answer.status, answer.code().to_owned())
    };
    let weak = rcgen::KeyPair::generate().unwrap();
    let weak = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&weak).unwrap();
    let good = "me/events?$select=subject";
    let tasks = format!("me/todo/lists/{list}/tasks?$select=title");
    let cases = [
        ("me/events", json!({}), 400, "ExtensionError"),
        (good, json!({ "includeResourceData": false }), 400, "ExtensionError"),
        ("me/events?$select=subject,Body", json!({}), 400, "ExtensionError"),
        ("me/events?$select=*", json!({}), 400, "ExtensionError"),
        ("me/events?$select=subject&$top=5", json!({}), 400, "ExtensionError"),
        ("me/events?$select=subject,colour", json!({}), 400, "ExtensionError"),
        ("me/events?$select=subject,receivedDateTime", json!({}), 400, "ExtensionError"),
        ("me/events?$select=body/content", json!({}), 400, "ExtensionError"),
        ("me/events?$select=microsoft.graph.event/body", json!({}), 400, "ExtensionError"),
        ("me/events?$select=subject&$foo=1", json!({}), 400, "ExtensionError"),
        ("me/events?$select=subject&$expand=attachments", json!({}), 501, "NotImplemented"),
        (tasks.as_str(), json!({}), 400, "ExtensionError"),
        (good, json!({ "encryptionCertificate": null }), 400, "InvalidRequest"),
        (good, json!({ "encryptionCertificateId": null }), 400, "InvalidRequest"),
        (good, json!({ "encryptionCertificateId": "x".repeat(129) }), 400, "InvalidRequest"),
        (good, json!({ "encryptionCertificate": "AAAA" }), 400, "InvalidRequest"),
        // No RSA key.
        (good, json!({ "encryptionCertificate": STANDARD.encode(weak.der()) }), 400, "InvalidRequest"),
        (good, json!({ "expirationDateTime": "2026-03-03T12:01:00Z" }), 400, "ExtensionError"),
        (good, json!({ "expirationDateTime": "2026-03-03T12:00:00Z" }), 201, ""),
    ];
    for (resource, changes, status, code) in cases {
        let found = refused(resource, changes.clone()).await;
        assert_eq!(found, (status, code.to_owned()), "{resource} {changes}");
    }
}
