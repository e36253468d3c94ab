//! The guard against a table of its own: whatever an address is written as, and whatever a resolver answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::super::{Egress, EgressSettings, Guard, Refusal};
use crate::domain::ports::{OutboundError, OutboundMethod, OutboundRequest, Resolver, Transport};

/// The ranges that Svix, Hook0 and smokescreen block, together: written out once more, so that a row lost from the guard's
/// own table is missed here.
const BLOCKED: [&str; 28] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/8",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// Whether the table lets an address pass. What NAT64 stands for is judged as what it stands for.
fn passes(ip: IpAddr) -> bool {
    if let IpAddr::V6(six) = ip
        && six.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0]
    {
        let [.., a, b, c, d] = six.octets();
        return passes(Ipv4Addr::new(a, b, c, d).into());
    }
    !BLOCKED.iter().any(|net| net.parse::<IpNet>().unwrap().contains(&ip))
}

fn guard(allow: &[&str]) -> Guard {
    let allow = allow.iter().map(|text| (*text).to_owned()).collect();
    Guard::compile(&EgressSettings { allow, http: true }).unwrap()
}

/// One number of an address, in one of the bases that URLs know.
fn number(value: u32, base: u8) -> String {
    match base % 4 {
        0 => format!("{value}"),
        1 => format!("0x{value:x}"),
        2 => format!("0X{value:X}"),
        _ => format!("0{value:o}"),
    }
}

/// An address of one to four numbers: the last one holds what is left of it.
fn written(bits: u32, parts: u8, bases: [u8; 4]) -> String {
    let mut texts = Vec::new();
    for at in 0..parts - 1 {
        texts.push(number(bits >> (24 - 8 * u32::from(at)) & 0xff, bases[usize::from(at)]));
    }
    let left = bits & (u32::MAX >> (8 * u32::from(parts - 1)));
    texts.push(number(left, bases[3]));
    texts.join(".")
}

/// What browsers and URL parsers take for the same letters.
fn disguised(host: &str, how: u8) -> String {
    let wide = |c: char| match c {
        '.' => '\u{3002}',
        c => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
    };
    match how % 4 {
        0 => host.to_owned(),
        1 => format!("{host}."),
        2 => host.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}")),
        _ => host.chars().map(wide).collect(),
    }
}

/// Mostly at the edges of the table, inside and outside.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let nets: Vec<IpNet> = BLOCKED.iter().map(|net| net.parse().unwrap()).collect();
    let nets: Vec<_> = nets
        .into_iter()
        .filter_map(|net| match net {
            IpNet::V4(net) => Some((net.network().to_bits(), net.broadcast().to_bits())),
            IpNet::V6(_) => None,
        })
        .collect();
    let near =
        (select(nets), any::<u32>(), 0..4_u8).prop_map(|((first, last), noise, how)| match how {
            0 => first.wrapping_sub(1 + noise % 3),
            1 => last.wrapping_add(1 + noise % 3),
            _ => first + noise % (last - first).saturating_add(1),
        });
    prop_oneof![near, any::<u32>()].prop_map(Ipv4Addr::from_bits)
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    let nets: Vec<IpNet> = BLOCKED.iter().map(|net| net.parse().unwrap()).collect();
    let nets: Vec<_> = nets
        .into_iter()
        .filter_map(|net| match net {
            IpNet::V6(net) => Some((net.network().to_bits(), net.broadcast().to_bits())),
            IpNet::V4(_) => None,
        })
        .collect();
    let near =
        (select(nets), any::<u128>(), 0..4_u8).prop_map(|((first, last), noise, how)| match how {
            0 => first.wrapping_sub(1 + noise % 3),
            1 => last.wrapping_add(1 + noise % 3),
            _ => first + noise % (last - first).saturating_add(1),
        });
    // Every form in which an IPv4 address lies in one of IPv6.
    let carried = (v4(), 0..7_u8, any::<u16>()).prop_map(|(four, how, more)| {
        let o = four.octets();
        let [a, b] = [u16::from_be_bytes([o[0], o[1]]), u16::from_be_bytes([o[2], o[3]])];
        let six = match how {
            0 => four.to_ipv6_mapped(),
            1 => four.to_ipv6_compatible(),
            2 => Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b),
            3 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            4 => Ipv6Addr::new(0x64, 0xff9b, 1, more, 0, 0, a, b),
            5 => Ipv6Addr::new(0x2002, a, b, more, 0, 0, 0, 1),
            // Teredo hides the client's address by turning its bits over.
            _ => Ipv6Addr::new(0x2001, 0, more, 1, 0, 0, !a, !b),
        };
        six.to_bits()
    });
    prop_oneof![near, carried, any::<u128>()].prop_map(Ipv6Addr::from_bits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_ipv4_address_is_judged_by_the_table_in_every_notation(
        ip in v4(), parts in 1..=4_u8, bases: [u8; 4], how: u8, port in 1..=u16::MAX,
    ) {
        let host = disguised(&written(ip.to_bits(), parts, bases), how);
        let url = Url::parse(&format!("https://{host}:{port}/hook")).unwrap();
        prop_assert_eq!(url.host_str().unwrap(), ip.to_string(), "{}", host);
        prop_assert_eq!(guard(&[]).check_url(&url).is_ok(), passes(ip.into()), "{}", host);
        prop_assert!(guard(&[]).check_address(true, (ip, port).into()).is_err(), "plain http");
    }

    #[test]
    fn an_ipv6_address_is_judged_by_the_table_in_every_notation(ip in v6(), how in 0..4_u8) {
        let [.., a, b, c, d] = ip.octets();
        let groups: Vec<String> = ip.segments().iter().map(|it| format!("{it:04X}")).collect();
        let host = match how {
            0 => ip.to_string(),
            1 => groups.join(":"),
            2 => groups.join(":").to_lowercase(),
            _ => format!("{}:{a}.{b}.{c}.{d}", groups[..6].join(":")),
        };
        let url = Url::parse(&format!("https://[{host}]/hook")).unwrap();
        prop_assert_eq!(guard(&[]).check_url(&url).is_ok(), passes(ip.into()), "{}", host);
        // With a zone it is no host of a URL at all, and is refused where it would be connected to.
        for zone in ["%25eth0", "%eth0", "%1"] {
            let zoned = format!("https://[{host}{zone}]/hook");
            prop_assert!(Url::parse(&zoned).is_err(), "{}", zoned);
        }
    }

    #[test]
    fn who_and_how_are_judged_before_where(
        ip in v4(), user in "[a-z]{0,5}", word in "[a-z]{1,5}", port: u16,
        scheme in select(vec!["ftp", "file", "gopher", "ws", "ldap", "data", "unix"]),
    ) {
        let open = guard(&["0.0.0.0/0:*"]);
        let judged = |text: &str| Url::parse(text).ok().map(|url| open.check_url(&url));
        let with_user = judged(&format!("https://{user}:{word}@{ip}/"));
        prop_assert_eq!(with_user, Some(Err(Refusal::UserInfo)));
        let other = judged(&format!("{scheme}://{ip}/"));
        prop_assert!(matches!(other, None | Some(Err(Refusal::Scheme))), "{:?}", other);
        let plain = judged(&format!("https://{ip}:{port}/"));
        prop_assert_eq!(plain, Some(if port == 0 { Err(Refusal::Host) } else { Ok(()) }));
    }
}

