//! Where Microsoft is: the hosts of its clouds (concepts/deployments, "Microsoft
//! Graph and Graph Explorer service root endpoints";
//! entra/identity-platform/authentication-national-cloud).
//!
//! The one list of them. Discovery, scopes, the certificate of the listener, what
//! counts as an own name, and `serve --cloud` are all made from it.

/// A cloud of Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cloud {
    /// The names of its login host, the preferred one for requests first and the
    /// one for caches second.
    pub login: &'static [&'static str],
    /// The name of its Graph host.
    pub graph: &'static str,
}

/// Worldwide.
pub(crate) const GLOBAL: Cloud = Cloud {
    login: &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    graph: "graph.microsoft.com",
};

/// China, operated by 21Vianet.
pub(crate) const CHINA: Cloud = Cloud {
    login: &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    graph: "microsoftgraph.chinacloudapi.cn",
};

/// US Government L4 (GCC High).
pub(crate) const US_GOVERNMENT: Cloud =
    Cloud { login: &["login.microsoftonline.us", "login.usgovcloudapi.net"], graph: "graph.microsoft.us" };

/// US Government L5 (Department of Defense), which signs in where L4 does.
pub(crate) const US_DEFENSE: Cloud = Cloud { login: US_GOVERNMENT.login, graph: "dod-graph.microsoft.us" };

/// GCC, whose Graph is the worldwide one.
const US_GCC: Cloud = Cloud { login: &["login-us.microsoftonline.com"], graph: GLOBAL.graph };

/// All clouds, in the order in which instance discovery lists them.
pub(crate) const CLOUDS: [Cloud; 5] = [GLOBAL, CHINA, US_GOVERNMENT, US_DEFENSE, US_GCC];

/// Outlook's host, where files are uploaded to.
pub(crate) const OUTLOOK: &str = "outlook.office.com";

impl Cloud {
    /// The name of the login host that clients are told to use.
    pub fn login_host(&self) -> &'static str {
        self.login.first().copied().unwrap_or_default()
    }

    /// The name of the login host under which clients keep what they got.
    pub fn login_cache(&self) -> &'static str {
        self.login.get(1).copied().unwrap_or_else(|| self.login_host())
    }
}

/// The clouds that sign in at different places, one for each.
pub(crate) fn logins() -> impl Iterator<Item = &'static Cloud> {
    CLOUDS.iter().enumerate().filter_map(|(index, cloud)| {
        let is_first = !CLOUDS.iter().take(index).any(|earlier| earlier.login == cloud.login);
        is_first.then_some(cloud)
    })
}

/// Whether this is one of Microsoft's names of the login service.
pub(crate) fn is_login_host(host: &str) -> bool {
    graph_beside(host).is_some()
}

/// Whether this is one of Microsoft's names of Graph.
pub(crate) fn is_graph_host(host: &str) -> bool {
    CLOUDS.iter().any(|cloud| cloud.graph == host)
}

/// Microsoft's name of Graph beside one of its names of the login service. Where
/// two clouds sign in at one place, it cannot be told from there: the first.
pub(crate) fn graph_beside(login_host: &str) -> Option<&'static str> {
    CLOUDS.iter().find(|cloud| cloud.login.contains(&login_host)).map(|cloud| cloud.graph)
}

/// All names that are Microsoft's, each once.
pub(crate) fn names() -> Vec<&'static str> {
    let of_cloud = |cloud: &'static Cloud| cloud.login.iter().copied().chain([cloud.graph]);
    let mut names = Vec::new();
    for name in CLOUDS.iter().flat_map(of_cloud).chain([OUTLOOK]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
