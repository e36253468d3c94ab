//! The receiver: plays CRM, nurture tool and triage inbox. Checks every signature, remembers when
//! each inquiry's event arrived.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::config::DemoValues;
use crate::deliver::sign::{Secret, Signed, verify};
use crate::domain::ports::Clock;

/// One event that arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub destination: String,
    pub kind: String,
    pub at: Instant,
}

/// What arrived, by inquiry.
#[derive(Debug, Default)]
pub struct Inbox {
    events: Mutex<BTreeMap<String, Vec<Arrived>>>,
    refused: Mutex<u32>,
}

impl Inbox {
    /// What arrived about an inquiry so far.
    pub fn about(&self, inquiry: &str) -> Vec<Arrived> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.get(inquiry).cloned().unwrap_or_default()
    }

    /// How many requests came with a signature that does not hold.
    pub fn refused(&self) -> u32 {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Receiving {
    inbox: Arc<Inbox>,
    secret: Option<Secret>,
    clock: Arc<dyn Clock>,
}

/// Starts the receiver on a free port of the loopback.
///
/// # Errors
/// If no port is to be had.
pub fn start(inbox: Arc<Inbox>, clock: Arc<dyn Clock>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let receiving = Data::new(Receiving {
        inbox,
        secret: Secret::parse(DemoValues::SIGNING_SECRET).ok(),
        clock,
    });
    let server = HttpServer::new(move || {
        App::new().app_data(receiving.clone()).route("/{destination}", web::post().to(receive))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    tokio::spawn(server);
    Ok(address)
}

async fn receive(receiving: Data<Receiving>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let holds = receiving.secret.as_ref().is_some_and(|secret| {
        verify(std::slice::from_ref(secret), signed, &body, receiving.clock.now()).is_ok()
    });
    if !holds {
        *receiving.inbox.refused.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        return HttpResponse::Unauthorized().finish();
    }
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text =
        |pointer| event.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
    let mut events = receiving.inbox.events.lock().unwrap_or_else(PoisonError::into_inner);
    events.entry(text("/data/inquiry/id").to_owned()).or_default().push(Arrived {
        destination: request.match_info().get("destination").unwrap_or_default().to_owned(),
        kind: text("/type").to_owned(),
        at: arrival(),
    });
    HttpResponse::NoContent().finish()
}

fn arrival() -> Instant {
    Instant::now()
}
