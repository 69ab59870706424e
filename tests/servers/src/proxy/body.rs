//! A body on its way: counted, paced, and ended early where a fault says so. It is never held back as a whole.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::counts::Entry;
use super::socket::Breaker;

/// Pieces of a paced body last about 1/200 of a second: smooth, and long enough that timers of 1 ms and the cost of waking
/// do not decide how fast sixteen connections are.
const PIECES_PER_SECOND: u64 = 200;

/// The least and the most bytes of a piece.
const PIECE: (u64, u64) = (4 * 1024, 1024 * 1024);

/// Time to write out what was sent before a connection is broken.
const FLUSH: Duration = Duration::from_millis(30);

/// How much of its allowance a connection that stood still may catch up.
const CATCH_UP: Duration = Duration::from_millis(20);

/// One direction of one connection's bandwidth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace(Arc<Mutex<Option<Instant>>>);

impl Pace {
    /// When `bytes` more are through at `bandwidth`.
    fn through(&self, bytes: usize, bandwidth: u64) -> Instant {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let start = free.unwrap_or(now).max(now.checked_sub(CATCH_UP).unwrap_or(now));
        #[expect(clippy::cast_precision_loss, reason = "a pause need not be exact")]
        let end = start + Duration::from_secs_f64(bytes as f64 / bandwidth.max(1) as f64);
        *free = Some(end);
        end
    }
}

/// What happens when so many bytes are through.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// The connection ends properly.
    Close,
    /// It is reset.
    Reset(Breaker),
    /// It stays open and nothing comes.
    Stall,
    /// The body is over, as its headers say.
    Over,
}

/// Which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client.
    Up,
    /// To the client.
    Down,
}

/// A body of either direction.
#[derive(Debug)]
pub(crate) struct Relay {
    source: Incoming,
    entry: Entry,
    way: Way,
    pace: Option<(Pace, u64)>,
    left: u64,
    end: Option<End>,
    rest: Bytes,
    pause: Option<Pin<Box<Sleep>>>,
    breaking: bool,
}

impl Relay {
    pub(crate) fn new(source: Incoming, entry: Entry, way: Way, pace: Option<(Pace, u64)>) -> Self {
        Self { source, entry, way, pace, left: u64::MAX, end: None, rest: Bytes::new(), pause: None, breaking: false }
    }

    /// Ends it after so many bytes.
    pub(crate) fn ending(self, bytes: u64, end: End) -> Self {
        Self { left: bytes, end: Some(end), ..self }
    }

    /// Gives the next piece of what has come, and sets the pause after it.
    fn piece(&mut self) -> Bytes {
        let mut length = self.rest.len();
        if let Some((_, bandwidth)) = &self.pace {
            length = shorter(length, (bandwidth / PIECES_PER_SECOND).clamp(PIECE.0, PIECE.1));
        }
        length = shorter(length, self.left);
        let piece = self.rest.split_to(length);
        self.left -= length as u64;
        if self.left == 0 {
            self.rest.clear();
        }
        match self.way {
            Way::Up => self.entry.received(length),
            Way::Down => self.entry.sent(length),
        }
        if let Some((pace, bandwidth)) = &self.pace {
            self.pause = Some(Box::pin(tokio::time::sleep_until(pace.through(length, *bandwidth))));
        }
        piece
    }

    /// The end that a fault wants, once its bytes are through.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match &self.end {
            Some(End::Over) | None => Poll::Ready(None),
            Some(End::Stall) => Poll::Pending,
            Some(End::Close | End::Reset(_)) => {
                if !self.breaking {
                    self.breaking = true;
                    let mut pause = Box::pin(tokio::time::sleep(FLUSH));
                    if pause.as_mut().poll(context).is_pending() {
                        self.pause = Some(pause);
                        return Poll::Pending;
                    }
                }
                if let Some(End::Reset(breaker)) = &self.end {
                    breaker.set();
                }
                Poll::Ready(Some(Err(std::io::Error::other("ended by a fault of the proxy"))))
            }
        }
    }
}

fn shorter(length: usize, limit: u64) -> usize {
    length.min(usize::try_from(limit).unwrap_or(usize::MAX))
}

impl Body for Relay {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = &mut *self;
        loop {
            if let Some(pause) = &mut this.pause {
                if pause.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                this.pause = None;
            }
            if this.left == 0 && this.end.is_some() {
                return this.poll_end(context);
            }
            if !this.rest.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(this.piece()))));
            }
            match Pin::new(&mut this.source).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(std::io::Error::other(error)))),
                // Trailers belong to uploads and are not signed: they go on as they are.
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.rest.is_empty() && self.pause.is_none() && self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // The length that the server promised, whatever becomes of it; `Shorten` writes the header itself.
        if self.end.is_none() { self.source.size_hint() } else { SizeHint::default() }
    }
}
