//! Ten ways to misbehave.

use std::net::SocketAddr;

use crate::harness::socket_receiver::Script;

/// How a destination misbehaves.
pub enum Way {
    /// What the receiver does.
    Does(Script),
    /// Its name leads to an address that is not public.
    Leads,
}

pub const NAMES: [&str; 10] =
    ["busy", "silent", "drip", "huge", "redirect", "gone", "private", "reset", "limited", "babble"];

/// The one named so.
pub fn way(name: &str) -> Way {
    let answer =
        |status, header, value: &str| Way::Does(Script::Answer(status, header, value.to_owned()));
    match name {
        "busy" => answer(503, "x-reason", "down for the day"),
        "silent" => Way::Does(Script::Hang),
        "drip" => Way::Does(Script::DripHead),
        "huge" => Way::Does(Script::Huge(1 << 30)),
        "redirect" => answer(302, "location", "http://169.254.169.254/latest/meta-data/"),
        "gone" => answer(410, "x-reason", "moved away"),
        "private" => Way::Leads,
        "reset" => Way::Does(Script::Reset),
        "limited" => answer(429, "retry-after", "2"),
        "babble" => Way::Does(Script::Babble),
        other => panic!("nobody misbehaves like {other}"),
    }
}

/// A name that resolves to the loopback, at a port that nobody opened for us.
pub fn private(beside: SocketAddr) -> String {
    let port = beside.port().checked_sub(1).expect("a port");
    format!("http://localhost:{port}/private")
}
