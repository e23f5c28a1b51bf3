//! Which requests a page of another site has sent, and may not.
//!
//! The emulator's pages and its management interface ask for no password, so a
//! browser must not be talked into using them: by a form or a script of another
//! origin, or by a foreign name that points at this machine (DNS rebinding),
//! whose pages could also read what is answered. A browser is known by headers
//! that scripts do not send.

use thiserror::Error;
use url::Url;

use super::call::Call;
use super::hosts::{Service, is_ours};
use super::login;
use super::pages;
use super::reply::Reply;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Foreign {
    /// The address has a name that is not the emulator's.
    #[error("expected a loopback name or one of the emulator's own in the address, but found another name")]
    Host,
    /// A page of another origin sent it.
    #[error("expected a request from the emulator's own pages or from outside a browser, but found another origin")]
    Origin,
}

impl Foreign {
    /// The status that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::Host => 421,
            Self::Origin => 403,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Host => "foreignHost",
            Self::Origin => "foreignOrigin",
        }
    }
}

/// Refuses what another site's page has sent; `home` is the address under which
/// the emulator knows itself.
pub(crate) fn refuse(call: &Call, home: &str) -> Option<Reply> {
    let words = call.words();
    match words.first().copied() {
        None | Some(pages::ROOT) => page(call, home).err().map(pages::refused),
        Some("_control") => control(call, home).err().map(|foreign| {
            let (code, message) = (foreign.code(), foreign.to_string());
            let body = serde_json::json!({ "error": { "code": code, "message": message } });
            Reply::json(foreign.status(), body).header("content-type", "application/json".to_owned())
        }),
        Some(_) if login::pages::is_form(call) => control(call, home).err().map(pages::refused),
        Some(_) => None,
    }
}

/// Adds what protects a page in a browser, whatever it shows; `policy` is what
/// it may load, and from where.
pub(crate) fn protected(reply: Reply, policy: &str) -> Reply {
    reply
        .header("content-security-policy", policy.to_owned())
        .header("x-frame-options", "DENY".to_owned())
        .header("x-content-type-options", "nosniff".to_owned())
        .header("referrer-policy", "same-origin".to_owned())
        .header("cross-origin-resource-policy", "same-origin".to_owned())
}

/// Nobody reads a page under a foreign name, and no foreign page posts a form.
fn page(call: &Call, home: &str) -> Result<(), Foreign> {
    if !is_own_name(call, home) {
        return Err(Foreign::Host);
    }
    if reads(call) || !is_foreign(call) { Ok(()) } else { Err(Foreign::Origin) }
}

/// Scripts reach the management interface and the forms of the sign-in under any
/// name, such as that of a container. A browser reaches it under the emulator's own names alone, and says
/// where a change comes from; of what it reads, no other origin gets an answer.
fn control(call: &Call, home: &str) -> Result<(), Foreign> {
    if !is_browser(call) {
        return Ok(());
    }
    if !reads(call) && is_foreign(call) {
        return Err(Foreign::Origin);
    }
    if is_own_name(call, home) { Ok(()) } else { Err(Foreign::Host) }
}

/// Whether a browser has sent it. On a connection without TLS, and for what is of
/// its own origin, it says neither origin nor site, but always its name.
fn is_browser(call: &Call) -> bool {
    let says_whence = ["origin", "sec-fetch-site", "referer"].into_iter().any(|name| call.header(name).is_some());
    says_whence || call.header("user-agent").is_some_and(|agent| agent.starts_with("Mozilla/"))
}

fn reads(call: &Call) -> bool {
    matches!(call.method.as_str(), "GET" | "HEAD")
}

/// Whether the headers of a browser name another origin than this one.
fn is_foreign(call: &Call) -> bool {
    let is_elsewhere = matches!(call.header("sec-fetch-site"), Some("cross-site" | "same-site"));
    let authority = |origin: &str| origin.split_once("://").map(|(_, authority)| authority.to_ascii_lowercase());
    let own = call.origin.as_deref().and_then(authority);
    // The scheme is left out: what stands in front of the emulator may end TLS.
    is_elsewhere || call.header("origin").is_some_and(|claimed| own.is_none() || authority(claimed) != own)
}

/// Whether the client reached the emulator under a name that is its own. A
/// browser always says the name; who is in the process has none.
fn is_own_name(call: &Call, home: &str) -> bool {
    let Some(origin) = call.origin.as_deref() else { return true };
    let Ok(url) = Url::parse(origin) else { return false };
    is_ours(&url, home, Service::Any)
}
