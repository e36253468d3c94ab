//! Connections: a multiplexed one per thread, made when first needed and anew when it breaks. Nothing
//! waits longer than its bounds, and a restarted or failed-over server is found again by the next call.
//!
//! A connection's task lives on the runtime that made it. Each of the public listener's threads has a
//! runtime of its own; with a connection of its own the answers to what it asks never cross to
//! another thread, and what it asks together goes out together. (Commits are sent from elsewhere: joined.rs.)

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::cluster::ClusterClientBuilder;
use ::redis::cluster_async::ClusterConnection;
use ::redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value,
};
use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use super::address::{Address, Shape, tcp};
use super::fault::{Effect, Fault};
use super::script::{LIBRARY, Library};
use crate::domain::ports::StoreError;

/// How long making a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// After a failed connect, callers are told so at once for this long.
const QUIET_AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Connections to one server at most: two per core (the listeners' threads and the runtime's) and a few
/// for the rest. With more threads than that, some share.
fn connections_max() -> usize {
    2 * std::thread::available_parallelism().map_or(2, usize::from) + 4
}

/// Which connection this thread uses, counted over the process.
pub(super) fn turn() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static TURN: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    TURN.with(|turn| *turn)
}

/// One command is sent at most so often.
const TRIES_MAX: u32 = 4;
/// A cluster's connection mends its nodes itself; after so many lost replies in a row it is replaced.
const CLUSTER_LOSSES_MAX: u32 = 3;

/// Whether a command may be sent again when its reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Twice is as good as once.
    Harmless,
    /// Only if it surely had no effect.
    IfUnsent,
}

#[derive(Clone)]
enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

struct Live {
    wire: Wire,
    /// Replies lost in a row.
    lost: AtomicU32,
}

#[derive(Default)]
struct Slot {
    live: ArcSwapOption<Live>,
    /// Held while connecting: the others wait for the same attempt. When and how the last one failed.
    failed: Mutex<Option<(Instant, StoreError)>>,
}

/// The way to the servers of one address.
pub(super) struct Link {
    address: Address,
    slots: Vec<Slot>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Link").field(&self.address).finish()
    }
}

impl Link {
    /// Connects nothing yet.
    pub(super) fn new(address: Address) -> Self {
        let slots = (0..connections_max()).map(|_| Slot::default()).collect();
        Self { address, slots }
    }

    /// How many connections there are at most.
    pub(super) fn connections(&self) -> usize {
        self.slots.len()
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn send(&self, cmd: &Cmd, repeat: Repeat) -> Result<Value, StoreError> {
        self.send_or_load(cmd, repeat, None).await
    }

    /// Sends the call of a function; a server that does not know the library is told it.
    pub(super) async fn send_call(&self, cmd: &Cmd, repeat: Repeat) -> Result<Value, StoreError> {
        self.send_or_load(cmd, repeat, Some(&LIBRARY)).await
    }

    /// Sends a command to every master of a cluster, or to the one server; an answer each.
    pub(super) async fn send_everywhere(&self, cmd: &Cmd) -> Result<Vec<Value>, StoreError> {
        let slot = &self.slots[0];
        let live = self.live(slot).await.map_err(|fault| fault.error)?;
        let sent = match live.wire.clone() {
            Wire::One(mut connection) => {
                cmd.query_async::<Value>(&mut connection).await.map(|answer| vec![answer])
            }
            Wire::Cluster(mut connection) => {
                let everywhere =
                    RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                connection.route_command(cmd.clone(), everywhere).await.map(|answer| match answer {
                    Value::Map(pairs) => pairs.into_iter().map(|(_, answer)| answer).collect(),
                    other => vec![other],
                })
            }
        };
        sent.map_err(|error| self.judge(slot, &live, &error).error)
    }

    async fn send_or_load(
        &self,
        cmd: &Cmd,
        repeat: Repeat,
        library: Option<&Library>,
    ) -> Result<Value, StoreError> {
        let slot = &self.slots[turn() % self.slots.len()];
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match self.try_once(slot, cmd, library).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let again = match fault.effect {
                Effect::None => true,
                Effect::Unknown => repeat == Repeat::Harmless,
                Effect::Answered => false,
            };
            if !again || tries >= TRIES_MAX {
                return Err(fault.error);
            }
            tokio::time::sleep(Duration::from_millis(25) * tries * tries).await;
        }
    }

