//! The corpora of `fuzz/` on stable: the same functions fed with every seed, and with what a few turns make of it; and what the
//! heaviest bodies cost in memory.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use lead_router::capture::{Decoding, Request, capture};
use lead_router::domain::Timestamp;
use proptest::prelude::*;
use targets::{Heavy, TARGETS, heaviest, request};

/// Reading a body takes at most so many times its size at once, and this much more (docs/reliability.md).
const TIMES_MAX: u64 = 128;
const MORE_BYTES: u64 = 512 * 1024;

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn every_seed_is_taken_and_so_is_what_is_left_of_it() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        assert!(seeds.len() >= 3, "{name} has too few seeds");
        for seed in seeds {
            let bytes = fs::read(seed).unwrap();
            target(&bytes);
            for part in 1..8 {
                target(&bytes[..bytes.len() * part / 8]);
                target(&bytes[bytes.len() * part / 8..]);
            }
        }
    }
}

#[test]
fn every_decoding_has_a_target() {
    use Decoding::{Card, Csv, Json, Multipart, Ndjson, Urlencoded, Xml};
    assert_eq!(targets::decodings(), [Urlencoded, Multipart, Json, Ndjson, Csv, Xml, Card]);
    let binaries = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml"));
    let (binaries, makefile) = (binaries.unwrap(), include_str!("../../Makefile"));
    let listed = makefile.lines().find_map(|line| line.strip_prefix("FUZZ_TARGETS := ")).unwrap();
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed.split(' ').collect::<Vec<_>>(), names);
    assert!(names.iter().all(|name| binaries.contains(&format!("name = \"{name}\""))));
}

#[test]
fn the_heaviest_bodies_cost_a_multiple_of_their_size() {
    let now = Timestamp::from_millis(1_795_348_800_000);
    for Heavy { preset, source, content_type, batch, body } in heaviest() {
        let request = request(content_type, &body, batch);
        // What is made once, not for each body.
        drop(capture(source, &Request { body: b"x", ..request }, now));
        let most = body.len() as u64 * TIMES_MAX + MORE_BYTES;
        let cost = allocation_counter::measure(|| drop(capture(source, &request, now)));
        let times = cost.bytes_max / body.len() as u64;
        println!("{preset} {content_type}: {} bytes, {times} times that at once", body.len());
        assert!(cost.bytes_max <= most, "{preset} {content_type}: {} of {most}", cost.bytes_max);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn seeds_turned_cut_and_joined_break_nothing(
        target in any::<prop::sample::Index>(), seed in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        turned in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte: u8,
    ) {
        let (name, target) = *target.get(&TARGETS);
        let seeds = corpus(name);
        let mut bytes = fs::read(seed.get(&seeds)).unwrap();
        if !bytes.is_empty() {
            let at = turned.index(bytes.len());
            bytes[at] = byte;
        }
        let kept = cut.index(bytes.len() + 1);
        bytes.truncate(kept);
        bytes.extend(fs::read(other.get(&seeds)).unwrap());
        target(&bytes);
    }
}
