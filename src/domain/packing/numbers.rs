//! Ids, digits and times in quotes: as their bytes.

/// With the opening quote; the place is the code.
pub(super) const IDS: [&[u8]; 6] =
    [b"\"inq_", b"\"lead_", b"\"dlv_", b"\"evt_", b"\"att_", b"\"req_"];

pub(super) const HEX: u8 = 6;

pub(super) const TIME: u8 = 7;

pub(super) const DIGITS: usize = 32;

/// In quotes.
const TIME_TEXT: usize = 26;

/// An id, digits or a time in quotes; how many bytes it took.
pub(super) fn pack_number(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let second = *text.get(1)?;
    // Most texts are none of these: the second byte tells.
    if !matches!(second, b'0'..=b'9' | b'a'..=b'f' | b'i' | b'l' | b'r') {
        return None;
    }
    if !second.is_ascii_digit()
        && matches!((text.get(4), text.get(5)), (Some(b'_'), _) | (_, Some(b'_')))
    {
        for (code, prefix) in (0..).zip(IDS) {
            if text.starts_with(prefix) {
                let digits = hex(&text[prefix.len()..])?;
                out.push(code);
                out.extend(digits);
                return Some(prefix.len() + DIGITS + 1);
            }
        }
    }
    if let Some(millis) = time(text) {
        out.push(TIME);
        out.extend_from_slice(&millis.to_be_bytes()[2..]);
        return Some(TIME_TEXT);
    }
    let digits = hex(text.get(1..)?)?;
    out.push(HEX);
    out.extend(digits);
    Some(1 + DIGITS + 1)
}

/// The milliseconds of a time in quotes, in exactly the form in which times are written.
pub(super) fn time(text: &[u8]) -> Option<u64> {
    const FORM: &[u8; TIME_TEXT] = b"\"0000-00-00T00:00:00.000Z\"";
    let text: &[u8; TIME_TEXT] = text.first_chunk()?;
    if text[TIME_TEXT - 1] != b'"' {
        return None;
    }
    let fits = text.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| {
        text[from..to].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    };
    let (year, month, day) = (number(1, 5), number(6, 8), number(9, 11));
    let (hour, minute, second) = (number(12, 14), number(15, 17), number(18, 20));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if !(1970..9999).contains(&year) || !(1..=days).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since the epoch, counting years from March (Howard Hinnant's algorithm).
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + number(21, 24))
}

/// Sixteen bytes of as many pairs of lower-case digits, if the closing quote follows.
fn hex(text: &[u8]) -> Option<[u8; 16]> {
    let digits = text.get(..DIGITS).filter(|_| text.get(DIGITS) == Some(&b'"'))?;
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}