    async fn try_once(
        &self,
        slot: &Slot,
        cmd: &Cmd,
        library: Option<&Library>,
    ) -> Result<Value, Fault> {
        let live = self.live(slot).await?;
        let answer = match live.wire.clone() {
            Wire::One(mut connection) => ask(&mut connection, cmd, library).await,
            Wire::Cluster(mut connection) => ask(&mut connection, cmd, library).await,
        };
        match answer {
            Ok(answer) => {
                live.lost.store(0, Ordering::Relaxed);
                Ok(answer)
            }
            Err(error) => Err(self.judge(slot, &live, &error)),
        }
    }

    /// Judges an error and lets go of a connection that is of no use any more.
    fn judge(&self, slot: &Slot, live: &Arc<Live>, error: &RedisError) -> Fault {
        let fault = Fault::of(error);
        let patience = if self.address.shape == Shape::Cluster { CLUSTER_LOSSES_MAX } else { 1 };
        if fault.reconnect && live.lost.fetch_add(1, Ordering::Relaxed) + 1 >= patience {
            let now = slot.live.load();
            if now.as_ref().is_some_and(|now| Arc::ptr_eq(now, live)) {
                slot.live.compare_and_swap(&now, None);
            }
        }
        fault
    }

    /// The slot's connection, made if there is none.
    async fn live(&self, slot: &Slot) -> Result<Arc<Live>, Fault> {
        if let Some(live) = slot.live.load_full() {
            return Ok(live);
        }
        let mut failed = slot.failed.lock().await;
        if let Some(live) = slot.live.load_full() {
            return Ok(live);
        }
        if let Some((at, error)) = &*failed
            && at.elapsed() < QUIET_AFTER_FAILURE
        {
            let error = error.clone();
            return Err(Fault { error, effect: Effect::None, reconnect: false });
        }
        let fault = match tokio::time::timeout(CONNECT_MAX, self.connect()).await {
            Ok(Ok(wire)) => {
                let live = Arc::new(Live { wire, lost: AtomicU32::new(0) });
                slot.live.store(Some(Arc::clone(&live)));
                *failed = None;
                return Ok(live);
            }
            Ok(Err(error)) => Fault::of(&error),
            Err(_) => Fault::unreached("no connection in time"),
        };
        *failed = Some((Instant::now(), fault.error.clone()));
        // Nothing was sent, whatever went wrong; what is refused stays refused for now.
        let refused = matches!(fault.error, StoreError::Refused(_));
        let effect = if refused { Effect::Answered } else { Effect::None };
        Err(Fault { effect, ..fault })
    }

    async fn connect(&self) -> RedisResult<Wire> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_MAX))
            .set_response_timeout(Some(ANSWER_MAX));
        match &self.address.shape {
            Shape::Single => {
                let node = self.address.nodes[0].clone();
                let client = match self.address.certificates() {
                    Some(certificates) => Client::build_with_tls(node, certificates)?,
                    None => Client::open(node)?,
                };
                let made = client.get_multiplexed_async_connection_with_config(&config).await?;
                Ok(Wire::One(made))
            }
            Shape::Sentinel(master) => {
                let mut client = self.address.sentinel(master)?;
                Ok(Wire::One(client.get_async_connection_with_config(&config).await?))
            }
            // No retries inside: a lost reply must not be answered by sending again, and we send
            // again ourselves what may be.
            Shape::Cluster => {
                let mut builder = ClusterClientBuilder::new(self.address.nodes.clone())
                    .connection_timeout(CONNECT_MAX)
                    .response_timeout(ANSWER_MAX)
                    .retries(0)
                    .tcp_settings(tcp());
                if let Some(certificates) = self.address.certificates() {
                    builder = builder.certs(certificates);
                }
                Ok(Wire::Cluster(builder.build()?.get_async_connection().await?))
            }
        }
    }
}

async fn ask(
    connection: &mut impl ::redis::aio::ConnectionLike,
    cmd: &Cmd,
    library: Option<&Library>,
) -> RedisResult<Value> {
    let answer = cmd.query_async::<Value>(connection).await;
    match (answer, library) {
        (Err(error), Some(library)) if is_unknown_function(&error) => {
            library.load().query_async::<()>(connection).await?;
            cmd.query_async::<Value>(connection).await
        }
        (answer, _) => answer,
    }
}

/// There is no code of its own for it: "ERR Function not found", in Redis and Valkey.
fn is_unknown_function(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError)
        && error.detail().is_some_and(|detail| detail.starts_with("Function not found"))
}
