//! A real HTTP receiver on a free port: answers as it is told, remembers what came.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Time until it is given.
    pub after: Duration,
}

impl Reply {
    /// A bare status.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), after: Duration::ZERO }
    }
}

/// One request that came.
#[derive(Debug, Clone)]
pub struct Came {
    /// The path without its slash: the destination.
    pub path: String,
    pub method: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Came {
    /// A header's text, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Inner {
    came: Vec<Came>,
    /// Answers to come, per path; then the usual one.
    script: Vec<(String, VecDeque<Reply>)>,
    usual: Vec<(String, Reply)>,
}

/// The receiver. Goes with the runtime of its test.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

impl Receiver {
    /// Starts one that answers 204 to everything.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let inner: Arc<Mutex<Inner>> = Arc::default();
        let data = Data::new(Arc::clone(&inner));
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).default_service(web::to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        tokio::spawn(server);
        Self { address, inner }
    }

    /// The URL of a destination here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// From now on this path answers so.
    pub fn always(&self, path: &str, reply: Reply) {
        let mut inner = self.inner.lock().unwrap();
        inner.usual.retain(|(of, _)| of != path);
        inner.usual.push((path.to_owned(), reply));
    }

    /// The next answers of this path, one request each; then as usual.
    pub fn then(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.inner.lock().unwrap().script.push((path.to_owned(), replies.into_iter().collect()));
    }

    /// The next answers of any path, one request each.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.then("*", replies);
    }

    /// Everything that came, in order; forgotten with that.
    pub fn take(&self) -> Vec<Came> {
        std::mem::take(&mut self.inner.lock().unwrap().came)
    }

    /// What came to this path so far.
    pub fn came(&self, path: &str) -> Vec<Came> {
        let inner = self.inner.lock().unwrap();
        inner.came.iter().filter(|came| came.path == path).cloned().collect()
    }

    /// Types of the events that came to this path, with their subject's id.
    pub fn events(&self, path: &str) -> Vec<String> {
        let word = |came: &Came| came.json()["type"].as_str().unwrap_or_default().to_owned();
        self.came(path).iter().map(word).collect()
    }
}

async fn receive(
    inner: Data<Arc<Mutex<Inner>>>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let path = request.path().trim_start_matches('/').to_owned();
    let text = |value: &actix_web::http::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    let reply = {
        let mut inner = inner.lock().unwrap();
        let headers =
            request.headers().iter().map(|(key, value)| (key.to_string(), text(value))).collect();
        inner.came.push(Came {
            path: path.clone(),
            method: request.method().to_string(),
            query: request.query_string().to_owned(),
            headers,
            body: body.to_vec(),
        });
        let scripted = inner
            .script
            .iter_mut()
            .find(|(of, replies)| (*of == path || of == "*") && !replies.is_empty())
            .and_then(|(_, replies)| replies.pop_front());
        let usual = inner.usual.iter().find(|(of, _)| *of == path).map(|(_, reply)| reply.clone());
        scripted.or(usual).unwrap_or_else(|| Reply::status(204))
    };
    if !reply.after.is_zero() {
        tokio::time::sleep(reply.after).await;
    }
    let status = actix_web::http::StatusCode::from_u16(reply.status).unwrap();
    let mut response = HttpResponse::build(status);
    for (name, value) in reply.headers {
        response.insert_header((name, value));
    }
    response.body(reply.body)
}
