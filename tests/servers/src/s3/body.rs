//! The bytes of a file as an answer: small ranges in one piece, large ones streamed by a thread of their own.
//!
//! tokio's files move 4 KiB to 2 MiB per hop to a thread; a bench at hundreds of MB/s needs larger steps and no copies.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::stream;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result};
use tokio::sync::mpsc;

/// One step of a large body.
const STEP: u64 = 256 * 1024;

/// Up to this a body is read before the answer begins.
const WHOLE_MAX: u64 = 1024 * 1024;

/// `range` of `file`. A file that became shorter meanwhile breaks the connection: the length is promised by then.
pub(crate) async fn of(mut file: File, range: Range<u64>) -> S3Result<StreamingBlob> {
    let length = range.end - range.start;
    if length <= WHOLE_MAX {
        let read = tokio::task::spawn_blocking(move || {
            file.seek(SeekFrom::Start(range.start))?;
            step(&mut file, length)
        });
        let whole = read.await.map_err(S3Error::internal_error)?.map_err(S3Error::internal_error)?;
        return Ok(StreamingBlob::wrap(stream::iter([Ok::<_, io::Error>(whole)])));
    }
    let (to, from) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let mut left = length;
        let mut failed = file.seek(SeekFrom::Start(range.start)).map(drop);
        while left > 0 && failed.is_ok() {
            let read = step(&mut file, left.min(STEP));
            left -= left.min(STEP);
            failed = read.as_ref().map(drop).map_err(|error| error.kind().into());
            // The client has gone.
            if to.blocking_send(read).is_err() {
                return;
            }
        }
    });
    Ok(StreamingBlob::wrap(stream::unfold(from, |mut from| async { from.recv().await.map(|item| (item, from)) })))
}

fn step(file: &mut File, length: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length {
        Ok(bytes.into())
    } else {
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"))
    }
}
