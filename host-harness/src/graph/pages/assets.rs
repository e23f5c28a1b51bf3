//! Style sheet, script and icon: embedded, so that the pages need no other host.
//!
//! Pages link an asset with a fingerprint of its content; such an address may be
//! kept for a year. The places of events in a week are classes, because the
//! content policy allows no style in a page.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::week::{LANES_MAX, SLOTS_PER_DAY};
use crate::graph::call::Call;
use crate::graph::reply::Reply;

/// Bytes of the fingerprint in an address: enough to tell versions apart.
const FINGERPRINT_BYTES: usize = 8;

/// What these pages share with those of the CRM, and what is theirs.
const STYLE: &str = concat!(include_str!("../../../assets/base.css"), include_str!("assets/emulator.css"));

struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: String,
    fingerprint: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("emulator.css", "text/css; charset=utf-8", STYLE.to_owned() + &places()),
        asset("emulator.js", "text/javascript; charset=utf-8", include_str!("assets/emulator.js").to_owned()),
        asset("icon.svg", "image/svg+xml", include_str!("assets/icon.svg").to_owned()),
    ]
});

fn asset(name: &'static str, content_type: &'static str, body: String) -> Asset {
    let digest = Sha256::digest(body.as_bytes());
    let fingerprint = URL_SAFE_NO_PAD.encode(digest.get(..FINGERPRINT_BYTES).unwrap_or_default());
    Asset { name, content_type, body, fingerprint }
}

/// A class for each place of an event in its day: from the top, its height, its
/// lane, and how many lanes there are.
fn places() -> String {
    let mut rules = String::new();
    let mut add = |class: &str, last: usize| {
        for number in 0..=last {
            // Writing into memory does not fail.
            let _ = writeln!(rules, ".{class}{number} {{ --{class}: {number}; }}");
        }
    };
    add("t", SLOTS_PER_DAY);
    add("h", SLOTS_PER_DAY);
    add("l", LANES_MAX);
    add("n", LANES_MAX);
    rules
}

/// The address of an asset with its fingerprint.
pub(crate) fn href(name: &str) -> String {
    let fingerprint = find(name).map(|asset| asset.fingerprint.as_str()).unwrap_or_default();
    format!("/_emulator/assets/{name}?v={fingerprint}")
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Serves an asset, with `ETag` and `304 Not Modified`.
pub(crate) fn serve(call: &Call, name: &str) -> Reply {
    let Some(asset) = find(name) else { return Reply::empty(404) };
    let etag = format!("\"{}\"", asset.fingerprint);
    let is_pinned = call.query.get("v") == Some(&asset.fingerprint);
    let cache = if is_pinned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known = call.header("if-none-match").is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let reply = if is_known {
        Reply::empty(304)
    } else {
        Reply::file(asset.content_type.to_owned(), asset.body.clone().into_bytes())
    };
    reply.header("etag", etag).header("cache-control", cache.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_asset_refers_to_another_host() {
        for asset in ASSETS.iter() {
            let text = asset.body.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{} names a host", asset.name);
        }
    }
}
