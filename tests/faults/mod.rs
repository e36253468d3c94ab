//! `kill -9` of the service, of Redis and of both at random moments under load, restarted at once:
//! what was acknowledged is delivered, once per `webhook-id`, and the store is in order.
//!
//! Three kills each by default; `make faults` sets `FAULTS_KILLS=30`. The seed is printed with the
//! row; `FAULTS_SEED` sets it (the load and the victims' numbers follow it, the processes do not).

#![expect(clippy::print_stdout, reason = "the table and the seeds are for people")]

mod check;
mod clocks;
mod outage;
mod rates;
mod soak;

use outage::{Engine, Victim, strike};

macro_rules! outages {
    ($($name:ident: $engine:ident, $victim:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            strike(Engine::$engine, Victim::$victim).await;
        }
    )*};
}

outages! {
    embedded_the_service_is_killed: Embedded, Service;
    always_the_service_is_killed: RedisAlways, Service;
    always_redis_is_killed: RedisAlways, Redis;
    always_both_are_killed: RedisAlways, Both;
    everysec_the_service_is_killed: RedisEverysec, Service;
    everysec_redis_is_killed: RedisEverysec, Redis;
    everysec_both_are_killed: RedisEverysec, Both;
}
