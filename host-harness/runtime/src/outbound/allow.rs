//! The list of authorities that components may reach. Next: [`super::address`].

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

use super::address::is_public;

/// Port of https where a URL names none.
const HTTPS_PORT: u16 = 443;
/// Port of http where a URL names none.
const HTTP_PORT: u16 = 80;

/// A host and its port, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authority {
    host: String,
    port: u16,
}

/// A text that is not the address of an HTTP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an http or https address with a host, but found something else")]
pub struct NotAnAuthority;

impl Authority {
    /// The authority of an absolute URL; without a port, that of its scheme.
    ///
    /// # Errors
    /// Where the text is no absolute http or https URL, or has user
    /// information in it.
    pub fn of_url(url: &str) -> Result<Self, NotAnAuthority> {
        Self::of_uri(&url.parse().map_err(|_| NotAnAuthority)?)
    }

    pub(super) fn of_uri(uri: &Uri) -> Result<Self, NotAnAuthority> {
        let authority = uri.authority().ok_or(NotAnAuthority)?;
        // What stands before an `@` looks like a host to people, and is none.
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(NotAnAuthority);
        }
        let default = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => HTTPS_PORT,
            Some(scheme) if *scheme == Scheme::HTTP => HTTP_PORT,
            Some(_) | None => return Err(NotAnAuthority),
        };
        let port = authority.port_u16().unwrap_or(default);
        Ok(Self { host: authority.host().to_ascii_lowercase(), port })
    }

    /// The host in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether what is sent to a URL travels encrypted.
    pub fn is_encrypted(url: &str) -> bool {
        url.parse::<Uri>().is_ok_and(|uri| uri.scheme() == Some(&Scheme::HTTPS))
    }

    /// Whether it says by itself that it is on this machine. A name only claims it:
    /// where it leads shows when it is looked up, see [`AllowList::allow_own_machine`].
    pub fn is_loopback(&self) -> bool {
        let is_local_name = self.host == "localhost" || self.host.ends_with(".localhost");
        is_local_name || self.literal().is_some_and(|address| address.is_loopback())
    }

    /// Whether it says by itself that it is inside of the host's own network. A name
    /// can lead there, too; that shows when it is looked up.
    pub fn is_inside(&self) -> bool {
        self.is_loopback() || self.literal().is_some_and(|address| !is_public(address))
    }

    /// The address, where the host is one and not a name.
    fn literal(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// Why a request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenyReason {
    /// The authority is not on the list.
    NotListed,
    /// The name leads into the host's own network.
    PrivateAddress,
    /// The name is listed for this machine alone, and leads to another one.
    OtherMachine,
    /// The request would leave the machine unencrypted.
    NotEncrypted,
}

/// A request that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeniedRequest {
    /// Where it should have gone.
    pub authority: String,
    /// Why it did not.
    pub reason: DenyReason,
}

impl fmt::Display for DeniedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            DenyReason::NotListed => "which is not an allowed host",
            DenyReason::PrivateAddress => "which leads to an address inside of the host's network",
            DenyReason::OtherMachine => "which has to be on this machine and leads to another one",
            DenyReason::NotEncrypted => "which is not https",
        };
        write!(formatter, "`{}`, {reason}", self.authority)
    }
}

/// Where an authority may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// To this machine alone, also unencrypted.
    OwnMachine,
    /// To the internet alone, over https.
    Internet,
    /// Anywhere, also unencrypted.
    Anywhere,
}

impl Reach {
    /// Whether an address is where it may lead.
    pub(super) fn permits(self, address: IpAddr) -> bool {
        match self {
            Self::OwnMachine => address.to_canonical().is_loopback(),
            Self::Internet => is_public(address),
            Self::Anywhere => true,
        }
    }

    /// What is wrong with an address where it may not lead.
    pub(super) fn breach(self) -> DenyReason {
        match self {
            Self::OwnMachine => DenyReason::OtherMachine,
            Self::Internet | Self::Anywhere => DenyReason::PrivateAddress,
        }
    }
}

/// The authorities that may be reached; nothing else may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    listed: BTreeMap<Authority, Reach>,
}

impl AllowList {
    /// Allows an authority on the internet, over https.
    #[must_use]
    pub fn allow(self, authority: Authority) -> Self {
        self.with(authority, Reach::Internet)
    }

    /// Allows an authority that may be on this machine or in its network, also
    /// unencrypted.
    #[must_use]
    pub fn allow_local(self, authority: Authority) -> Self {
        self.with(authority, Reach::Anywhere)
    }

    /// Allows an authority that has to be on this machine, also unencrypted. Names are
    /// held to it by the addresses they lead to: whoever answers for a name such as
    /// `graph.localhost` may say anything.
    #[must_use]
    pub fn allow_own_machine(self, authority: Authority) -> Self {
        self.with(authority, Reach::OwnMachine)
    }

