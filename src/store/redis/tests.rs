//! What of the Redis engine needs no server.

use super::address::{Address, Shape};
use super::server;

fn shape(url: &str) -> Result<(Shape, Vec<String>, bool), String> {
    Address::parse(url)
        .map(|a| (a.shape, a.nodes.iter().map(|n| n.addr().to_string()).collect(), a.tls))
        .map_err(|error| error.to_string())
}

#[test]
fn addresses_are_read() {
    let one = |host: &str| vec![host.to_owned()];
    assert_eq!(shape("redis://h"), Ok((Shape::Single, one("h:6379"), false)));
    assert_eq!(shape("rediss://u:p%40@h:7/2"), Ok((Shape::Single, one("h:7"), true)));
    assert_eq!(shape("redis://[::1]:7"), Ok((Shape::Single, one("::1:7"), false)));
    let pair = vec!["a:1".to_owned(), "b:26379".to_owned()];
    assert_eq!(
        shape("redis-sentinel://a:1,b/leads?sentinel_password=x"),
        Ok((Shape::Sentinel("leads".into()), pair, false))
    );
    let pair = vec!["a:1".to_owned(), "b:2".to_owned()];
    assert_eq!(shape("rediss-cluster://a:1,b:2"), Ok((Shape::Cluster, pair, true)));
}

#[test]
fn a_login_is_decoded_and_kept() {
    let address = Address::parse("redis-cluster://app:s%2Fecret@a:1,b:2").unwrap();
    assert_eq!(address.login().username(), Some("app"));
    assert_eq!(address.login().password(), Some("s/ecret"));
    assert!(!format!("{address:?}").contains("ecret"));
}

#[test]
fn wrong_addresses_are_refused_without_telling_the_password() {
    for url in [
        "h:6379",
        "http://h",
        "redisx://h",
        "redis://",
        "redis://u:hunter2@a,b",
        "redis-sentinel://u:hunter2@a:1",
        "redis-cluster://u:hunter2@a:1/3",
        "redis://u:hunter2@h:99999999",
        "redis://u:hunter2@h?ca=/nowhere",
        "rediss://u:hunter2@h?ca=/nowhere",
        "redis://h?verify=no",
        "rediss://u:hunter2@h/#insecure",
    ] {
        let error = shape(url).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn servers_are_judged_by_what_they_say_of_themselves() {
    let good = "redis_version:7.2.4\r\nmaxmemory:0\r\nused_memory:900\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\naof_last_write_status:ok\r\n";
    let said = |from: &str, to: &str| server::judge(&good.replace(from, to));
    assert_eq!(server::judge(good).unwrap().warnings, [""; 0]);
    let old = said("7.2.4", "6.2.14").unwrap_err().to_string();
    assert!(old.contains("Redis 7 or newer") && old.contains("6.2.14"), "{old}");
    for (from, to, wanted) in [
        (":noeviction", ":allkeys-lru", "set noeviction"),
        ("maxmemory:0", "maxmemory:999", "(maxmemory)"),
        ("write_status:ok", "write_status:err", "could not be written"),
        ("aof_enabled:1", "aof_enabled:0", "appendonly is off"),
    ] {
        let warnings = said(from, to).unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(wanted), "{to}: {warnings:?}");
    }
}
