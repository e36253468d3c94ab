//! A receiver that plays a workspace's destinations on this machine: verifies every signature with
//! the destination's own secrets and prints what came, for the person who sets things up.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

use crate::deliver::Destination;
use crate::deliver::sign::{Signed, VerifyError};
use crate::domain::Name;
use crate::domain::ports::Clock;

/// Where lines go.
pub type Out = Arc<Mutex<dyn Write + Send>>;

/// What the receiver needs.
pub struct Printing {
    /// Whose signatures count.
    pub destinations: BTreeMap<Name, Arc<Destination>>,
    /// Whether whole bodies are printed.
    pub bodies: bool,
    pub out: Out,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Printing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Printing").field("bodies", &self.bodies).finish_non_exhaustive()
    }
}

/// Listens until told to stop. `begun` is called once with the address.
///
/// # Errors
/// If the address is not to be had, or the listener fails.
pub async fn run(
    address: SocketAddr,
    printing: Printing,
    begun: impl FnOnce(SocketAddr) -> io::Result<()>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    begun(listener.local_addr()?)?;
    let printing = Data::new(printing);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(printing.clone())
            .app_data(PayloadConfig::new(1 << 20))
            .default_service(web::to(receive))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    stop.await;
    handle.stop(false).await;
    serving.await.map_err(io::Error::other)?
}

async fn receive(printing: Data<Printing>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let now = printing.clock.now();
    let judged: Vec<(&Name, Result<(), VerifyError>)> = printing
        .destinations
        .iter()
        .map(|(name, destination)| (name, destination.verify(signed, &body, now)))
        .collect();
    let by = judged.iter().find(|(_, verdict)| verdict.is_ok()).map(|(name, _)| *name);
    let (line, mut response) = if let Some(name) = by {
        let event: Value = serde_json::from_slice(&body).unwrap_or_default();
        (format!("{now}  {name}  {}", told(&event)), HttpResponse::NoContent())
    } else {
        let why = judged.first().and_then(|(_, verdict)| verdict.err());
        let why = why.map_or_else(|| "no destination".to_owned(), |why| why.to_string());
        let line = format!("{now}  refused: {} {}: {why}", request.method(), request.path());
        (line, HttpResponse::Unauthorized())
    };
    let mut out = printing.out.lock().unwrap_or_else(PoisonError::into_inner);
    // Nobody is left to read it: the sender is answered all the same.
    let _ = writeln!(out, "{line}");
    if printing.bodies && by.is_some() {
        let _ = writeln!(out, "{}", String::from_utf8_lossy(&body));
    }
    let _ = out.flush();
    response.finish()
}

/// An event in one line: who, what, for whom.
fn told(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let mut words = vec![text("/type").unwrap_or("(no event)").to_owned()];
    if event.pointer("/data/test").and_then(Value::as_bool) == Some(true) {
        words.push("TEST".to_owned());
    }
    let who = ["full_name", "email", "phone"]
        .iter()
        .find_map(|key| text(&format!("/data/lead/contact/{key}")));
    words.extend(who.map(str::to_owned));
    words.extend(text("/data/lead/company/name").map(|company| format!("({company})")));
    for (word, pointer) in [
        ("queue", "/data/assignment/queue"),
        ("owner", "/data/assignment/owner"),
        ("lead", "/data/lead/id"),
    ] {
        words.extend(text(pointer).map(|value| format!("{word}={value}")));
    }
    if let Some(score) = event.pointer("/data/lead/score") {
        words.push(format!("score={score}"));
    }
    words.extend(text("/data/brief/next_step").map(|step| format!("· {step}")));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_in_one_line() {
        let event = serde_json::json!({"type": "lead.routed", "data": {
            "test": true,
            "lead": {"id": "lead_1", "score": 80, "contact": {"full_name": "A B"}},
            "assignment": {"queue": "sales", "owner": "ada"},
        }});
        let line = told(&event);
        assert_eq!(line, "lead.routed TEST A B queue=sales owner=ada lead=lead_1 score=80");
        assert_eq!(told(&Value::Null), "(no event)");
    }
}