    fn with(mut self, authority: Authority, reach: Reach) -> Self {
        self.listed.entry(authority).and_modify(|known| *known = reach.min(*known)).or_insert(reach);
        self
    }

    /// Where a name may lead, whichever port of it is asked for: the narrowest that is
    /// listed for it, as a lookup knows no ports.
    pub(super) fn reach_of_name(&self, host: &str) -> Reach {
        let listed = self.listed.iter().filter(|(authority, _)| authority.host == host);
        listed.map(|(_, reach)| *reach).min().unwrap_or(Reach::Internet)
    }

    /// Judges a request by its address alone, before any name is looked up.
    pub(super) fn check(&self, uri: &Uri) -> Result<Authority, DeniedRequest> {
        let denied = |authority: String, reason| DeniedRequest { authority, reason };
        let Ok(authority) = Authority::of_uri(uri) else {
            return Err(denied(
                uri.authority().map_or_else(String::new, |found| found.host().to_owned()),
                DenyReason::NotListed,
            ));
        };
        let Some(reach) = self.listed.get(&authority).copied() else {
            return Err(denied(authority.to_string(), DenyReason::NotListed));
        };
        if reach == Reach::Internet && uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(denied(authority.to_string(), DenyReason::NotEncrypted));
        }
        // Addresses are connected to without asking the resolver.
        if authority.literal().is_some_and(|address| !reach.permits(address)) {
            return Err(denied(authority.to_string(), reach.breach()));
        }
        Ok(authority)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn check(url: &str, expected: Option<DenyReason>) {
        let list = AllowList::default()
            .allow(Authority::of_url("https://Graph.example/v1.0").unwrap())
            .allow(Authority::of_url("https://10.0.0.1").unwrap())
            .allow_local(Authority::of_url("http://127.0.0.1:8081").unwrap())
            .allow_own_machine(Authority::of_url("http://[::1]:8081").unwrap())
            .allow_own_machine(Authority::of_url("http://10.0.0.2").unwrap());
        let found = list.check(&url.parse().unwrap());
        assert_eq!(found.err().map(|denied| denied.reason), expected, "{url}");
    }

    #[test]
    fn an_authority_says_by_itself_that_it_is_near() {
        let near = |url: &str| {
            let authority = Authority::of_url(url).unwrap();
            (authority.is_loopback(), authority.is_inside())
        };
        for url in ["http://LOCALHOST:8081", "https://graph.localhost", "http://127.0.0.9", "http://[::1]:8081/v1.0"] {
            assert_eq!(near(url), (true, true), "{url}");
        }
        for url in ["https://10.0.0.1", "https://[fd00::1]", "https://169.254.169.254"] {
            assert_eq!(near(url), (false, true), "{url}");
        }
        for url in ["https://graph.example/v1.0", "https://localhost.example", "https://127.0.0.1.example"] {
            assert_eq!(near(url), (false, false), "{url}");
        }
    }

    #[test]
    fn https_alone_is_encrypted() {
        let encrypted = |url: &str| Authority::is_encrypted(url);
        assert!(encrypted("https://graph.example/v1.0") && encrypted("HTTPS://graph.example"));
        assert!(
            !encrypted("http://graph.example") && !encrypted("HTTP://graph.example") && !encrypted("graph.example")
        );
    }

    #[test]
    fn only_listed_authorities_pass() {
        check("https://graph.example/v1.0/me", None);
        check("https://GRAPH.example:443/", None);
        check("http://127.0.0.1:8081/common", None);
        check("https://graph.example:8443/", Some(DenyReason::NotListed));
        check("https://graph.example.evil.test/", Some(DenyReason::NotListed));
        check("https://graph.example@evil.test/", Some(DenyReason::NotListed));
        check("http://127.0.0.1:8082/", Some(DenyReason::NotListed));
        check("http://localhost:8081/", Some(DenyReason::NotListed));
    }

    #[test]
    fn a_listed_authority_has_to_be_public_and_encrypted() {
        check("http://graph.example:443/", Some(DenyReason::NotEncrypted));
        check("https://10.0.0.1/", Some(DenyReason::PrivateAddress));
    }

    #[test]
    fn what_has_to_be_on_this_machine_is_nowhere_else() {
        check("http://[::1]:8081/v1.0", None);
        check("http://10.0.0.2/", Some(DenyReason::OtherMachine));
    }

    #[test]
    fn a_name_that_is_listed_twice_leads_where_the_narrower_one_may() {
        let name = |port| Authority::of_url(&format!("http://graph.localhost:{port}")).unwrap();
        let list = AllowList::default().allow_own_machine(name(1)).allow_local(name(2)).allow(name(3));
        assert_eq!(list.reach_of_name("graph.localhost"), Reach::OwnMachine);
        assert_eq!(list.reach_of_name("graph.example"), Reach::Internet);
        let twice = AllowList::default().allow_own_machine(name(1)).allow_local(name(1));
        assert_eq!(twice, AllowList::default().allow_own_machine(name(1)));
    }
}
