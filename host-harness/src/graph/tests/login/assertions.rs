//! Applications that prove who they are with a certificate.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, PKCS_RSA_SHA256};

use super::*;

const ENDPOINT: &str = "/contoso.example/oauth2/v2.0/token";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A certificate and what signs for it.
pub(in crate::graph::tests) struct Signer {
    key: KeyPair,
    pem: String,
    der: Vec<u8>,
}

impl Signer {
    pub(in crate::graph::tests) fn new() -> Self {
        Self::valid_until(2100)
    }

    fn valid_until(year: i32) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8: Pkcs8V1Der<'static> = key.as_der().unwrap();
        let pkcs8 = pkcs8.as_ref().to_vec();
        let signing = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), &PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new(vec!["app.contoso.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = params.self_signed(&signing).unwrap();
        Self { key, pem: certificate.pem(), der: certificate.der().to_vec() }
    }

    pub(in crate::graph::tests) fn header(&self, algorithm: &str) -> Value {
        match algorithm {
            "PS256" => {
                let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&self.der));
                json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint })
            }
            other => {
                use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
                let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der));
                json!({ "alg": other, "typ": "JWT", "x5t": thumbprint })
            }
        }
    }

    pub(in crate::graph::tests) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let padding: &'static dyn aws_lc_rs::signature::RsaEncoding =
            if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        self.key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What MSAL says about itself, valid for ten minutes.
pub(in crate::graph::tests) fn claims() -> Value {
    let now = noon().timestamp();
    json!({
        "aud": format!("{BASE}{ENDPOINT}"), "iss": CLIENT, "sub": CLIENT,
        "iat": now, "nbf": now, "exp": now + 600, "jti": "3f0a7b1e-5d55-4a43-9d63-2d7d8d3c9a10",
    })
}

