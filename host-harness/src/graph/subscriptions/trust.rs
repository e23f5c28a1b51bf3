//! Whose certificates are believed when an endpoint of a client is called:
//! Mozilla's authorities, as everywhere, and those that somebody has named.
//!
//! Microsoft believes none but public authorities. An endpoint on somebody's own
//! machine has no certificate of such a one.

use thiserror::Error;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Authorities beside the public ones.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    authorities: Vec<CertificateDer<'static>>,
}

/// Why a file names no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrustError {
    /// There is no certificate in it.
    #[error("expected certificates in PEM, but found none")]
    Nothing,
    /// A certificate cannot be read.
    #[error("expected certificates in PEM, but found one that cannot be read")]
    Unreadable,
}

impl Trust {
    /// The same, and the certificates of a PEM file.
    ///
    /// # Errors
    /// It has none, or one that cannot be read.
    pub fn and(mut self, pem: &[u8]) -> Result<Self, TrustError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let read = read.map_err(|_| TrustError::Unreadable)?;
        if read.is_empty() {
            return Err(TrustError::Nothing);
        }
        for certificate in &read {
            RootCertStore::empty().add(certificate.clone()).map_err(|_| TrustError::Unreadable)?;
        }
        self.authorities.extend(read);
        Ok(self)
    }

    /// What a client of endpoints checks certificates with.
    pub(super) fn client_config(&self) -> ClientConfig {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // Each of them was read before.
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
    }
}
