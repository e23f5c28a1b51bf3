//! Notifications that hold the data of what changed, sealed for the client
//! (concepts/change-notifications-with-resource-data).
//!
//! A key of its own seals each item, and the client's certificate seals that
//! key. The padding of the latter is drawn by the library, so that `dataKey` is
//! not the same in equal runs, as tokens are not.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use super::model::{ChangeKind, Subscription};
use super::notice::Item;
use crate::graph::api::filter::selected;
use crate::graph::calendar::instance::{occurrence, whole};
use crate::graph::calendar::output::{self as events, View};
use crate::graph::mail::output as mail;
use crate::graph::state::State;

/// The longest key of a certificate, in bits. The library refuses those under
/// 2,048 by itself.
const KEY_BITS_MAX: usize = 4_096;
/// Bytes of the key that seals an item.
pub(crate) const ITEM_KEY_SIZE: usize = 32;
/// How long a validation token lives, in seconds: as in the example of the page.
const TOKEN_LIFE_SECONDS: i64 = 29_100;
/// The application that publishes notifications, by which clients know it.
const PUBLISHER: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// How a subscription wants data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rich {
    /// The certificate in base64, as it was written.
    pub certificate: String,
    /// What the client calls it.
    pub certificate_id: String,
    /// The properties that are sent.
    pub select: String,
}

/// The public key of a certificate, and the certificate's thumbprint.
struct Recipient {
    key: OaepPublicEncryptingKey,
    thumbprint: String,
}

impl Recipient {
    /// Reads a certificate: its DER in base64. `None` for anything else, and for
    /// one whose key is no RSA key of an allowed length.
    fn read(certificate: &str) -> Option<Self> {
        let der = STANDARD.decode(certificate.trim()).ok()?;
        let parsed = Certificate::from_der(&der).ok()?;
        let key = parsed.tbs_certificate().subject_public_key_info().to_der().ok()?;
        let key = PublicEncryptingKey::from_der(&key).ok()?;
        if key.key_size_bits() > KEY_BITS_MAX {
            return None;
        }
        let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
        let thumbprint = thumbprint.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
        Some(Self { key: OaepPublicEncryptingKey::new(key).ok()?, thumbprint })
    }
}

/// Whether data can be sealed for a certificate.
pub(crate) fn is_usable(certificate: &str) -> bool {
    Recipient::read(certificate).is_some()
}

/// What is sent of an item; nothing of one that is gone.
pub(crate) fn data(subscription: &Subscription, kind: ChangeKind, item: Item<'_>) -> Option<Value> {
    let rich = subscription.rich.as_ref().filter(|_| kind != ChangeKind::Deleted)?;
    let view = View { form: subscription.form(), ..View::plain() };
    let map: Map<String, Value> = match item {
        Item::Event(event) => events::full(&whole(event), &view),
        Item::Occurrence(event, date) => events::full(&occurrence(event, date)?, &view),
        Item::Message(message) => mail::message(message, &view),
        Item::Calendar(_) | Item::Task(_) => return None,
    };
    Some(Value::Object(selected(map, Some(&rich.select))))
}

/// Seals data with the key of an item (resources/changenotificationencryptedcontent).
/// `None` if the certificate cannot be used, which was checked when it came.
pub(crate) fn seal(rich: &Rich, key: &[u8; ITEM_KEY_SIZE], data: &Value) -> Option<Value> {
    let recipient = Recipient::read(&rich.certificate)?;
    let start: [u8; 16] = key.get(..16)?.try_into().ok()?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key).ok()?).ok()?;
    let mut sealed = data.to_string().into_bytes();
    cipher.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(&start))).ok()?;
    let signature = hmac::sign(&hmac::Key::new(HMAC_SHA256, key), &sealed);
    let mut sealed_key = vec![0; recipient.key.ciphertext_size()];
    recipient.key.encrypt(&OAEP_SHA1_MGF1SHA1, key, &mut sealed_key, None).ok()?;
    Some(json!({
        "data": STANDARD.encode(sealed),
        "dataSignature": STANDARD.encode(signature),
        "dataKey": STANDARD.encode(sealed_key),
        "encryptionCertificateId": rich.certificate_id,
        "encryptionCertificateThumbprint": recipient.thumbprint,
    }))
}

/// What proves to an application that a post comes from Microsoft.
pub(crate) fn validation_token(state: &State, client_id: &str) -> Option<String> {
    let (tenant, now) = (&state.meta.tenant.id, state.now.timestamp());
    let issuer = format!("https://sts.windows.net/{tenant}/");
    let claims = json!({
        "aud": client_id,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_LIFE_SECONDS,
        "appid": PUBLISHER,
        "appidacr": "2",
        "idp": issuer,
        "tid": tenant,
        "ver": "1.0",
    });
    state.key.sign(&claims).ok()
}
