//! The certificate authority of a data directory.
//!
//! It is made at the first start and stays, so that clients have to be told of
//! it once; the certificate that the listener shows is made at each start and
//! never written. The authority is bound to a list of names
//! (RFC 5280, 4.2.1.10): whoever steals its key can play Microsoft's login to
//! those who trust it, but no bank. Such a bound covers the names below each
//! name as well, since the form cannot say otherwise, and to exclude those below
//! would exclude the name itself; the certificates that are made have the names
//! alone. Next: `names`, [`super::listener`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::names;

/// The directory of the authority in a data directory.
const DIRECTORY: &str = "tls";
/// The certificate that clients have to be told of.
const CERTIFICATE_FILE: &str = "ca.pem";
/// The key that signs, readable by its owner alone.
const KEY_FILE: &str = "ca-key.pem";

/// How long clients may trust the authority: longer than a directory is kept.
const AUTHORITY_LIFE: Duration = Duration::from_hours(24 * 3650);

/// How long the listener's certificate holds: longer than the emulator runs at
/// a stretch, shorter than what clients refuse (398 days).
const LEAF_LIFE: Duration = Duration::from_hours(24 * 365);

/// How far a client's clock may be behind ours.
const CLOCK_TOLERANCE: Duration = Duration::from_hours(24);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of the authority cannot be read, written or made.
    #[error("the file `{}` of the certificate authority cannot be used", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// One of the two files is there and the other one is not.
    #[error("expected the certificate authority to have two files, but found only one; `{}` is missing", .path.display())]
    Half {
        /// The one that is missing.
        path: PathBuf,
    },
    /// What the key's file holds is no key.
    #[error("expected a private key in `{}`, but found something else", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// What the certificate's file holds is no certificate.
    #[error("expected a certificate in `{}`, but found something else", .path.display())]
    NotACertificate {
        /// The file.
        path: PathBuf,
    },
    /// A certificate cannot be made or used.
    #[error("the certificate of the emulated Microsoft cannot be made: {reason}")]
    Certificate {
        /// Why not, in the library's words.
        reason: String,
    },
}

impl TlsError {
    #[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
    fn certificate(reason: impl ToString) -> Self {
        Self::Certificate { reason: reason.to_string() }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::File { .. } => "check that you may read and write it and that the disk is not full".to_owned(),
            Self::Half { path } | Self::Key { path } | Self::NotACertificate { path } => format!(
                "put the file back, or delete the directory `{}` for a new authority, of which every client has to be \
                 told again",
                path.parent().unwrap_or(path).display()
            ),
            Self::Certificate { .. } => "leave out `--tls`, and report what was said".to_owned(),
        }
    }
}

/// A certificate authority that is ready to sign.
pub struct Authority {
    key: KeyPair,
    certificate_file: PathBuf,
    /// What it is bound to, and vouches for.
    pub(super) names: Vec<String>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("certificate_file", &self.certificate_file).finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority of a data directory, made if there is none yet.
    ///
    /// # Errors
    /// Its files cannot be used, or only one of them is there.
    pub fn open(data: &Path) -> Result<Self, TlsError> {
        Self::open_for(data, names::all())
    }

    /// The same, bound to these names if there is none yet.
    pub(super) fn open_for(data: &Path, names: Vec<String>) -> Result<Self, TlsError> {
        let directory = data.join(DIRECTORY);
        let (certificate_file, key_file) = (directory.join(CERTIFICATE_FILE), directory.join(KEY_FILE));
        match (certificate_file.exists(), key_file.exists()) {
            (true, true) => {
                let text = fs::read_to_string(&key_file).map_err(in_file(&key_file))?;
                let key = KeyPair::from_pem(&text).map_err(|_| TlsError::Key { path: key_file })?;
                let shown = fs::read_to_string(&certificate_file).map_err(in_file(&certificate_file))?;
                let names = names::permitted(&shown);
                let names = names.ok_or_else(|| TlsError::NotACertificate { path: certificate_file.clone() })?;
                Ok(Self { key, certificate_file, names })
            }
            (false, false) => Self::make(&directory, certificate_file, &key_file, names),
            (true, false) => Err(TlsError::Half { path: key_file }),
            (false, true) => Err(TlsError::Half { path: certificate_file }),
        }
    }

