//! Doctor before a real redis-server: as it should be, and wrong in one way at a time.

use serde_json::Value;

use super::doctor::{ended, examined};
use super::newcomer::Newcomer;
use crate::harness::redis::{Server, tell};

/// What doctor says of a store on that server, under a master key of so many equal digits.
fn asked(newcomer: &Newcomer, server: &Server, digit: &str) -> (i32, Value) {
    let key = digit.repeat(64);
    let store = server.url();
    let line = format!("LEAD_ROUTER_KEY={key} lead-router doctor --config leads --store {store}");
    examined(newcomer, &line)
}

#[test]
fn a_redis_as_it_should_be_has_nothing_to_mend() {
    let (newcomer, _) = Newcomer::with_leads();
    let server = Server::start_durable();
    let (_, body) = asked(&newcomer, &server, "a");
    ended(&body, "store", "ok", "redis 7");
    ended(&body, "durability", "ok", "on disk");
    ended(&body, "clock", "ok", "agree");
    ended(&body, "master key", "ok", "LEAD_ROUTER_KEY is set");
    let stores = body["checks"].as_array().unwrap().iter().filter(|f| f["check"] == "store");
    assert!(stores.clone().all(|finding| finding["state"] == "ok"), "{body:#}");
    // The first key marked it: another one finds nobody.
    let (code, body) = asked(&newcomer, &server, "b");
    assert_eq!(code, 2);
    ended(&body, "master key", "broken", "used with another one");
    let (_, body) = asked(&newcomer, &server, "a");
    ended(&body, "master key", "ok", "the one the store was used with");
}

#[test]
fn a_redis_that_loses_leads_is_found() {
    let (newcomer, _) = Newcomer::with_leads();
    let nothing = Server::start();
    let (code, body) = asked(&newcomer, &nothing, "a");
    assert_eq!(code, 2);
    ended(&body, "durability", "broken", "appendonly yes");
    ended(&body, "store", "warning", "appendonly is off");

    let seconds = Server::start_with(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    ended(&asked(&newcomer, &seconds, "a").1, "durability", "warning", "up to two seconds");

    let durable = Server::start_durable();
    let set =
        |name: &str, value: &str| tell(durable.port, &["CONFIG", "SET", name, value]).unwrap();
    set("maxmemory-policy", "allkeys-lru");
    ended(&asked(&newcomer, &durable, "a").1, "store", "warning", "set noeviction");
    set("maxmemory-policy", "noeviction");
    let info: String =
        redis::from_redis_value(tell(durable.port, &["INFO", "memory"]).unwrap()).unwrap();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    let used: u64 = used.trim().parse().unwrap();
    set("maxmemory", &(used + used / 20).to_string());
    ended(&asked(&newcomer, &durable, "a").1, "store", "warning", "(maxmemory)");
}

#[test]
fn a_redis_that_does_not_let_us_in_is_said_without_its_password() {
    let (newcomer, _) = Newcomer::with_leads();
    let server = Server::start_durable();
    tell(server.port, &["CONFIG", "SET", "requirepass", "hunter2-hunter2"]).unwrap();
    let (code, body) = asked(&newcomer, &server, "a");
    assert_eq!(code, 2);
    ended(&body, "store", "broken", "password");
    let wrong = format!("redis://:wrong-wrong@127.0.0.1:{}", server.port);
    let line = format!("lead-router doctor --config leads --store {wrong}");
    let (_, body) = examined(&newcomer, &line);
    ended(&body, "store", "broken", "password");
    assert!(!body.to_string().contains("wrong-wrong"), "{body:#}");
}
