//! An HTTP/1.1 proxy on loopback that counts what goes through, delays it and breaks it.
//!
//! It neither understands nor changes what is signed: the client signs the proxy's address, and the server checks that.

mod body;
mod counts;
mod faults;
mod forward;
mod request;
mod socket;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, PoisonError, RwLock};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

pub use counts::{Counts, Tally};
pub use faults::{Action, Fault, Faults, Rule};
pub use request::{Dialect, Kind, Seen};

use crate::serving::Serving;
use faults::Plan;
use forward::{Link, Shared};
use socket::{Breaker, Socket};

/// A proxy in front of one server, stopped when dropped.
///
/// `GET /__coldtrail/counts` on its port gives [`Counts`] as JSON, and `POST /__coldtrail/reset` sets them to zero.
#[derive(Debug)]
pub struct Proxy {
    serving: Serving,
    shared: Arc<Shared>,
    path: String,
}

impl Proxy {
    /// Starts in front of `upstream` (`http://host:port`, with a path or without) on a free port.
    ///
    /// # Errors
    /// `upstream` is no address, or no port is free.
    pub fn start(upstream: &str, faults: Faults) -> io::Result<Self> {
        Self::start_on(0, upstream, faults)
    }

    /// The same on a given port (0: any free one).
    ///
    /// # Errors
    /// As [`Proxy::start`], or the port is taken.
    pub fn start_on(port: u16, upstream: &str, faults: Faults) -> io::Result<Self> {
        let (address, path) = parse(upstream)?;
        let shared = Arc::new(Shared {
            upstream: address,
            counter: counts::Counter::default(),
            plan: RwLock::new(Arc::new(Plan::new(faults))),
        });
        let common = shared.clone();
        let serving = Serving::start("proxy", port, move |stream| {
            let breaker = Breaker::default();
            let link = Arc::new(Link::new(common.clone(), breaker.clone()));
            let service = service_fn(move |request| {
                let link = link.clone();
                async move { link.handle(request).await }
            });
            async move {
                let socket = TokioIo::new(Socket::new(stream, breaker));
                let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(socket, service);
                // Broken on purpose, or by a client that hangs up.
                let _ = connection.await;
            }
        })?;
        Ok(Self { serving, shared, path })
    }

    /// The server's endpoint with the proxy's address in it (and the path of `upstream`, as Azurite's account is one).
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.serving.address(), self.path)
    }

    /// What went through since the start or the last reset.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counter.counts()
    }

    /// Sets all counts to zero; requests still under way are not counted after it.
    pub fn reset(&self) {
        self.shared.counter.reset();
    }

    /// Other faults from now on; their rules begin to count anew.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Plan::new(faults));
    }
}

/// Address and path of `http://host:port/path`.
fn parse(upstream: &str) -> io::Result<(SocketAddr, String)> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, format!("{upstream}: expected http://host:port"));
    let rest = upstream.strip_prefix("http://").ok_or_else(invalid)?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = authority.to_socket_addrs().map_err(|_| invalid())?.next().ok_or_else(invalid)?;
    let path = path.trim_end_matches('/');
    Ok((address, if path.is_empty() { String::new() } else { format!("/{path}") }))
}
