//! The ceilings of accepting, each a process of its own with two actix workers: a bare route with one
//! small script, and a bare route with the service's own commit script.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use lead_router::domain::CommitOutcome;
use lead_router::domain::ports::Store as _;
use lead_router::store::redis::Redis;
use tokio::sync::OnceCell;

use crate::Outcome;
use crate::canned::{self, Templates};

const WORKERS: usize = 2;
/// Has it been here before? If not, append it.
const SCRIPT: &str = "if redis.call('SET', KEYS[1], '1', 'NX', 'EX', 86400) then
  redis.call('XADD', KEYS[2], '*', 'd', ARGV[1])
  return 1
end
return 0";

/// One connection per worker: the quickest of the ways that were tried.
struct Bare {
    client: redis::Client,
    script: String,
    connection: OnceCell<redis::aio::MultiplexedConnection>,
}

async fn bare_post(bare: Data<Bare>, body: Bytes) -> Result<HttpResponse, actix_web::Error> {
    let failed = |error: redis::RedisError| actix_web::error::ErrorServiceUnavailable(error);
    let connect = || bare.client.get_multiplexed_async_connection();
    let mut connection = bare.connection.get_or_try_init(connect).await.map_err(failed)?.clone();
    let hash = ahash::RandomState::with_seeds(1, 2, 3, 4).hash_one(&body);
    let mut call = redis::cmd("EVALSHA");
    call.arg(&bare.script).arg(2).arg(format!("seen:{hash:016x}")).arg("stream").arg(&body[..]);
    let _: i64 = call.query_async(&mut connection).await.map_err(failed)?;
    Ok(HttpResponse::Accepted().body(r#"{"outcome":"success","status":"received"}"#))
}

/// Ceiling b.
pub fn bare(redis: &str) -> Outcome<()> {
    let client = redis::Client::open(redis)?;
    let script: String =
        redis::cmd("SCRIPT").arg("LOAD").arg(SCRIPT).query(&mut client.get_connection()?)?;
    serve(move |config| {
        let bare =
            Bare { client: client.clone(), script: script.clone(), connection: OnceCell::new() };
        config.app_data(Data::new(bare)).route("/{rest:.*}", web::post().to(bare_post));
    })
}

struct Own {
    store: Redis,
    templates: Templates,
    next: AtomicU64,
}

async fn own_post(own: Data<Own>, body: Bytes) -> Result<HttpResponse, actix_web::Error> {
    drop(body);
    let (inquiry, commit) = own.templates.commit(own.next.fetch_add(1, Ordering::Relaxed));
    match own.store.commit(&commit).await {
        Ok(CommitOutcome::Committed(_)) => {
            let body =
                format!(r#"{{"outcome":"success","status":"received","inquiry_id":"{inquiry}"}}"#);
            Ok(HttpResponse::Accepted().content_type("application/json").body(body))
        }
        other => Err(actix_web::error::ErrorServiceUnavailable(format!("{other:?}"))),
    }
}

/// Ceiling b'.
pub fn own_script(redis: &str, settings: &str) -> Outcome<()> {
    let templates = Templates::make(&*canned::workspace(Path::new(settings))?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let store = runtime.block_on(Redis::connect(redis))?;
    let own = Data::new(Own { store, templates, next: AtomicU64::new(0) });
    let _guard = runtime.enter();
    serve(move |config| {
        config.app_data(own.clone()).route("/{rest:.*}", web::post().to(own_post));
    })
}

/// Serves on a free port, says which on standard output, until killed.
#[expect(clippy::print_stdout, reason = "whoever started it reads the address")]
fn serve(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> Outcome<()> {
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().configure(configure.clone()))
            .workers(WORKERS)
            .keep_alive(Duration::from_secs(30))
            .bind(("127.0.0.1", 0))?;
        for address in server.addrs() {
            println!("{address}");
        }
        server.run().await
    })?;
    Ok(())
}
