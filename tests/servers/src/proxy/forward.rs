//! One client connection: its requests, one after the other, go over one connection to the server.
//!
//! The `Host` header stays as the client wrote it: signatures cover it, so to the server the proxy is invisible.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::body::{End, Pace, Relay, Way};
use super::counts::{Counter, Entry};
use super::faults::{Fault, Plan};
use super::request::{Dialect, Seen};
use super::socket::Breaker;

/// What concerns one hop only (RFC 9110, 7.6.1); hyper writes its own.
const HOP: [&str; 6] = ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// Paths of the proxy itself.
const COUNTS: &str = "/__coldtrail/counts";
const RESET: &str = "/__coldtrail/reset";

pub(crate) type Answer = Response<Either<Relay, Full<Bytes>>>;

/// The connection shall end without an answer.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken by a fault of the proxy")
    }
}

impl std::error::Error for Broken {}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) upstream: SocketAddr,
    pub(crate) counter: Counter,
    pub(crate) plan: RwLock<Arc<Plan>>,
}

impl Shared {
    pub(crate) fn plan(&self) -> Arc<Plan> {
        self.plan.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One client connection with its own to the server.
#[derive(Debug)]
pub(crate) struct Link {
    shared: Arc<Shared>,
    breaker: Breaker,
    upstream: Mutex<Option<SendRequest<Relay>>>,
    up: Pace,
    down: Pace,
}

impl Link {
    pub(crate) fn new(shared: Arc<Shared>, breaker: Breaker) -> Self {
        shared.counter.connected();
        Self { shared, breaker, upstream: Mutex::default(), up: Pace::default(), down: Pace::default() }
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: Request<Incoming>) -> Result<Answer, Broken> {
        if let Some(answer) = self.control(&request) {
            return Ok(answer);
        }
        let (parts, body) = request.into_parts();
        let seen = Seen::of(&parts);
        let entry = self.shared.counter.begin(&seen);
        let plan = self.shared.plan();
        let fault = plan.fault(&seen);
        tokio::time::sleep(plan.delay).await;
        let body = Relay::new(body, entry.clone(), Way::Up, plan.bandwidth.map(|limit| (self.up.clone(), limit)));
        if let Some(fault) = &fault {
            entry.add(|tally| tally.faults += 1);
            match fault {
                Fault::Reset => {
                    self.breaker.set();
                    return Err(Broken);
                }
                Fault::Stall => std::future::pending().await,
                Fault::Delay(more) => tokio::time::sleep(*more).await,
                Fault::Call(action) => {
                    let (action, seen) = (action.clone(), seen.clone());
                    // A panic in it has been printed; the request goes on.
                    let _ = tokio::task::spawn_blocking(move || (action.0)(&seen)).await;
                }
                _ => {}
            }
            if let Some((status, code, retry_after)) = refusal(fault, seen.dialect) {
                return Ok(refuse(body, &entry, seen.dialect, status, code, retry_after).await);
            }
        }
        let mut request = Request::from_parts(parts, body);
        drop_hop(request.headers_mut());
        match self.send(request).await {
            Ok(response) => Ok(self.relay(response, entry, &plan, fault)),
            Err(error) => {
                entry.add(|tally| tally.refused += 1);
                let text = format!("the proxy cannot reach {}: {error}", self.shared.upstream);
                Ok(full(StatusCode::BAD_GATEWAY, "text/plain", text))
            }
        }
    }

    fn control(&self, request: &Request<Incoming>) -> Option<Answer> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, COUNTS) => {
                let json = serde_json::to_string_pretty(&self.shared.counter.counts()).unwrap_or_default();
                Some(full(StatusCode::OK, "application/json", json))
            }
            (&Method::POST, RESET) => {
                self.shared.counter.reset();
                Some(full(StatusCode::NO_CONTENT, "text/plain", String::new()))
            }
            _ => None,
        }
    }

    /// Sends over the connection there is; over a new one where the server has closed it.
    async fn send(&self, mut request: Request<Relay>) -> std::io::Result<Response<Incoming>> {
        let kept = self.upstream.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut sender) = kept
            && sender.ready().await.is_ok()
        {
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(self.keep(sender, response)),
                Err(mut error) => match error.take_message() {
                    // It was closed before anything was written.
                    Some(unsent) => request = unsent,
                    None => return Err(std::io::Error::other(error.into_error())),
                },
            }
        }
        let stream = TcpStream::connect(self.shared.upstream).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(std::io::Error::other)?;
        Ok(self.keep(sender, response))
    }

    fn keep(&self, sender: SendRequest<Relay>, response: Response<Incoming>) -> Response<Incoming> {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        response
    }

    /// Hands an answer on, with its body as a fault wants it.
    fn relay(&self, response: Response<Incoming>, entry: Entry, plan: &Plan, fault: Option<Fault>) -> Answer {
        if response.status().as_u16() >= 400 {
            entry.add(|tally| tally.refused += 1);
        }
        let (mut parts, body) = response.into_parts();
        drop_hop(&mut parts.headers);
        let mut body = Relay::new(body, entry, Way::Down, plan.bandwidth.map(|limit| (self.down.clone(), limit)));
        body = match fault {
            Some(Fault::ResetAfter(bytes)) => body.ending(bytes, End::Reset(self.breaker.clone())),
            Some(Fault::CutAfter(bytes)) => body.ending(bytes, End::Close),
            Some(Fault::StallAfter(bytes)) => body.ending(bytes, End::Stall),
            Some(Fault::Shorten(bytes)) => {
                let length = body.size_hint().exact().map_or(bytes, |length| length.min(bytes));
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
                body.ending(length, End::Over)
            }
            _ => body,
        };
        Response::from_parts(parts, Either::Left(body))
    }
}

fn drop_hop(headers: &mut HeaderMap) {
    for name in HOP {
        headers.remove(name);
    }
}

/// Status, code and `Retry-After` of a fault that is an answer.
fn refusal(fault: &Fault, dialect: Dialect) -> Option<(u16, &'static str, Option<u32>)> {
    match (fault, dialect) {
        (Fault::Answer { status, code, retry_after_seconds }, _) => Some((*status, code, *retry_after_seconds)),
        (Fault::SlowDown, Dialect::S3) => Some((503, "SlowDown", None)),
        (Fault::SlowDown, Dialect::Azure) => Some((503, "ServerBusy", None)),
        (Fault::InternalError, _) => Some((500, "InternalError", None)),
        (Fault::TooManyRequests, _) => Some((429, "TooManyRequests", None)),
        _ => None,
    }
}

async fn refuse(
    body: Relay,
    entry: &Entry,
    dialect: Dialect,
    status: u16,
    code: &'static str,
    retry_after: Option<u32>,
) -> Answer {
    // A server takes in what it refuses; else clients see a broken pipe instead of the answer.
    let _ = body.collect().await;
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>refused by a rule of the proxy</Message><RequestId>0</RequestId></Error>"
    );
    entry.add(|tally| tally.refused += 1);
    entry.sent(xml.len());
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = full(status, "application/xml", xml);
    if dialect == Dialect::Azure {
        answer.headers_mut().insert("x-ms-error-code", HeaderValue::from_static(code));
    }
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

fn full(status: StatusCode, kind: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Either::Right(Full::new(Bytes::from(text))));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
