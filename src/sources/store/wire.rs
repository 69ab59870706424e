//! Requests as they leave the process: counted, and with Amazon's redirects made readable.
//!
//! A store hides how many pages a listing took and how often a request was repeated; here each one passes. Where a
//! provider says what is wrong only in a header (Amazon a bucket's region, Azure its code), the text of the answer is
//! made to say the same, since object_store keeps the text and drops the headers.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

use super::traffic::Traffic;

/// Makes clients that count.
#[derive(Debug)]
pub(super) struct Wire {
    traffic: Arc<Traffic>,
}

impl Wire {
    pub(super) fn new(traffic: &Arc<Traffic>) -> Self {
        Self { traffic: Arc::clone(traffic) }
    }
}

impl HttpConnector for Wire {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Counted { inner, traffic: Arc::clone(&self.traffic) }))
    }
}

#[derive(Debug)]
struct Counted {
    inner: HttpClient,
    traffic: Arc<Traffic>,
}

#[async_trait]
impl HttpService for Counted {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.traffic.request();
        let is_head = request.method().as_str() == "HEAD";
        let response = self.inner.execute(request).await?;
        let status = response.status();
        if is_head && !status.is_success() {
            return Ok(coded(response));
        }
        let leads_nowhere = status.is_redirection() && status.as_u16() != 304;
        if !leads_nowhere || response.headers().contains_key("location") {
            return Ok(response);
        }
        let region = response.headers().get("x-amz-bucket-region").and_then(|region| region.to_str().ok());
        let Some(region) = region.map(str::to_string) else { return Ok(response) };
        Ok(elsewhere(response, &region))
    }
}

/// The answer to a question for a size has no body; Azure says its code in a header, Amazon the region.
fn coded(response: HttpResponse) -> HttpResponse {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_string);
    let status = response.status().as_u16();
    if let Some(region) = header("x-amz-bucket-region").filter(|_| matches!(status, 301 | 307 | 400)) {
        return elsewhere(response, &region);
    }
    let Some(code) = header("x-ms-error-code") else { return response };
    let (parts, _) = response.into_parts();
    HttpResponse::from_parts(parts, format!("<Error><Code>{code}</Code></Error>").into())
}

/// The answer that a bucket is in another region, with the region in it.
fn elsewhere(response: HttpResponse, region: &str) -> HttpResponse {
    let (mut parts, _) = response.into_parts();
    if let Ok(status) = "400".parse() {
        parts.status = status;
    }
    let body = format!("<Error><Code>PermanentRedirect</Code><Region>{region}</Region></Error>");
    HttpResponse::from_parts(parts, body.into())
}
