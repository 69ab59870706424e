//! A listener on loopback with a thread and a runtime of its own.
//!
//! Both the S3 server and the proxy are started from plain tests and from async ones, so neither may borrow the caller's
//! runtime. Dropping a [`Serving`] ends every connection, joins the thread and frees the port: no test leaves anything
//! behind. What is said over a connection is not known here.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How long blocking reads of files may take to end after a stop.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// A running accept loop.
#[derive(Debug)]
pub(crate) struct Serving {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Listens on `port` of 127.0.0.1 (0: any free one) and gives each connection to `serve`, as a task of its own.
    pub(crate) fn start<F, T>(name: &str, port: u16, serve: F) -> io::Result<Self>
    where
        F: Fn(TcpStream) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name(name).enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, serve) => {}
                    _ = stopped => {}
                }
            });
            // The tasks of open connections are dropped with the runtime.
            runtime.shutdown_timeout(STOP_WAIT);
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A closed channel stops the loop just as a message does.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the loop has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

async fn accept<F, T>(listener: std::net::TcpListener, serve: F)
where
    F: Fn(TcpStream) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it each small answer waits for the client's delayed acknowledgement.
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream));
            }
            // Out of descriptors: wait for connections to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_dropped_server_closes_its_connections_and_frees_its_port() {
        let serving = Serving::start("echo", 0, |mut stream| async move {
            let (mut from, mut to) = stream.split();
            let _ = tokio::io::copy(&mut from, &mut to).await;
        })
        .expect("starts");
        let address = serving.address();
        let mut client = std::net::TcpStream::connect(address).expect("connects");
        client.write_all(b"x").expect("writes");
        let mut back = [0; 1];
        client.read_exact(&mut back).expect("reads");
        assert_eq!(&back, b"x");
        drop(serving);
        // The end of the stream or a reset, but never a wait.
        client.set_read_timeout(Some(Duration::from_secs(5))).expect("sets");
        assert!(matches!(client.read(&mut back), Ok(0) | Err(_)));
        assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}
