//! A listener that speaks TLS and plain HTTP on one port.
//!
//! The first byte of a connection says which: a TLS record begins with 22
//! (RFC 8446, 5.1), and no HTTP request does. The router is told by
//! `ConnectInfo<Scheme>`. A client that does not get on with its handshake keeps
//! nobody else waiting, as long as there are not hundreds of them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use crate::graph::Scheme;

/// How long a client may take to say what it speaks and to agree on keys.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);

/// Handshakes under way at one time; those who come later wait.
const HANDSHAKES_MAX: usize = 256;

/// First byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 22;

/// A connection with or without TLS.
#[derive(Debug)]
pub enum Stream {
    /// Plain HTTP.
    Plain(TcpStream),
    /// HTTPS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    fn scheme(&self) -> Scheme {
        match self {
            Self::Plain(_) => Scheme::Http,
            Self::Tls(_) => Scheme::Https,
        }
    }
}

/// The listener.
pub struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<io::Result<(Stream, SocketAddr)>>,
}

impl std::fmt::Debug for TlsListener {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TlsListener").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl TlsListener {
    /// Speaks TLS on a port that was taken.
    pub fn new(listener: TcpListener, config: Arc<ServerConfig>) -> Self {
        Self { listener, acceptor: TlsAcceptor::from(config), handshakes: JoinSet::new() }
    }
}

impl Listener for TlsListener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            let has_room = self.handshakes.len() < HANDSHAKES_MAX;
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.listener), if has_room => {
                    self.handshakes.spawn(begin(self.acceptor.clone(), stream, address));
                }
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Ok(connection)) => return connection,
                    // Nothing was asked yet, so there is nobody to answer.
                    Ok(Err(error)) => tracing::debug!(%error, "a connection ended before it was agreed on"),
                    Err(error) => tracing::error!(%error, "a handshake was broken off"),
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn begin(acceptor: TlsAcceptor, stream: TcpStream, address: SocketAddr) -> io::Result<(Stream, SocketAddr)> {
    let agree = async {
        let mut first = [0];
        let speaks_tls = stream.peek(&mut first).await? == 1 && first == [TLS_HANDSHAKE];
        if !speaks_tls {
            return Ok(Stream::Plain(stream));
        }
        Ok(Stream::Tls(Box::new(acceptor.accept(stream).await?)))
    };
    let stream = tokio::time::timeout(HANDSHAKE_TIME_MAX, agree).await.map_err(|_| io::ErrorKind::TimedOut)?;
    stream.map(|stream| (stream, address))
}

impl Connected<IncomingStream<'_, TlsListener>> for Scheme {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        stream.io().scheme()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::Router;
    use axum::extract::ConnectInfo;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::*;
    use crate::tls::authority::Authority;
    use crate::tls::names;

    /// A listener that answers with the scheme, and what its clients trust.
    async fn serve(authority: &Authority) -> (SocketAddr, TlsConnector) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TlsListener::new(listener, authority.server_config().unwrap());
        let name = |ConnectInfo(scheme): ConnectInfo<Scheme>| async move { format!("{scheme:?}") };
        let service = Router::new().route("/", get(name)).into_make_service_with_connect_info::<Scheme>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.certificate_file()).unwrap()).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let client = client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        (address, TlsConnector::from(Arc::new(client.with_no_client_auth())))
    }

    async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.rsplit_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// What a client gets that asks under this name.
    async fn ask_as(name: &str, address: SocketAddr, connector: &TlsConnector) -> io::Result<String> {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Ok(ask(connector.connect(name, stream).await?).await)
    }

    #[tokio::test]
    async fn one_port_speaks_both_under_every_name_and_no_other() {
        let data = tempfile::tempdir().unwrap();
        let (address, connector) = serve(&Authority::open(data.path()).unwrap()).await;
        // Somebody who connects and says nothing.
        let _silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(ask(TcpStream::connect(address).await.unwrap()).await, "Http");
        let mut names = names::all();
        assert_eq!(names.len(), 15);
        names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        for name in names {
            assert_eq!(ask_as(&name, address, &connector).await.unwrap(), "Https", "{name}");
        }
        for name in ["bank.example", "evil.graph.microsoft.com", "microsoft.com", "127.0.0.2"] {
            assert!(ask_as(name, address, &connector).await.is_err(), "the certificate is not for {name}");
        }
    }

    #[tokio::test]
    async fn an_authority_bound_to_fewer_names_vouches_for_those_alone() {
        let data = tempfile::tempdir().unwrap();
        Authority::open_for(data.path(), vec!["localhost".to_owned(), "graph.microsoft.com".to_owned()]).unwrap();
        let mut authority = Authority::open(data.path()).unwrap();
        let (address, connector) = serve(&authority).await;
        assert_eq!(ask_as("graph.microsoft.com", address, &connector).await.unwrap(), "Https");
        assert!(ask_as("graph.microsoft.us", address, &connector).await.is_err());
        // Its key signs for any name; who trusts the authority does not.
        authority.names.push("bank.example".to_owned());
        let (address, connector) = serve(&authority).await;
        assert!(ask_as("bank.example", address, &connector).await.is_err());
        assert!(ask_as("localhost", address, &connector).await.is_err(), "one name outside spoils them all");
    }
}
