//! A web server on this machine for the tests, which answers as a test says: late, short, or not at all.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Place, Store, StoreOptions, Stores};

/// What becomes of a request.
pub(super) enum Answer {
    Bytes(Vec<u8>),
    Reset,
    Late(Duration),
}

/// A running server.
pub(super) struct Loopback {
    pub(super) url: String,
    /// The heads of the requests so far.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

impl Loopback {
    /// Answers the n-th request, counted from 0, by its head.
    pub(super) fn new(answer: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (heads, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, heads, answer) = (stream.unwrap(), Arc::clone(&heads), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let (mut head, mut byte) = (Vec::new(), [0u8; 1]);
                    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                        head.push(byte[0]);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    let number = {
                        let mut heads = heads.lock().unwrap();
                        heads.push(head.clone());
                        heads.len() - 1
                    };
                    match answer(number, &head) {
                        Answer::Bytes(bytes) => stream.write_all(&bytes).unwrap_or(()),
                        Answer::Reset => {}
                        Answer::Late(wait) => std::thread::sleep(wait),
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// The file `x` of this server as a store.
    pub(super) fn web(&self, options: StoreOptions) -> (Stores, Arc<Store>, Place) {
        opened(options, &format!("{}/x", self.url))
    }

    /// The bucket `b` of this server, which speaks S3 then.
    pub(super) fn s3(&self, mut options: StoreOptions) -> (Stores, Arc<Store>, Place) {
        options.endpoint = Some(self.url.clone());
        options.environment.insert("AWS_ACCESS_KEY_ID".into(), "A".into());
        options.environment.insert("AWS_SECRET_ACCESS_KEY".into(), "s3cr3tkey".into());
        opened(options, "s3://b/a")
    }

    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn opened(options: StoreOptions, source: &str) -> (Stores, Arc<Store>, Place) {
    let stores = Stores::new(options);
    let place = Place::parse(source, stores.options()).unwrap().unwrap();
    let store = stores.get(&place).unwrap();
    (stores, store, place)
}

/// An answer with these header lines; the connection ends behind it.
pub(super) fn answer(status: &str, headers: &[&str], body: &str) -> Answer {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    Answer::Bytes(format!("HTTP/1.1 {status}\r\nConnection: close\r\n{lines}\r\n{body}").into_bytes())
}

/// A part of an object.
pub(super) fn part(etag: &str, range: &str, length: usize, body: &str) -> Answer {
    let (etag, range) = (format!("ETag: \"{etag}\""), format!("Content-Range: bytes {range}"));
    let length = format!("Content-Length: {length}");
    let date = "Last-Modified: Wed, 01 Jul 2026 00:00:00 GMT";
    answer("206 Partial Content", &[&etag, &range, &length, date], body)
}

/// Few attempts and little patience.
pub(super) fn quick() -> StoreOptions {
    StoreOptions { retries: 3, timeout: Duration::from_millis(400), ..StoreOptions::default() }
}

/// Runs a test's future.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
