//! The body of an answer, to its last byte and not beyond.
//!
//! object_store takes a broken answer up again a bounded number of times per request, whatever was received meanwhile,
//! and takes a body that ends early without an error for the whole. Here the count starts anew with every byte received,
//! and the length must be the one that was asked for. Only a strong ETag makes it certain that the rest belongs to the
//! same object; without one a broken answer is an error.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectStore, Result};
use thiserror::Error as ThisError;

use super::changed::Changed;
use super::etag;
use super::stored::Counting;
use super::traffic::Traffic;

/// An answer that is not as long as it must be.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("{path}: {detail}")]
pub(super) struct WrongLength {
    pub(super) path: String,
    pub(super) detail: String,
}

pub(super) fn wrong_length(path: &Path, detail: impl Into<String>) -> Error {
    Error::Generic {
        store: "coldtrail",
        source: Box::new(WrongLength { path: path.to_string(), detail: detail.into() }),
    }
}

/// What is needed to go on where an answer broke off.
pub(super) struct Body {
    pub(super) inner: Arc<dyn ObjectStore>,
    pub(super) traffic: Arc<Traffic>,
    pub(super) counting: Counting,
    pub(super) path: Path,
    pub(super) options: GetOptions,
    pub(super) etag: Option<String>,
    /// Bytes not received yet.
    pub(super) left: Range<u64>,
    pub(super) retries: usize,
    /// Breaks since the last byte.
    pub(super) failures: usize,
}

impl Body {
    /// The stream, watched.
    pub(super) fn watch(self, stream: BoxStream<'static, Result<Bytes>>) -> BoxStream<'static, Result<Bytes>> {
        futures::stream::try_unfold((self, stream), |(mut body, mut stream)| async move {
            loop {
                let broken = match stream.next().await {
                    Some(Ok(bytes)) if bytes.is_empty() => continue,
                    Some(Ok(bytes)) => {
                        body.received(&bytes)?;
                        return Ok(Some((bytes, (body, stream))));
                    }
                    // What breaks after the last byte is no matter.
                    None | Some(Err(_)) if body.left.is_empty() => return Ok(None),
                    None => wrong_length(
                        &body.path,
                        format!("the answer ended {} bytes early", body.left.end - body.left.start),
                    ),
                    Some(Err(error)) => error,
                };
                stream = body.again(broken).await?;
            }
        })
        .boxed()
    }

    fn received(&mut self, bytes: &Bytes) -> Result<()> {
        self.traffic.received(bytes.len());
        self.failures = 0;
        self.left.start += bytes.len() as u64;
        if self.left.start > self.left.end {
            return Err(wrong_length(&self.path, "the answer is longer than what was asked for"));
        }
        Ok(())
    }

    /// Asks for the rest, or returns why not.
    async fn again(&mut self, broken: Error) -> Result<BoxStream<'static, Result<Bytes>>> {
        let tag = self.etag.clone().filter(|tag| etag::is_strong(tag));
        let Some(tag) = tag.filter(|_| self.failures < self.retries && Changed::find(&broken).is_none()) else {
            return Err(broken);
        };
        tokio::time::sleep(pause(self.failures)).await;
        self.failures += 1;
        if self.counting == Counting::PerCall {
            self.traffic.request();
        }
        let mut options = self.options.clone();
        options.if_match = etag::to_send(&tag, self.counting == Counting::OnTheWire);
        options.range = Some(GetRange::Bounded(self.left.clone()));
        let answer = self.inner.get_opts(&self.path, options).await.map_err(|error| match error {
            Error::Precondition { .. } => Changed::new(&self.path, "its ETag is another one now").into_store(),
            other => other,
        })?;
        etag::check(&self.path, Some(&tag), answer.meta.e_tag.as_deref())?;
        if answer.range != self.left {
            return Err(wrong_length(&self.path, "the answer is of another range than what was asked for"));
        }
        Ok(answer.into_stream())
    }
}

/// 0.1 s, doubled with each failure, at most 5 s.
pub(super) fn pause(failures: usize) -> Duration {
    let doubled = u32::try_from(failures).ok().and_then(|failures| 2u32.checked_pow(failures)).unwrap_or(u32::MAX);
    Duration::from_millis(100).saturating_mul(doubled).min(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_bounded() {
        assert_eq!(pause(0), Duration::from_millis(100));
        assert_eq!(pause(3), Duration::from_millis(800));
        assert_eq!(pause(1000), Duration::from_secs(5));
    }
}
