//! The two listeners, and serving until somebody interrupts.
//!
//! Ports are taken before anything else is done, so that a port in use costs
//! nothing; addresses follow from what was really taken. The emulator's port
//! speaks HTTPS beside HTTP where that is asked for. Next:
//! [`super::demonstrate`].

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::rustls::ServerConfig;

use super::data::Endpoints;
use super::failure::CommandError;
use crate::app::App;
use crate::graph::Scheme;
use crate::tls::listener::TlsListener;
use crate::web;

/// How long a step that is going on may take after an interruption: longer than
/// a request to Microsoft takes, shorter than a person's patience.
const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(10);

/// The ports that were taken.
#[derive(Debug)]
pub struct Listeners {
    crm: TcpListener,
    microsoft: Option<TcpListener>,
    tls: Option<Arc<ServerConfig>>,
    ports: (u16, u16),
}

impl Listeners {
    /// Takes the ports on the loopback interface. The emulator's is only taken
    /// where it is served.
    ///
    /// # Errors
    /// A port is in use or not allowed.
    pub async fn take(crm_port: u16, graph_port: u16, emulator: bool) -> Result<Self, CommandError> {
        let crm = bind(crm_port, "the CRM", "--port").await?;
        let microsoft =
            if emulator { Some(bind(graph_port, "the Microsoft emulator", "--graph-port").await?) } else { None };
        let crm_taken = port_of(&crm)?;
        let graph_taken = microsoft.as_ref().map_or(Ok(graph_port), port_of)?;
        Ok(Self { crm, microsoft, tls: None, ports: (crm_taken, graph_taken) })
    }

    /// Speaks HTTPS, too, on the emulator's port.
    #[must_use]
    pub fn with_tls(self, config: Arc<ServerConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// Where both sides are found.
    pub fn endpoints(&self) -> Endpoints {
        let endpoints = Endpoints::local(self.ports.0, self.ports.1);
        match self.tls {
            None => endpoints,
            // Microsoft's clients judge a certificate by a name, not by an address.
            Some(_) => Endpoints { microsoft_url: format!("https://localhost:{}", self.ports.1), ..endpoints },
        }
    }

    /// Serves pages, emulator, its notifications and due runs until the process is interrupted,
    /// then lets what is going on come to an end.
    ///
    /// # Errors
    /// A listener breaks, or interruptions cannot be noticed.
    pub async fn serve(self, app: App) -> Result<(), CommandError> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(self.crm, web::router(app.clone()), stopped.clone()));
        if let (Some(listener), Some(microsoft)) = (self.microsoft, app.microsoft()) {
            match self.tls {
                None => tasks.spawn(listen(listener, microsoft.tcp_router(), stopped.clone())),
                Some(config) => {
                    let listener = TlsListener::new(listener, config);
                    tasks.spawn(listen_with_tls(listener, microsoft.tcp_router(), stopped.clone()))
                }
            };
        }
        if let Some(microsoft) = app.microsoft().cloned() {
            let stopped = stopped.clone();
            tasks.spawn(async move {
                microsoft.drive_deliveries(ended(stopped)).await;
                Ok(())
            });
        }
        tasks.spawn(async move {
            app.run_scheduler(ended(stopped)).await;
            Ok(())
        });
        tokio::select! {
            result = interrupted() => result.map_err(CommandError::Runtime)?,
            Some(Ok(ended)) = tasks.join_next() => ended.map_err(CommandError::Runtime)?,
        }
        // Without anybody who listens nothing is left to be stopped.
        let _ = stop.send(true);
        let rest = async { while tasks.join_next().await.is_some() {} };
        tokio::select! {
            () = rest => {}
            () = tokio::time::sleep(SHUTDOWN_TIME_MAX) => {}
            // Asked twice: the next start goes on where this one was stopped.
            _ = interrupted() => {}
        }
        Ok(())
    }
}

async fn bind(port: u16, role: &'static str, option: &'static str) -> Result<TcpListener, CommandError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => CommandError::PortInUse { port, role, option },
        _ => CommandError::Port { port, role, option, source },
    })
}

fn port_of(listener: &TcpListener) -> Result<u16, CommandError> {
    Ok(listener.local_addr().map_err(CommandError::Runtime)?.port())
}

async fn listen(listener: TcpListener, router: Router, stopped: watch::Receiver<bool>) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(ended(stopped)).await
}

async fn listen_with_tls(listener: TlsListener, router: Router, stopped: watch::Receiver<bool>) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<Scheme>();
    axum::serve(listener, service).with_graceful_shutdown(ended(stopped)).await
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Waits for Ctrl-C, or for a supervisor to end the process.
async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_option() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Listeners::take(port, 0, true).await.unwrap_err();
        assert!(matches!(error, CommandError::PortInUse { option: "--port", .. }), "{error}");
        let error = Listeners::take(0, port, true).await.unwrap_err();
        assert!(matches!(error, CommandError::PortInUse { option: "--graph-port", .. }), "{error}");
    }

    #[tokio::test]
    async fn addresses_follow_from_the_ports_that_were_taken() {
        let listeners = Listeners::take(0, 0, true).await.unwrap();
        let port = listeners.crm.local_addr().unwrap().port();
        assert_ne!(port, 0);
        assert_eq!(listeners.endpoints().crm_url, format!("http://127.0.0.1:{port}"));
    }

    #[tokio::test]
    async fn real_endpoints_need_no_second_port() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(Listeners::take(0, port, false).await.unwrap().microsoft.is_none());
    }
}
