//! Request id and W3C trace context, from the caller or made here.

use actix_web::HttpRequest;

use crate::domain::RequestId;

/// Longest request id taken from a caller.
const ID_CHARS_MAX: usize = 64;

/// The caller's `X-Request-Id` if it is short and plain, else a fresh one.
pub fn request_id(request: &HttpRequest, fresh: [u8; 16]) -> String {
    let given = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        !id.is_empty()
            && id.len() <= ID_CHARS_MAX
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            // An id is ours to log: nothing that could be a phone number, a name or an address.
            && id.bytes().any(|b| b.is_ascii_digit())
            && id.len() >= 16
    };
    given.filter(plain).map_or_else(|| RequestId::from_bytes(fresh).to_string(), str::to_owned)
}

/// The `traceparent` to pass on (<https://www.w3.org/TR/trace-context/>): the caller's if well
/// formed, else one that begins here.
pub fn traceparent(request: &HttpRequest, fresh: [u8; 16]) -> String {
    let given = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    if let Some(parent) = given.filter(|text| well_formed(text)) {
        return parent.to_owned();
    }
    let trace = uuid::Uuid::from_bytes(fresh).simple();
    let span = u64::from_be_bytes([
        fresh[8], fresh[9], fresh[10], fresh[11], fresh[12], fresh[13], fresh[14], fresh[15],
    ]) | 1;
    format!("00-{trace}-{span:016x}-00")
}

fn well_formed(text: &str) -> bool {
    let hex = |part: &str, length: usize| {
        part.len() == length
            && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let nonzero = |part: &str| part.bytes().any(|b| b != b'0');
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [version, trace, span, flags]
        if *version == "00" && hex(trace, 32) && nonzero(trace) && hex(span, 16) && nonzero(span) && hex(flags, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_good_traceparent_goes_on_and_a_bad_one_is_replaced() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let with = |value: &str| {
            TestRequest::default().insert_header(("traceparent", value)).to_http_request()
        };
        assert_eq!(traceparent(&with(good), [1; 16]), good);
        for bad in ["", "00-0-0-0", &good.to_uppercase(), &good[..50]] {
            let made = traceparent(&with(bad), [1; 16]);
            assert!(well_formed(&made) && made != bad, "{bad} -> {made}");
        }
    }

    #[test]
    fn a_request_id_that_might_be_personal_is_replaced() {
        let with = |value: &str| {
            TestRequest::default().insert_header(("x-request-id", value)).to_http_request()
        };
        assert_eq!(request_id(&with("0190a1b2c3d4e5f60718"), [1; 16]), "0190a1b2c3d4e5f60718");
        for bad in ["", "ann@zanzotter.example", "Ann Zanzotter", "short1", &"9".repeat(65)] {
            assert!(request_id(&with(bad), [1; 16]).starts_with("req_"), "{bad}");
        }
    }
}
