//! The operations of S3 over a folder: reads and listings of our own, writes by way of [`Staging`].
//!
//! s3s-fs ignores conditions on reads, hashes what it did not receive itself, creates a bucket for any put and leaves keys
//! unencoded under `encoding-type=url`: tests of a client's behaviour need what S3 does.

use std::fs;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::body;
use super::listing::{Folders, Page, Query};
use super::object::{self, Facts};
use super::policy::{Access, Gate};
use super::staging::{BUCKET, Conditions, Staging, upload_stand_in};

/// What S3 leaves as it is under `encoding-type=url`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'*');

/// All buckets of one root folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) root: PathBuf,
    pub(crate) gate: Gate,
    pub(crate) staging: std::sync::Arc<Staging>,
    pub(crate) folders: std::sync::Arc<Folders>,
}

impl Shelf {
    /// Off the async threads: opening and `stat` may block.
    async fn open(&self, bucket: String, key: String) -> S3Result<(fs::File, Facts)> {
        let root = self.root.clone();
        let opened = blocking(move || object::open(&root, &bucket, &key)).await;
        match opened {
            // Who may not list is not told what is missing.
            Err(error) if *error.code() == S3ErrorCode::NoSuchKey && self.gate.policy().list == Access::Forbidden => {
                Err(s3_error!(AccessDenied, "Access Denied"))
            }
            other => other,
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> S3Result<T> + Send + 'static) -> S3Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(S3Error::internal_error)?
}

/// s3s-fs knows an upload by a file, and calls one that is gone forbidden.
fn no_such_upload(error: S3Error) -> S3Error {
    if *error.code() == S3ErrorCode::AccessDenied {
        s3_error!(NoSuchUpload, "The specified upload does not exist. The upload ID may be invalid.")
    } else {
        error
    }
}

/// An `i64` of the wire.
fn signed(bytes: u64) -> Option<i64> {
    i64::try_from(bytes).ok()
}

#[async_trait::async_trait]
impl S3 for Shelf {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (file, facts) = self.open(input.bucket, input.key).await?;
        facts.check(
            input.if_match.as_ref(),
            input.if_unmodified_since.as_ref(),
            input.if_none_match.as_ref(),
            input.if_modified_since.as_ref(),
        )?;
        let range = match input.range {
            Some(range) => range.check(facts.bytes)?,
            None => 0..facts.bytes,
        };
        let content_range = input.range.map(|_| format!("bytes {}-{}/{}", range.start, range.end - 1, facts.bytes));
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: signed(range.end - range.start),
            content_range,
            content_type: Some("application/octet-stream".to_owned()),
            body: Some(body::of(file, range).await?),
            e_tag: Some(facts.etag),
            last_modified: Some(facts.modified.into()),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let (_, facts) = self.open(input.bucket, input.key).await?;
        facts.check(
            input.if_match.as_ref(),
            input.if_unmodified_since.as_ref(),
            input.if_none_match.as_ref(),
            input.if_modified_since.as_ref(),
        )?;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: signed(facts.bytes),
            content_type: Some("application/octet-stream".to_owned()),
            e_tag: Some(facts.etag),
            last_modified: Some(facts.modified.into()),
            ..HeadObjectOutput::default()
        }))
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        let marker = request.input.marker.clone();
        let newer = self.list_objects_v2(request.map_input(Into::into)).await?;
        Ok(newer.map_output(|found| ListObjectsOutput {
            contents: found.contents,
            common_prefixes: found.common_prefixes,
            delimiter: found.delimiter,
            encoding_type: found.encoding_type,
            name: found.name,
            prefix: found.prefix,
            marker,
            max_keys: found.max_keys,
            is_truncated: found.is_truncated,
            next_marker: found.next_continuation_token,
            ..ListObjectsOutput::default()
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let bucket = object::bucket_path(&self.root, &input.bucket)?;
        let keys_max = input.max_keys.unwrap_or(1000).clamp(0, 1000);
        let after = input.continuation_token.clone().max(input.start_after.clone()).unwrap_or_default();
        let query = Query {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().unwrap_or_default(),
            after,
            keys_max: usize::try_from(keys_max).unwrap_or_default(),
        };
        let folders = self.folders.clone();
        let page = blocking(move || folders.page(&bucket, &query).map_err(S3Error::internal_error)).await?;
        Ok(S3Response::new(answer(input, keys_max, page)))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let facts = self.staging.put(request).await?;
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(facts.etag), ..PutObjectOutput::default() }))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        let CopySource::Bucket { bucket, key, .. } = input.copy_source else {
            return Err(s3_error!(NotImplemented, "copies from access points are not implemented"));
        };
        let staging = self.staging.clone();
        let facts = blocking(move || staging.copy((&bucket, &key), (&input.bucket, &input.key))).await?;
        let result = CopyObjectResult {
            e_tag: Some(facts.etag),
            last_modified: Some(facts.modified.into()),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let bucket = object::bucket_path(&self.root, &request.input.bucket)?;
        object::remove(&bucket, &request.input.key)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = object::bucket_path(&self.root, &request.input.bucket)?;
        let mut deleted = Vec::new();
        for object in request.input.delete.objects {
            object::remove(&bucket, &object.key)?;
            deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() });
        }
        Ok(S3Response::new(DeleteObjectsOutput { deleted: Some(deleted), ..DeleteObjectsOutput::default() }))
    }

    async fn create_multipart_upload(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        object::object_path(&object::bucket_path(&self.root, &bucket)?, &key)?;
        request.input.key = upload_stand_in(&bucket, &key);
        BUCKET.clone_into(&mut request.input.bucket);
        let begun = self.staging.uploads.create_multipart_upload(request).await?;
        Ok(begun.map_output(|output| CreateMultipartUploadOutput { bucket: Some(bucket), key: Some(key), ..output }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        // s3s-fs knows a part by its upload alone.
        self.staging.uploads.upload_part(request).await.map_err(no_such_upload)
    }

    async fn complete_multipart_upload(
        &self,
        mut request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let stand_in = upload_stand_in(&request.input.bucket, &request.input.key);
        let bucket = std::mem::replace(&mut request.input.bucket, BUCKET.to_owned());
        let key = std::mem::replace(&mut request.input.key, stand_in.clone());
        let conditions =
            Conditions { if_match: request.input.if_match.take(), if_none_match: request.input.if_none_match.take() };
        self.staging.uploads.complete_multipart_upload(request).await.map_err(no_such_upload)?;
        let facts = self.staging.move_in(&stand_in, &bucket, &key, &conditions)?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("/{bucket}/{key}")),
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(facts.etag),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        mut request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        request.input.key = upload_stand_in(&request.input.bucket, &request.input.key);
        BUCKET.clone_into(&mut request.input.bucket);
        self.staging.uploads.abort_multipart_upload(request).await.map_err(no_such_upload)
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        fs::create_dir(self.root.join(&request.input.bucket)).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => s3_error!(BucketAlreadyOwnedByYou),
            _ => S3Error::internal_error(error),
        })?;
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        object::bucket_path(&self.root, &request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        object::bucket_path(&self.root, &request.input.bucket)?;
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }
}

/// A page as S3 writes it.
fn answer(input: ListObjectsV2Input, keys_max: i32, page: Page) -> ListObjectsV2Output {
    let encode = input.encoding_type.as_ref().is_some_and(|kind| kind.as_str() == EncodingType::URL);
    let text = move |raw: String| if encode { utf8_percent_encode(&raw, KEPT).to_string() } else { raw };
    let key_count = i32::try_from(page.len()).ok();
    let object = |(key, facts): (String, Facts)| Object {
        key: Some(text(key)),
        size: signed(facts.bytes),
        e_tag: Some(facts.etag),
        last_modified: Some(facts.modified.into()),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    };
    ListObjectsV2Output {
        name: Some(input.bucket),
        key_count,
        max_keys: Some(keys_max),
        is_truncated: Some(page.next.is_some()),
        contents: Some(page.objects.into_iter().map(object).collect()),
        common_prefixes: Some(
            page.prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(text(prefix)) }).collect(),
        ),
        next_continuation_token: page.next,
        continuation_token: input.continuation_token,
        prefix: input.prefix.map(text),
        delimiter: input.delimiter.map(text),
        start_after: input.start_after.map(text),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    }
}
