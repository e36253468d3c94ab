//! The command line's way to the private listener of a running service: unguarded, because the
//! operator names the address, and nothing of strangers goes through it.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::Url;

use super::client::install_crypto;

const DEADLINE: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(5);
/// A page of anything the private listener lists is far smaller.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    #[error("`{0}` is not the http address of a service")]
    Address(String),
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    #[error("no running service answers there")]
    NotReached(#[source] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
}

/// What the service said.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalAnswer {
    pub status: u16,
    /// The body as JSON; as a JSON string if it is other text, `null` if there is none.
    pub body: Value,
}

impl LocalAnswer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A client of one running service.
pub struct LocalClient {
    client: Client,
    base: Url,
    key: Option<String>,
}

impl std::fmt::Debug for LocalClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalClient").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl LocalClient {
    /// A client of the service at `base` (`http://127.0.0.1:8081`), showing `key` as bearer token.
    ///
    /// # Errors
    /// If the address is not one, or the client cannot be set up.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self, LocalError> {
        install_crypto();
        let url = Url::parse(base).map_err(|_| LocalError::Address(base.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(LocalError::Address(base.to_owned()));
        }
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(DEADLINE)
            .build()
            .map_err(LocalError::Client)?;
        Ok(Self { client, base: url, key: key.map(str::to_owned) })
    }

    /// `GET path`; the path may carry a query.
    ///
    /// # Errors
    /// If nobody answers. A status other than 2xx is an answer.
    pub async fn get(&self, path: &str) -> Result<LocalAnswer, LocalError> {
        self.send(self.client.get(self.at(path)?)).await
    }

    /// `POST path` with a JSON body.
    ///
    /// # Errors
    /// As [`LocalClient::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<LocalAnswer, LocalError> {
        let request = self
            .client
            .post(self.at(path)?)
            .header("content-type", "application/json")
            .body(body.to_string());
        self.send(request).await
    }

    /// `DELETE path`.
    ///
    /// # Errors
    /// As [`LocalClient::get`].
    pub async fn delete(&self, path: &str) -> Result<LocalAnswer, LocalError> {
        self.send(self.client.delete(self.at(path)?)).await
    }

    /// `POST path` with these headers and bytes, as a page or a vendor would.
    ///
    /// # Errors
    /// As [`LocalClient::get`].
    pub async fn post_as(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<LocalAnswer, LocalError> {
        let mut request = self.client.post(self.at(path)?).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    fn at(&self, path: &str) -> Result<Url, LocalError> {
        self.base.join(path).map_err(|_| LocalError::Address(path.to_owned()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<LocalAnswer, LocalError> {
        let request = match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let mut response = request.send().await.map_err(not_reached)?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(not_reached)? {
            if bytes.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(LocalError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) if bytes.is_empty() => Value::Null,
            Err(_) => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
        };
        Ok(LocalAnswer { status, body })
    }
}

/// Without the URL: its query may hold what somebody searched for.
fn not_reached(error: reqwest::Error) -> LocalError {
    LocalError::NotReached(error.without_url())
}
