//! The identity of the machine, asked for a short time only.
//!
//! Cloud machines have a service that gives out tokens. Elsewhere nobody answers at its address, and waiting for that
//! with every attempt of every request would take minutes; so the question is bounded, and a machine that never gave
//! an answer is not asked twice.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use object_store::CredentialProvider;
use thiserror::Error;

/// Longest wait for a token.
const SECONDS_MAX: u64 = 4;

const UNKNOWN: u8 = 0;
const ANSWERS: u8 = 1;
const SILENT: u8 = 2;

/// Nothing says who is asking.
#[derive(Clone, Debug, Error)]
#[error("{advice}")]
pub(super) struct NoCredentials {
    pub(super) advice: &'static str,
}

/// A provider of tokens with a time limit.
pub(super) struct Bounded<T> {
    inner: Arc<dyn CredentialProvider<Credential = T>>,
    advice: &'static str,
    state: AtomicU8,
}

impl<T> Bounded<T> {
    pub(super) fn new(inner: Arc<dyn CredentialProvider<Credential = T>>, advice: &'static str) -> Self {
        Self { inner, advice, state: AtomicU8::new(UNKNOWN) }
    }

    fn none(&self) -> object_store::Error {
        object_store::Error::Unauthenticated {
            path: String::new(),
            source: Box::new(NoCredentials { advice: self.advice }),
        }
    }
}

impl<T> fmt::Debug for Bounded<T> {
    /// Without the tokens that the provider keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounded").finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: Send + Sync + 'static> CredentialProvider for Bounded<T> {
    type Credential = T;

    async fn get_credential(&self) -> object_store::Result<Arc<T>> {
        if self.state.load(Ordering::Relaxed) == SILENT {
            return Err(self.none());
        }
        let asked = tokio::time::timeout(Duration::from_secs(SECONDS_MAX), self.inner.get_credential()).await;
        match asked {
            Ok(Ok(token)) => {
                self.state.store(ANSWERS, Ordering::Relaxed);
                Ok(token)
            }
            // A service that answered before is there, so this failure is its own.
            Ok(Err(error)) if self.state.load(Ordering::Relaxed) == ANSWERS => Err(error),
            Ok(Err(_)) | Err(_) => {
                self.state.compare_exchange(UNKNOWN, SILENT, Ordering::Relaxed, Ordering::Relaxed).ok();
                Err(self.none())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Never;

    #[async_trait]
    impl CredentialProvider for Never {
        type Credential = ();

        async fn get_credential(&self) -> object_store::Result<Arc<()>> {
            std::future::pending().await
        }
    }

    #[test]
    fn nobody_is_waited_for_long_and_nobody_is_asked_twice() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let start = std::time::Instant::now();
        runtime.block_on(async {
            let bounded = Bounded::new(Arc::new(Never), "set a variable");
            let error = bounded.get_credential().await.unwrap_err();
            assert!(error.to_string().contains("set a variable"), "{error}");
            let second = std::time::Instant::now();
            bounded.get_credential().await.unwrap_err();
            assert!(second.elapsed() < Duration::from_millis(500));
        });
        assert!(start.elapsed() < Duration::from_secs(SECONDS_MAX + 2));
    }
}
