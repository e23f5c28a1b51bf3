//! Style sheet, script and icon: embedded, so that the pages need no build step
//! and no other host.
//!
//! Pages link an asset with a fingerprint of its content; such an address may
//! be kept for a year, because it changes whenever the content does.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of the fingerprint in an address: enough to tell versions apart.
const FINGERPRINT_BYTES: usize = 8;

/// What these pages share with those of the emulator, and what is theirs.
const STYLE: &str = concat!(include_str!("../../assets/base.css"), include_str!("assets/app.css"));

/// One embedded file.
pub struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: &'static [u8],
    fingerprint: String,
}

/// The files, in no particular order.
static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        asset("app.css", "text/css; charset=utf-8", STYLE.as_bytes()),
        asset("calendar.css", "text/css; charset=utf-8", include_bytes!("assets/calendar.css")),
        asset("calendar.js", "text/javascript; charset=utf-8", include_bytes!("assets/calendar.js")),
        asset("app.js", "text/javascript; charset=utf-8", include_bytes!("assets/app.js")),
        asset("icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    ]
});

fn asset(name: &'static str, content_type: &'static str, body: &'static [u8]) -> Asset {
    let digest = Sha256::digest(body);
    let fingerprint = URL_SAFE_NO_PAD.encode(digest.get(..FINGERPRINT_BYTES).unwrap_or_default());
    Asset { name, content_type, body, fingerprint }
}

/// The address of an asset with its fingerprint; the plain address for a name
/// that does not exist, which then answers 404.
pub fn href(name: &str) -> String {
    match find(name) {
        Some(asset) => format!("/assets/{name}?v={}", asset.fingerprint),
        None => format!("/assets/{name}"),
    }
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Serves an asset, with `ETag` and `304 Not Modified`.
pub async fn serve(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match find(&name) {
        Some(asset) => answer(asset, query.as_deref(), &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(asset: &Asset, query: Option<&str>, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", asset.fingerprint);
    let pinned = query.and_then(|query| query.strip_prefix("v=")) == Some(asset.fingerprint.as_str());
    let cache = if pinned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim() == etag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { asset.body.into_response() };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        fields.insert(header::ETAG, value);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_pinned_asset_is_cached_for_good_and_a_known_one_is_not_sent_again() {
        let asset = find("app.css").unwrap();
        let pinned = format!("v={}", asset.fingerprint);
        let first = answer(asset, Some(&pinned), &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");

        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        let second = answer(asset, None, &headers);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(second.headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn no_asset_refers_to_another_host() {
        for asset in ASSETS.iter() {
            let text = std::str::from_utf8(asset.body).unwrap().replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{} names a host", asset.name);
        }
    }
}