    fn make(
        directory: &Path,
        certificate_file: PathBuf,
        key_file: &Path,
        names: Vec<String>,
    ) -> Result<Self, TlsError> {
        fs::create_dir_all(directory).map_err(in_file(directory))?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::certificate)?;
        let certificate = authority_params(&names).self_signed(&key).map_err(TlsError::certificate)?;
        write_private(key_file, &key.serialize_pem())?;
        fs::write(&certificate_file, certificate.pem()).map_err(in_file(&certificate_file))?;
        Ok(Self { key, certificate_file, names })
    }

    /// The file that clients have to be told of.
    pub fn certificate_file(&self) -> &Path {
        &self.certificate_file
    }

    /// What a TLS listener needs, with a new certificate for all names. Offers
    /// HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::certificate)?;
        let authority = authority_params(&self.names);
        let issuer = Issuer::from_params(&authority, &self.key);
        let certificate = leaf_params(&self.names)?.signed_by(&key, &issuer).map_err(TlsError::certificate)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::certificate)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(TlsError::certificate)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Certificates are judged by the real time, not by the emulator's clock.
fn valid_for(params: &mut CertificateParams, life: Duration) {
    let now = SystemTime::now();
    params.not_before = (now - CLOCK_TOLERANCE).into();
    params.not_after = (now + life).into();
}

/// What the authority is. Its name and key are all that a signature needs of it.
fn authority_params(names: &[String]) -> CertificateParams {
    let mut params = CertificateParams::default();
    valid_for(&mut params, AUTHORITY_LIFE);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Tandem test authority");
    params.distinguished_name.push(DnType::OrganizationName, "Tandem");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = names.iter().cloned().map(GeneralSubtree::DnsName);
    let addresses = [
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(Ipv4Addr::LOCALHOST.octets(), 8)),
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)),
    ];
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: names.chain(addresses).collect(), excluded_subtrees: Vec::new() });
    params
}

fn leaf_params(names: &[String]) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(names).map_err(TlsError::certificate)?;
    params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
    params.subject_alt_names.push(SanType::IpAddress(Ipv6Addr::LOCALHOST.into()));
    valid_for(&mut params, LEAF_LIFE);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn in_file(path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.to_owned();
    |source| TlsError::File { path, source }
}

/// Writes a file that only its owner may read, and that was not there before.
fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file: File| file.write_all(text.as_bytes()));
    written.map_err(in_file(path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_authority_of_a_directory_stays_and_its_key_is_private() {
        let data = tempfile::tempdir().unwrap();
        let first = Authority::open(data.path()).unwrap();
        let shown = fs::read_to_string(first.certificate_file()).unwrap();
        assert!(shown.starts_with("-----BEGIN CERTIFICATE-----"), "{shown}");
        let again = Authority::open(data.path()).unwrap();
        assert_eq!(fs::read_to_string(again.certificate_file()).unwrap(), shown);
        assert_eq!(first.key.serialize_der(), again.key.serialize_der());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data.path().join(DIRECTORY).join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn half_an_authority_is_not_replaced_in_silence() {
        let data = tempfile::tempdir().unwrap();
        Authority::open(data.path()).unwrap();
        let key_file = data.path().join(DIRECTORY).join(KEY_FILE);
        let certificate_file = data.path().join(DIRECTORY).join(CERTIFICATE_FILE);
        let shown = fs::read_to_string(&certificate_file).unwrap();
        fs::write(&certificate_file, "no certificate").unwrap();
        let refused = Authority::open(data.path());
        assert!(matches!(refused, Err(TlsError::NotACertificate { path }) if path == certificate_file));
        fs::write(&certificate_file, shown).unwrap();
        fs::write(&key_file, "no key").unwrap();
        assert!(matches!(Authority::open(data.path()), Err(TlsError::Key { path }) if path == key_file));
        fs::remove_file(&key_file).unwrap();
        assert!(matches!(Authority::open(data.path()), Err(TlsError::Half { path }) if path == key_file));
    }
}
