//! The names under which the emulator can be reached, which the authority is
//! bound to and the listener's certificate is for.
//!
//! They are this machine's and those of Microsoft's services in all clouds, for
//! which somebody may write this machine's address into a hosts file. An
//! authority that was made when the list was shorter stays bound to the shorter
//! one: a certificate with a name outside would be good for none of its names.

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::name::GeneralName;

use crate::graph::clouds;

/// This machine's name.
const LOCALHOST: &str = "localhost";

/// All names, each once.
pub(crate) fn all() -> Vec<String> {
    let names = std::iter::once(LOCALHOST).chain(clouds::names());
    names.map(str::to_owned).collect()
}

/// Those of the names that a certificate of an authority lets it vouch for;
/// `None` if the text holds no certificate.
pub(super) fn permitted(pem: &str) -> Option<Vec<String>> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let certificate = Certificate::from_der(&der).ok()?;
    let constraints = certificate.tbs_certificate().get_extension::<NameConstraints>().ok()?;
    let Some(subtrees) = constraints.and_then(|(_, constraints)| constraints.permitted_subtrees) else {
        return Some(all());
    };
    let bases: Vec<&str> = subtrees
        .iter()
        .filter_map(|subtree| match &subtree.base {
            GeneralName::DnsName(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let covers =
        |base: &str, name: &str| name.strip_suffix(base).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    Some(all().into_iter().filter(|name| bases.iter().any(|base| covers(base, name))).collect())
}
