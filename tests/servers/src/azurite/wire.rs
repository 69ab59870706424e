//! One HTTP request over a connection of its own, without async: set-up steps run in any test, and there are few of them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long each step may take.
const WAIT: Duration = Duration::from_secs(30);

/// What a set-up step needs to know of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `x-ms-error-code`, or nothing.
    pub(crate) code: String,
}

/// Sends a request and reads the answer's head.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    stream.set_nodelay(true)?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("{address}: no HTTP answer")))
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let code = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("x-ms-error-code"))
        .map(|(_, value)| value.trim().to_owned());
    Some(Answer { status, code: code.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_code() {
        let answer = parse("HTTP/1.1 409 Conflict\r\nX-Ms-Error-Code: ContainerAlreadyExists\r\n\r\n<Error/>");
        assert_eq!(answer, Some(Answer { status: 409, code: "ContainerAlreadyExists".to_owned() }));
        assert_eq!(parse("HTTP/1.1 201 Created\r\n\r\n").map(|answer| answer.status), Some(201));
        assert_eq!(parse("nonsense"), None);
    }
}
