//! The clouds of Microsoft that can be served instead of the emulator, by the names
//! that are typed.
//!
//! The addresses are the host's to know and not a field of the settings: whoever
//! could change them there would have the client secret sent to a server of their
//! choice. Next: [`super::serve`].

use clap::ValueEnum;

use crate::graph::clouds;

/// A cloud of Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cloud {
    /// Worldwide, also GCC.
    Global,
    /// US Government L4 (GCC High).
    Usgov,
    /// US Government L5 (Department of Defense).
    UsgovDod,
    /// China, operated by 21Vianet; has no To Do.
    China,
}

impl Cloud {
    /// Where people and applications sign in.
    pub fn login_url(self) -> String {
        format!("https://{}", self.hosts().login_host())
    }

    /// Where Graph is, with its version.
    pub fn graph_url(self) -> String {
        format!("https://{}/v1.0", self.hosts().graph)
    }

    /// The cloud with these addresses, if there is one.
    pub fn at(login_url: &str, graph_url: &str) -> Option<Self> {
        let is_at = |cloud: &&Self| cloud.login_url() == login_url && cloud.graph_url() == graph_url;
        Self::value_variants().iter().find(is_at).copied()
    }

    /// As it is typed.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    const fn hosts(self) -> clouds::Cloud {
        match self {
            Self::Global => clouds::GLOBAL,
            Self::Usgov => clouds::US_GOVERNMENT,
            Self::UsgovDod => clouds::US_DEFENSE,
            Self::China => clouds::CHINA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_that_can_be_named_is_in_the_table_and_no_two_are_one() {
        let mut places = Vec::new();
        for cloud in Cloud::value_variants() {
            assert!(clouds::CLOUDS.contains(&cloud.hosts()), "{cloud:?}");
            let login = cloud.login_url();
            assert!(clouds::is_login_host(login.trim_start_matches("https://")), "{login}");
            let graph = cloud.graph_url();
            let host = graph.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/v1.0"));
            assert!(host.is_some_and(clouds::is_graph_host), "{graph}");
            assert_eq!(Cloud::at(&login, &graph), Some(*cloud));
            assert_eq!(<Cloud as ValueEnum>::from_str(&cloud.word(), false), Ok(*cloud));
            places.push((login, graph));
        }
        places.sort();
        places.dedup();
        assert_eq!(places.len(), 4);
    }
}