/// Noon as MSAL for Python writes instants.
fn noon_seconds() -> f64 {
    noon().signed_duration_since(DateTime::UNIX_EPOCH).as_seconds_f64()
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// A tenant whose application has a certificate and no secret.
pub(in crate::graph::tests) fn world(signer: &Signer) -> World {
    let world = World::new();
    let certificates = vec![signer.pem.clone()];
    world.microsoft.register_app(NewApp { client_secret: None, certificates, ..app() }).unwrap();
    world
}

pub(in crate::graph::tests) async fn ask(world: &World, assertion: &str) -> Answer {
    let fields = [
        ("client_id", CLIENT),
        ("grant_type", "client_credentials"),
        ("client_assertion", assertion),
        ("client_assertion_type", TYPE),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    world.form(ENDPOINT, &fields).await
}

#[tokio::test]
async fn both_signatures_with_both_thumbprints_open_graph() {
    let signer = Signer::new();
    let world = world(&signer);
    for algorithm in ["PS256", "RS256"] {
        let answer = ask(&world, &signer.sign(&signer.header(algorithm), &claims())).await;
        assert_eq!(answer.status, 200, "{algorithm}: {}", answer.text);
        let token = text(&answer.body, "access_token");
        let events = world.graph_as(token, "GET", &format!("/users/{ALICE}/events"), &[], None).await;
        assert_eq!(events.status, 200, "{algorithm}");
    }
    // Either thumbprint names the certificate for either signature.
    let mut mixed = signer.header("RS256");
    mixed["alg"] = json!("PS256");
    assert_eq!(ask(&world, &signer.sign(&mixed, &claims())).await.status, 200);
}

#[tokio::test]
async fn an_assertion_is_for_the_login_service_under_any_of_its_names() {
    let signer = Signer::new();
    let world = world(&signer);
    let tenant = world.microsoft.tenant_id();
    let good = [
        format!("{BASE}/{tenant}/oauth2/v2.0/token"),
        format!("{BASE}/{tenant}/v2.0"),
        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token".to_owned(),
        "https://localhost:8443/common/oauth2/v2.0/token".to_owned(),
    ];
    for audience in good {
        let answer = ask(&world, &signer.sign(&signer.header("PS256"), &claims_with("aud", json!(audience)))).await;
        assert_eq!(answer.status, 200, "{audience}: {}", answer.text);
    }
    let bad = [
        "https://elsewhere.example/contoso.example/oauth2/v2.0/token".to_owned(),
        format!("{BASE}/nowhere.example/oauth2/v2.0/token"),
        format!("{BASE}/contoso.example/oauth2/v2.0/authorize"),
        CLIENT.to_owned(),
    ];
    for audience in bad {
        let answer = ask(&world, &signer.sign(&signer.header("PS256"), &claims_with("aud", json!(audience)))).await;
        assert_eq!((answer.status, number(&answer)), (401, 700_023), "{audience}");
    }
}

#[tokio::test]
async fn what_another_key_signed_or_nobody_registered_is_refused() {
    let (signer, other) = (Signer::new(), Signer::new());
    let world = world(&signer);
    let unregistered = ask(&world, &other.sign(&other.header("PS256"), &claims())).await;
    assert_eq!((unregistered.status, text(&unregistered.body, "error")), (401, "invalid_client"));
    assert_eq!(number(&unregistered), 700_027);
    assert!(text(&unregistered.body, "error_description").contains("The key was not found."));
    // The right name with the signature of another key.
    for algorithm in ["PS256", "RS256"] {
        assert_eq!(number(&ask(&world, &other.sign(&signer.header(algorithm), &claims())).await), 700_027);
    }
    // Other claims under a good signature.
    let good = signer.sign(&signer.header("PS256"), &claims());
    let longer = URL_SAFE_NO_PAD.encode(claims_with("exp", json!(noon().timestamp() + 900)).to_string());
    let parts: Vec<&str> = good.split('.').collect();
    let forged = format!("{}.{longer}.{}", parts[0], parts[2]);
    assert_eq!(number(&ask(&world, &forged).await), 700_027);
}

#[tokio::test]
async fn an_assertion_has_its_time() {
    let signer = Signer::new();
    let world = world(&signer);
    let assertion = signer.sign(&signer.header("PS256"), &claims());
    assert_eq!(ask(&world, &assertion).await.status, 200);
    // MSAL sends the same one until it is over; clocks may differ by minutes.
    world.advance(899);
    assert_eq!(ask(&world, &assertion).await.status, 200);
    world.advance(1);
    let late = ask(&world, &assertion).await;
    assert_eq!((late.status, number(&late), text(&late.body, "error")), (401, 700_024, "invalid_client"));
    let early = claims_with("nbf", json!(noon().timestamp() + 3_600));
    assert_eq!(number(&ask(&world, &signer.sign(&signer.header("PS256"), &early)).await), 700_024);
    // MSAL for Python does not say from when on it is good, and gives fractions.
    let mut since_ever = claims_with("exp", json!(noon_seconds() + 1_500.25));
    since_ever["iat"] = json!(noon_seconds() + 900.25);
    since_ever.as_object_mut().unwrap().remove("nbf");
    assert_eq!(ask(&world, &signer.sign(&signer.header("PS256"), &since_ever)).await.status, 200);
    for never in [json!(1e300), json!(-1e300), json!("tomorrow")] {
        let never = claims_with("exp", never);
        assert_eq!(number(&ask(&world, &signer.sign(&signer.header("PS256"), &never)).await), 50_027);
    }
}

#[tokio::test]
async fn an_assertion_speaks_for_its_own_application_and_is_well_formed() {
    let signer = Signer::new();
    let world = world(&signer);
    let header = signer.header("PS256");
    let mut without_id = claims();
    without_id.as_object_mut().unwrap().remove("jti");
    let mut without_thumbprint = header.clone();
    without_thumbprint.as_object_mut().unwrap().remove("x5t#S256");
    let mut unsigned = header.clone();
    unsigned["alg"] = json!("none");
    let cases = [
        (signer.sign(&header, &claims_with("iss", json!("somebody"))), 700_021),
        (signer.sign(&header, &claims_with("sub", json!("somebody"))), 700_021),
        (signer.sign(&header, &without_id), 50_027),
        (signer.sign(&header, &claims_with("jti", json!(""))), 50_027),
        (signer.sign(&without_thumbprint, &claims()), 50_027),
        (signer.sign(&unsigned, &claims()), 50_027),
        ("not.an.assertion".to_owned(), 50_027),
        ("nothing".to_owned(), 50_027),
    ];
    for (place, (assertion, expected)) in cases.iter().enumerate() {
        let answer = ask(&world, assertion).await;
        assert_eq!((answer.status, number(&answer)), (401, *expected), "case {place}: {}", answer.text);
    }
    let fields = [
        ("client_id", CLIENT),
        ("grant_type", "client_credentials"),
        ("client_assertion", "x"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    ];
    assert_eq!(number(&world.form(ENDPOINT, &fields).await), 9_002_313);
    assert_eq!(number(&world.form(ENDPOINT, &fields[..3]).await), 900_144);
}

#[tokio::test]
async fn a_certificate_that_is_over_signs_nothing_any_more() {
    let signer = Signer::valid_until(2026);
    let world = world(&signer);
    let answer = ask(&world, &signer.sign(&signer.header("PS256"), &claims())).await;
    assert_eq!(number(&answer), 700_027);
    assert!(text(&answer.body, "error_description").contains("The key used is expired."), "{}", answer.text);
}

#[tokio::test]
async fn certificates_are_registered_as_pem_or_der_beside_a_secret_and_nothing_else_is() {
    let signer = Signer::new();
    let world = World::new();
    let registration = |certificate: String| {
        json!({
            "clientId": CLIENT, "clientSecret": SECRET, "tenant": "contoso.example", "redirectUris": [REDIRECT],
            "permissions": ["Calendars.Read"], "certificates": [certificate],
        })
    };
    let answer = world.control("POST", "apps", Some(registration(STANDARD.encode(&signer.der)))).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(ask(&world, &signer.sign(&signer.header("PS256"), &claims())).await.status, 200);
    let grant = [("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];
    let by_secret = [("client_id", CLIENT), ("client_secret", SECRET), grant[0], grant[1]];
    assert_eq!(world.form(ENDPOINT, &by_secret).await.status, 200);
    for wrong in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        let answer = world.control("POST", "apps", Some(registration(wrong.to_owned()))).await;
        assert_eq!((answer.status, answer.code()), (400, "invalidValue"), "{wrong}");
    }
    // Without a certificate there is nothing that an assertion could fit.
    world.microsoft.register_app(app()).unwrap();
    assert_eq!(number(&ask(&world, &signer.sign(&signer.header("PS256"), &claims())).await), 700_027);
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    assert_eq!(number(&ask(&world, &signer.sign(&signer.header("PS256"), &claims())).await), 700_025);
}

#[tokio::test]
async fn an_application_with_a_certificate_redeems_codes_with_it() {
    let signer = Signer::new();
    let world = world(&signer);
    let challenge = challenge();
    let page = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[])).await;
    let code = returned(&page)["code"].clone();
    let assertion = signer.sign(&signer.header("PS256"), &claims());
    let mut fields = vec![
        ("client_id", CLIENT),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(number(&world.form(ENDPOINT, &fields).await), 7_000_218);
    fields.extend([("client_assertion", assertion.as_str()), ("client_assertion_type", TYPE)]);
    let answer = world.form(ENDPOINT, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.body["refresh_token"].is_string());
}

#[test]
fn what_is_kept_of_a_certificate_survives_the_file() {
    use crate::graph::login::certificate::Certificate;
    let kept = Certificate::read(&Signer::new().pem).unwrap();
    let stored = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Certificate>(&stored).unwrap(), kept);
}
