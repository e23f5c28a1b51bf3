//! Which machine a URL leads to: is it this one, and is it the emulator?
//!
//! The one place that says so. `clouds` has Microsoft's names, under which the
//! emulator can be found where a hosts file points here.

use url::{Host, Url};

use super::clouds;

/// What of Microsoft 365 an address is asked to be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Login,
    Graph,
    /// Any of them, the store for uploads included.
    Any,
}

impl Service {
    /// Whether Microsoft has this name for it.
    fn has(self, name: &str) -> bool {
        match self {
            Self::Login => clouds::is_login_host(name),
            Self::Graph => clouds::is_graph_host(name),
            Self::Any => clouds::is_login_host(name) || clouds::is_graph_host(name) || name == clouds::OUTLOOK,
        }
    }
}

/// Whether a URL leads to the machine that the emulator runs on, by the names that
/// are nobody else's (RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3).
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a URL leads to a service of the emulator: to this machine, to where it
/// knows itself to be, which is `home`, or to a name that Microsoft has for the
/// service.
pub(crate) fn is_ours(url: &Url, home: &str, service: Service) -> bool {
    let Some(host) = url.host() else { return false };
    let is_home = || Url::parse(home).is_ok_and(|home| home.host().as_ref() == Some(&host));
    is_this_machine(url) || url.host_str().is_some_and(|name| service.has(name)) || is_home()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

    use super::*;

    const HOME: &str = "https://emulator.example:8081";

    /// Whether it is this machine, and whether it is ours as the login service, as
    /// Graph, and as any service.
    fn answers(url: &str) -> [bool; 4] {
        let url = Url::parse(url).unwrap();
        let ours = |service| is_ours(&url, HOME, service);
        [is_this_machine(&url), ours(Service::Login), ours(Service::Graph), ours(Service::Any)]
    }

    #[test]
    fn a_host_is_this_machine_or_ours_or_neither() {
        let (here, ours, login) = ([true; 4], [false, true, true, true], [false, true, false, true]);
        let (graph, any, foreign) = ([false, false, true, true], [false, false, false, true], [false; 4]);
        let cases = [
            ("http://localhost:8081/x", here),
            ("http://LOCALHOST", here),
            ("https://127.0.0.1", here),
            ("https://127.8.8.8:1", here),
            ("https://[::1]:8081", here),
            ("https://emulator.example", ours),
            ("http://Emulator.Example:1", ours),
            ("https://login.microsoftonline.com/common", login),
            ("https://login.windows.net", login),
            ("https://sts.windows.net/x", login),
            ("https://graph.microsoft.com", graph),
            ("https://graph.microsoft.us", graph),
            ("https://outlook.office.com", any),
            ("https://localhost.example", foreign),
            ("https://localhost.", foreign),
            ("https://128.0.0.1", foreign),
            ("https://0.0.0.0", foreign),
            ("https://10.0.0.1", foreign),
            ("https://[::2]", foreign),
            ("https://emulator.example.org", foreign),
            ("https://evil.graph.microsoft.com", foreign),
            ("api://localhost", here),
            ("api://other", foreign),
            ("mailto:somebody@localhost", foreign),
            ("data:localhost", foreign),
        ];
        for (url, expected) in cases {
            assert_eq!(answers(url), expected, "{url}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_is_nobody_s_home() {
        let url = Url::parse("https://emulator.example").unwrap();
        for home in ["", "emulator.example", "data:emulator.example"] {
            assert!(!is_ours(&url, home, Service::Any), "{home}");
        }
    }
}
