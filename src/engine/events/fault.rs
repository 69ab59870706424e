//! A file that turned out to be damaged while it was read: DataFusion carries the error up, `run` takes it out again.

use datafusion::common::DataFusionError;
use parquet::errors::ParquetError;
use thiserror::Error;

use crate::sources::telemetry::{ObjectError, TextFault};

/// A file that cannot be read to the end.
#[derive(Debug, Error)]
#[error("{path}: {reason}; --on-bad-input skip reads the rest")]
pub struct ReadFault {
    /// The file, as the user would name it.
    pub path: String,
    /// Why.
    pub reason: String,
}

impl ReadFault {
    pub(super) fn new(path: &str, error: &DataFusionError) -> Self {
        Self { path: path.to_owned(), reason: Self::reason_of(error) }
    }

    /// Whether the error came from reading the file: an error of the query's own expressions is no fault of it.
    pub(super) fn is_of_file(error: &DataFusionError) -> bool {
        match error {
            DataFusionError::ParquetError(_) => true,
            DataFusionError::External(inner) => inner.is::<TextFault>(),
            _ => false,
        }
    }

    pub(super) fn reason_of(error: &DataFusionError) -> String {
        if let Some(error) = ObjectError::find(error) {
            return error.sentence.clone();
        }
        // What nobody reads is not damaged.
        if let DataFusionError::ParquetError(error) = error
            && let ParquetError::NYI(what) = error.as_ref()
        {
            return format!("its data cannot be read: {what}");
        }
        match error {
            DataFusionError::External(inner) if inner.is::<TextFault>() => inner.to_string(),
            _ => format!("damaged: its data cannot be read ({})", error.find_root()),
        }
    }

    /// The fault inside an error that DataFusion handed up.
    #[must_use]
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        match error {
            DataFusionError::External(inner) => inner.downcast_ref(),
            DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => Self::find(inner),
            DataFusionError::Shared(inner) => Self::find(inner),
            DataFusionError::ArrowError(inner, _) => match inner.as_ref() {
                arrow::error::ArrowError::ExternalError(inner) => {
                    inner.downcast_ref::<DataFusionError>().and_then(Self::find).or_else(|| inner.downcast_ref())
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<ReadFault> for DataFusionError {
    fn from(fault: ReadFault) -> Self {
        Self::External(Box::new(fault))
    }
}