/// Answers with one list after the other, the last one for ever.
struct Answers {
    lists: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolver for Answers {
    async fn resolve(&self, _host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let at = self.asked.fetch_add(1, Ordering::Relaxed).min(self.lists.len() - 1);
        Ok(self.lists[at].iter().map(|ip| SocketAddr::new(*ip, port)).collect())
    }
}

fn egress(allow: &[&str], lists: Vec<Vec<IpAddr>>) -> (Egress, Arc<Answers>) {
    let answers = Arc::new(Answers { lists, asked: AtomicUsize::new(0) });
    (Egress::new(guard(allow), Arc::clone(&answers) as _).unwrap(), answers)
}

fn request(url: String) -> OutboundRequest {
    OutboundRequest {
        method: OutboundMethod::Post,
        url,
        headers: Vec::new(),
        body: bytes::Bytes::from_static(b"{}"),
        deadline: Duration::from_secs(5),
        wants_headers: false,
        answer_max: OutboundRequest::ANSWER_BYTES,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_bad_address_among_any_refuses_the_name(
        bad in prop_oneof![v4().prop_map(IpAddr::V4), v6().prop_map(IpAddr::V6)],
        others in prop::collection::vec(prop_oneof![v4().prop_map(IpAddr::V4), v6().prop_map(IpAddr::V6)], 0..4),
        at: usize,
    ) {
        prop_assume!(!passes(bad));
        let mut list = others;
        list.insert(at % (list.len() + 1), bad);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (egress, answers) = egress(&[], vec![list]);
        let sent = runtime.block_on(egress.send(request("https://mixed.test/".to_owned())));
        prop_assert_eq!(sent, Err(OutboundError::Blocked));
        prop_assert_eq!(answers.asked.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_at_every_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut served = 0;
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 1024]).await;
            let answer = b"HTTP/1.1 204 OK\r\nconnection: close\r\n\r\n";
            let _ = socket.write_all(answer).await;
            served += 1;
            if served == 2 {
                break;
            }
        }
        served
    });
    let (ours, metadata) = ("127.0.0.1".parse().unwrap(), "169.254.169.254".parse().unwrap());
    let lists = vec![vec![ours], vec![metadata], vec![ours, metadata], vec![ours]];
    let allow = format!("127.0.0.1/32:{port}");
    let (egress, answers) = egress(&[&allow], lists);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let sent = egress.send(request(format!("http://rebinding.test:{port}/"))).await;
        seen.push(sent.map(|answer| answer.status));
    }
    let blocked = Err(OutboundError::Blocked);
    assert_eq!(seen, [Ok(204), blocked, blocked, Ok(204)]);
    assert_eq!((answers.asked.load(Ordering::Relaxed), server.await.unwrap()), (4, 2));
}

#[test]
fn our_own_listener_is_known_in_its_mapped_form_too() {
    let own = vec!["127.0.0.1:8081".parse().unwrap()];
    let guard = guard(&["127.0.0.0/8:*", "::ffff:0:0/96:*"]).with_own(own);
    for (url, judged) in [
        ("https://[::ffff:127.0.0.1]:8081/", Err(Refusal::Own)),
        ("https://[::ffff:127.0.0.1]:8082/", Ok(())),
        ("https://2130706433:8081/", Err(Refusal::Own)),
    ] {
        assert_eq!(guard.check_url(&Url::parse(url).unwrap()), judged, "{url}");
    }
}
