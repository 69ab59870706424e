//! A client that is a bare socket: it sees resets, ends and headers as they are.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came, and how it ended.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The end of the stream, a reset, or a time-out.
    pub(crate) end: Result<(), io::ErrorKind>,
}

impl Raw {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.head.split(' ').nth(1)?.parse().ok()
    }
}

/// Asks `endpoint` for a path with `Connection: close` and reads until the end, or for `wait` after the last byte.
pub(crate) fn ask(endpoint: &str, method: &str, path: &str, headers: &str, wait: Duration) -> Raw {
    let authority = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).expect("connects");
    stream.set_read_timeout(Some(wait)).expect("sets");
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("writes");
    let mut all = Vec::new();
    let end = match stream.read_to_end(&mut all) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.kind()),
    };
    let at = all.windows(4).position(|four| four == b"\r\n\r\n").map_or(all.len(), |at| at + 4);
    let body = all.split_off(at);
    Raw { head: String::from_utf8_lossy(&all).into_owned(), body, end }
}

pub(crate) fn get(endpoint: &str, path: &str) -> Raw {
    ask(endpoint, "GET", path, "", Duration::from_secs(10))
}
