//! Failures on the way to a store.

use object_store::client::HttpErrorKind;

use super::facts::Facts;
use super::{Said, Trouble};

pub(super) fn said(facts: &Facts) -> Option<Said> {
    let kind = facts.transport?;
    if facts.says(&["dns error", "failed to lookup", "Name or service not known"]) {
        let said = "the host's name is not known; check the account, the bucket's endpoint and the network";
        return Some((Trouble::Unreachable, said.into()));
    }
    if facts.says(&["certificate", "Certificate", "invalid peer"]) {
        let said = "the server's certificate is not trusted; check the endpoint, and whether a proxy stands between";
        return Some((Trouble::Unreachable, said.into()));
    }
    if facts.says(&["Connection refused"]) {
        let said = "nobody listens at this address (connection refused); check the endpoint and its port";
        return Some((Trouble::Unreachable, said.into()));
    }
    Some(match kind {
        HttpErrorKind::Timeout => {
            let said = "no answer in time, also after retries; try again, or raise --timeout and --retries";
            (Trouble::Timeout, said.into())
        }
        HttpErrorKind::Connect => {
            (Trouble::Unreachable, "cannot be reached; check the endpoint and the network".into())
        }
        HttpErrorKind::Request | HttpErrorKind::Interrupted => {
            let said = "the connection breaks off, also after retries; check the network, or raise --retries";
            (Trouble::Unreachable, said.into())
        }
        _ if facts.says(&["error decoding response body", "unexpected EOF", "end of file before"]) => {
            let said = "the answer breaks off, also after retries; check the network, or raise --retries";
            (Trouble::Unreachable, said.into())
        }
        _ => return None,
    })
}
