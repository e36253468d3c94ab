//! The published vectors of Standard Webhooks, both ways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::sign::{Secret, SecretError, Signed, VerifyError, key_pair, sign, verify};
use crate::domain::Timestamp;

struct Vector {
    secret: &'static str,
    id: &'static str,
    at: i64,
    body: &'static [u8],
    signature: &'static str,
}

const VECTORS: &[Vector] = &[
    Vector {
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at: 1_614_265_330,
        body: b"{\"test\": 2432232314}",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    Vector {
        secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        at: 1_649_367_553,
        body: b"{\"email\":\"test@example.com\",\"username\":\"test_user\"}",
        signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    },
];

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000 + 999)
}

fn check(
    v: &Vector,
    change: impl FnOnce(&mut (String, String, String, Vec<u8>, i64)),
) -> Result<(), VerifyError> {
    let mut given =
        (v.id.to_owned(), v.at.to_string(), v.signature.to_owned(), v.body.to_vec(), v.at);
    change(&mut given);
    let (id, timestamp, signature, body, now) = &given;
    let secrets = [Secret::parse(v.secret).unwrap()];
    verify(&secrets, Signed { id, timestamp, signature }, body, secs(*now))
}

#[test]
fn the_published_vectors_hold_both_ways() {
    for v in VECTORS {
        let secret = Secret::parse(v.secret).unwrap();
        let bare = Secret::parse(v.secret.trim_start_matches("whsec_")).unwrap();
        for secret in [secret, bare] {
            assert_eq!(sign([&secret], v.id, secs(v.at), v.body), v.signature);
        }
        assert_eq!(check(v, |_| {}), Ok(()));
    }
}

#[test]
fn one_flipped_byte_anywhere_fails() {
    for v in VECTORS {
        for at in 0..v.body.len() {
            assert_eq!(check(v, |g| g.3[at] ^= 1), Err(VerifyError::Signature), "body byte {at}");
        }
        for at in 0..v.id.len() {
            let result = check(v, |g| {
                let mut id = g.0.clone().into_bytes();
                id[at] = if id[at] == b'x' { b'y' } else { b'x' };
                g.0 = String::from_utf8(id).unwrap();
            });
            assert_eq!(result, Err(VerifyError::Signature), "id byte {at}");
        }
        for at in 3..v.signature.len() {
            let result = check(v, |g| {
                let mut text = g.2.clone().into_bytes();
                text[at] = if text[at] == b'A' { b'B' } else { b'A' };
                g.2 = String::from_utf8(text).unwrap();
            });
            assert_eq!(result, Err(VerifyError::Signature), "signature byte {at}");
        }
        assert_eq!(check(v, |g| g.1 = (v.at + 1).to_string()), Err(VerifyError::Signature));
    }
}

#[test]
fn the_negative_cases_of_the_libraries_fail() {
    let v = &VECTORS[0];
    let wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    let other = "v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU=";
    for id in ["", "a.b", "a\nb"] {
        assert_eq!(check(v, |g| g.0 = id.into()), Err(VerifyError::Id));
    }
    for text in ["", "now", "-1614265330", "1614265330.5", "99999999999999999999"] {
        assert_eq!(check(v, |g| g.1 = text.into()), Err(VerifyError::Timestamp), "{text}");
    }
    let v2 = v.signature.replace("v1,", "v2,");
    let cut = &v.signature[..v.signature.len() - 4];
    let many = [wrong; 17].join(" ");
    for signature in ["", "v1,", "v1", v2.as_str(), cut, wrong, other, many.as_str()] {
        let result = check(v, |g| g.2 = signature.into());
        assert_eq!(result, Err(VerifyError::Signature), "{signature}");
    }
    for list in [format!("{wrong} v2,x {other}"), format!("{wrong} {other}")] {
        assert_eq!(check(v, |g| g.2 = list), Err(VerifyError::Signature));
    }
    for list in [format!("{wrong} {}", v.signature), format!("v1a,zzz {} {other}", v.signature)] {
        assert_eq!(check(v, |g| g.2 = list), Ok(()));
    }
    let signed = Signed { id: v.id, timestamp: "1614265330", signature: v.signature };
    assert_eq!(verify(&[], signed, v.body, secs(v.at)), Err(VerifyError::Signature));
}

#[test]
fn five_minutes_are_tolerated_both_ways_and_not_one_second_more() {
    for (off, expected) in [
        (300, Ok(())),
        (-300, Ok(())),
        (301, Err(VerifyError::Tolerance)),
        (-301, Err(VerifyError::Tolerance)),
    ] {
        assert_eq!(check(&VECTORS[0], |g| g.4 += off), expected, "{off}");
    }
}

#[test]
fn during_rotation_every_secret_signs_and_any_verifies() {
    let [a, b] = [VECTORS[0].secret, VECTORS[1].secret].map(|text| Secret::parse(text).unwrap());
    let both = sign(&[a.clone(), b.clone()], "evt_1", secs(100), b"");
    assert_eq!(both.split(' ').count(), 2);
    let signed = Signed { id: "evt_1", timestamp: "100", signature: &both };
    for secret in [a, b] {
        assert_eq!(verify(&[secret], signed, b"", secs(100)), Ok(()));
    }
}

#[test]
fn secrets_are_base64_not_empty_and_never_printed() {
    for empty in ["", "whsec_"] {
        assert_eq!(Secret::parse(empty).unwrap_err(), SecretError::Empty);
    }
    for bad in ["whsec_not base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa"] {
        assert_eq!(Secret::parse(bad).unwrap_err(), SecretError::Base64);
    }
    assert_eq!(format!("{:?}", Secret::parse(VECTORS[0].secret).unwrap()), "Secret");
}

/// Svix's own test of `v1a`, and the public key that belongs to it.
const PAIR: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const SIGNATURE: &str =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

#[test]
fn the_vector_of_v1a_holds_both_ways_and_every_flipped_byte_fails() {
    let v = &VECTORS[0];
    let pair = Secret::parse(PAIR).unwrap();
    assert_eq!(pair.written(), PUBLIC, "the receiver is told the public half");
    assert_eq!(sign([&pair], v.id, secs(v.at), v.body), SIGNATURE);
    let public = [Secret::parse(PUBLIC).unwrap()];
    let (id, timestamp) = (v.id, &v.at.to_string());
    let check = |signature: &str, body: &[u8]| {
        verify(&public, Signed { id, timestamp, signature }, body, secs(v.at))
    };
    assert_eq!(check(SIGNATURE, v.body), Ok(()));
    assert_eq!(check(&format!("v1,AAAA v2,AAAA {SIGNATURE}"), v.body), Ok(()));
    assert_eq!(check(&SIGNATURE.replacen("v1a", "v1", 1), v.body), Err(VerifyError::Signature));
    assert_eq!(check("v1a,", v.body), Err(VerifyError::Signature));
    for at in 0..v.body.len() {
        let mut body = v.body.to_vec();
        body[at] ^= 1;
        assert_eq!(check(SIGNATURE, &body), Err(VerifyError::Signature));
    }
    assert_eq!(sign(&public, v.id, secs(v.at), v.body), "", "a public key does not sign");
    let made = key_pair([7; 32]).unwrap();
    assert!(Secret::parse(&made).is_ok());
    assert_eq!(Secret::parse("whsk_AAAA").unwrap_err(), SecretError::Key);
    let of_another = format!("whsk_{}", STANDARD.encode([[7_u8; 32], [9; 32]].concat()));
    assert_eq!(Secret::parse(&of_another).unwrap_err(), SecretError::Key);
}
