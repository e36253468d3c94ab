//! The guard over its table.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;
use url::Url;

use super::super::deny::{DENIED_V4, DENIED_V6, is_public};
use super::super::{EgressSettings, Guard, Refusal};

fn guard_of(allow: &[&str], http: bool) -> Guard {
    let allow = allow.iter().map(|text| (*text).to_owned()).collect();
    Guard::compile(&EgressSettings { allow, http }).unwrap()
}

fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
    guard.check_url(&Url::parse(url).unwrap())
}

#[test]
fn known_addresses_are_judged_as_the_registries_say() {
    for bad in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(bad.parse().unwrap()), "{bad}");
    }
    for good in [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "64:ff9b::8.8.8.8",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2003::1",
    ] {
        assert!(is_public(good.parse().unwrap()), "{good}");
    }
}

proptest! {
    #[test]
    fn every_address_inside_a_range_of_the_table_is_refused(
        row in 0..DENIED_V4.len(), noise: u32, row6 in 0..DENIED_V6.len(), noise6: u128,
    ) {
        let (first, length) = DENIED_V4[row];
        let inside = u32::from_be_bytes(first) | (noise & (u32::MAX >> length));
        let v4 = Ipv4Addr::from_bits(inside);
        prop_assert!(!is_public(v4.into()), "{v4}");
        // The same address in every embedded form.
        let o = v4.octets();
        let [a, b] = [u16::from_be_bytes([o[0], o[1]]), u16::from_be_bytes([o[2], o[3]])];
        for embedded in [
            v4.to_ipv6_mapped(),
            v4.to_ipv6_compatible(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, a, b),
            Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 0),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b),
        ] {
            prop_assert!(!is_public(embedded.into()), "{embedded}");
        }
        let (first, length) = DENIED_V6[row6];
        let inside = Ipv6Addr::from(first).to_bits() | (noise6 & (u128::MAX >> length));
        let v6 = Ipv6Addr::from_bits(inside);
        let nat64 = v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
        prop_assert!(nat64 || !is_public(v6.into()), "{v6}");
    }

    #[test]
    fn what_is_refused_as_an_address_is_refused_in_every_notation(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let [a, b, c, d] = v4.octets();
        let expected = is_public(IpAddr::V4(v4));
        let guard = guard_of(&[], true);
        for host in [
            format!("{v4}"), format!("{bits}"), format!("0x{bits:x}"), format!("0{bits:o}"),
            format!("0x{a:x}.0{b:o}.{c}.0x{d:x}"), format!("{a}.{}", bits & 0x00ff_ffff), format!("{v4}."),
        ] {
            let found = check(&guard, &format!("https://{host}/hook")).is_ok();
            prop_assert_eq!(found, expected, "{}", host);
        }
        let mapped = check(&guard, &format!("https://[{}]/", v4.to_ipv6_mapped()));
        prop_assert!(mapped.is_err());
    }
}

#[test]
fn a_url_needs_https_and_no_user_info() {
    let guard = guard_of(&[], false);
    assert_eq!(check(&guard, "https://crm.example/hook"), Ok(()));
    assert_eq!(check(&guard, "https://crm.example:8443/hook"), Ok(()));
    assert_eq!(check(&guard, "http://crm.example/hook"), Err(Refusal::PlainHttp));
    assert_eq!(check(&guard, "ftp://crm.example/hook"), Err(Refusal::Scheme));
    assert_eq!(check(&guard, "file:///etc/passwd"), Err(Refusal::Scheme));
    assert_eq!(check(&guard, "https://a:b@crm.example/"), Err(Refusal::UserInfo));
    assert_eq!(check(&guard, "https://a@crm.example/"), Err(Refusal::UserInfo));
    assert_eq!(check(&guard, "https://crm.example:0/"), Err(Refusal::Host));
    assert_eq!(check(&guard, "https://169.254.169.254/latest"), Err(Refusal::Address));
    assert_eq!(check(&guard, "http://8.8.8.8/"), Err(Refusal::PlainHttp));
}

#[test]
fn the_allow_list_opens_an_address_on_its_port_only() {
    let guard = guard_of(&["127.0.0.1/32:8080", "10.0.0.0/8:*", "[fd00::]/8:443"], false);
    assert_eq!(check(&guard, "http://127.0.0.1:8080/"), Ok(()));
    assert_eq!(check(&guard, "https://127.0.0.1:8080/"), Ok(()));
    assert_eq!(check(&guard, "http://127.0.0.1:8081/"), Err(Refusal::Address));
    assert_eq!(check(&guard, "https://10.9.8.7:1234/"), Ok(()));
    assert_eq!(check(&guard, "http://10.9.8.7:1234/"), Err(Refusal::PlainHttp));
    assert_eq!(check(&guard, "https://[fd00::1]/"), Ok(()));
    assert_eq!(check(&guard, "https://[fd00::1]:444/"), Err(Refusal::Address));
    // The mapped form of an allowed address is another address.
    assert_eq!(check(&guard, "https://[::ffff:10.9.8.7]:1234/"), Err(Refusal::Address));
    let plain = guard_of(&["10.0.0.0/8:80"], true);
    assert_eq!(check(&plain, "http://10.9.8.7/"), Ok(()));
    assert_eq!(check(&plain, "http://8.8.8.8/"), Err(Refusal::PlainHttp));
}

#[test]
fn the_service_never_calls_itself() {
    let own: Vec<SocketAddr> =
        vec!["0.0.0.0:8081".parse().unwrap(), "127.0.0.1:8080".parse().unwrap()];
    let guard = guard_of(&["127.0.0.0/8:*"], true).with_own(own);
    assert_eq!(check(&guard, "http://127.0.0.1:8080/"), Err(Refusal::Own));
    assert_eq!(check(&guard, "http://127.0.0.1:8081/"), Err(Refusal::Own));
    assert_eq!(check(&guard, "http://127.0.0.1:8082/"), Ok(()));
}

#[test]
fn entries_that_are_no_cidr_and_port_are_setting_problems() {
    let allow = ["10.0.0.0/8", "10.0.0.0/8:0", "10.0.0.0/33:1", "nowhere:80", "10.0.0.0/8:443"];
    let allow = allow.iter().map(|text| (*text).to_owned()).collect();
    let problems = Guard::compile(&EgressSettings { allow, http: false }).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["allow[0]", "allow[1]", "allow[2]", "allow[3]"]);
    assert_eq!(guard_of(&["10.1.2.3/8:443"], false).allowed(), ["10.0.0.0/8:443"]);
}
