//! Business cards, as badge codes and address books hold them: vCard 2.1, 3.0 and 4.0 (RFC 6350),
//! MECARD and MEMORY (NTT DoCoMo), BIZCARD.

use super::vcard;
use super::{DecodeError, Decoded, Leaf, Reader, Shape};

/// A key path and a value of a card.
pub(super) type Entry = (Vec<&'static str>, String);

/// How cards begin.
const MARKS: [&str; 4] = ["BEGIN:VCARD", "MECARD:", "BIZCARD:", "MEMORY:"];
/// Lines of base64 are this long at least; no word is.
const MEDIA_BYTES_MIN: usize = 50;
/// Bytes of a card; pictures make them long.
const CARD_BYTES_MAX: usize = 256 * 1024;

/// Decodes a body that is a card.
pub(super) fn decode(text: &str, mut reader: Reader) -> Result<Decoded, DecodeError> {
    let entries = entries(text)
        .ok_or_else(|| DecodeError::new("bad_card", "is no vCard, MECARD or BIZCARD"))?;
    for (path, value) in entries {
        reader.leaf(path.into_iter().map(str::to_owned).collect(), vec![value], None)?;
    }
    Ok(reader.finish())
}

/// Each card of a body as a document of its own.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let mut starts: Vec<usize> = upper.match_indices("BEGIN:VCARD").map(|(at, _)| at).collect();
    if starts.is_empty() {
        starts.push(0);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let cards = starts.iter().zip(ends).map(|(start, end)| &text[*start..end]);
    cards.map(|card| serde_json::json!({"card": without_media(card)}).to_string()).collect()
}

/// A card without the lines of its pictures: base64, folded or not.
fn without_media(card: &str) -> String {
    let media = |line: &&str| {
        let line = line.trim();
        // Only at its end is `=` base64; within a line it is quoted-printable.
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
        line.len() >= MEDIA_BYTES_MIN && line.trim_end_matches('=').bytes().all(base64)
    };
    let lines: Vec<&str> = card.split('\n').filter(|line| !media(line)).collect();
    lines.join("\n")
}

/// Puts what cards inside values say in the place of the cards.
pub(super) fn open(decoded: &mut Decoded, shape: Shape) {
    let mut found = Vec::new();
    decoded.leaves.retain(|leaf| {
        let card = leaf.values.last().and_then(|text| entries(text));
        let is_card = card.is_some();
        found.extend(card.into_iter().flatten());
        !is_card
    });
    for (path, mut value) in found {
        decoded.truncated |= super::cut(&mut value, shape.limits.value_bytes);
        let path = path.into_iter().map(str::to_owned).collect();
        decoded.leaves.push(Leaf { path, values: vec![value], listed: false, hint: None });
    }
}

/// What a card says; none if the text is no card.
fn entries(text: &str) -> Option<Vec<Entry>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let mark = MARKS
        .iter()
        .find(|mark| text.get(..mark.len()).is_some_and(|it| it.eq_ignore_ascii_case(mark)))?;
    if text.len() > CARD_BYTES_MAX {
        return None;
    }
    let inner = &text[mark.len()..];
    let entries = match *mark {
        "MECARD:" => mecard(inner),
        "BIZCARD:" => bizcard(inner),
        "MEMORY:" => memory(text),
        _ => vcard::entries(text),
    };
    Some(entries.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

/// `N:Last,First;TEL:…;EMAIL:…;ORG:…;;`
fn mecard(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (key, value) in members(text) {
        match key.to_ascii_uppercase().as_str() {
            "N" => match value.split_once(',') {
                Some((last, first)) => {
                    entries.push((vec!["contact", "last_name"], last.trim().to_owned()));
                    entries.push((vec!["contact", "first_name"], first.trim().to_owned()));
                }
                None => entries.push((vec!["contact", "full_name"], value)),
            },
            "TEL" | "TEL-AV" => entries.push((vec!["contact", "phone"], value)),
            "EMAIL" => entries.push((vec!["contact", "email"], value)),
            "ORG" => entries.push((vec!["company", "name"], value)),
            "TITLE" => entries.push((vec!["contact", "title"], value)),
            "URL" => entries.push((vec!["company", "website"], value)),
            "ADR" => entries.push((vec!["contact", "street"], value)),
            "NOTE" => entries.push((vec!["need", "message"], value)),
            "NICKNAME" => entries.push((vec!["nickname"], value)),
            "BDAY" => entries.push((vec!["birthday"], value)),
            _ => entries.push((vec!["card"], value)),
        }
    }
    entries
}

/// `N:First;X:Last;T:Title;C:Company;A:Address;B:Phone;M:Mobile;E:E-mail;;`
fn bizcard(text: &str) -> Vec<Entry> {
    let path = |key: &str| match key {
        "N" => vec!["contact", "first_name"],
        "X" => vec!["contact", "last_name"],
        "T" => vec!["contact", "title"],
        "C" => vec!["company", "name"],
        "A" => vec!["contact", "street"],
        "B" | "M" => vec!["contact", "phone"],
        "F" => vec!["fax"],
        "E" => vec!["contact", "email"],
        _ => vec!["card"],
    };
    members(text).into_iter().map(|(key, value)| (path(&key.to_ascii_uppercase()), value)).collect()
}

/// Lines `NAME1:…`, `TEL1:…`, `MAIL1:…`, `ADD:…`, `MEMORY:…`.
fn memory(text: &str) -> Vec<Entry> {
    let path = |key: &str| match key {
        "NAME1" => vec!["contact", "full_name"],
        "TEL1" | "TEL2" | "TEL3" => vec!["contact", "phone"],
        "MAIL1" | "MAIL2" | "MAIL3" => vec!["contact", "email"],
        "ADD" => vec!["contact", "street"],
        "MEMORY" => vec!["need", "message"],
        "NAME2" => vec!["name_kana"],
        _ => vec!["card"],
    };
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(key, value)| (path(&key.trim().to_ascii_uppercase()), value.trim().to_owned()))
        .collect()
}

/// `KEY:value;` with `\` before what would end it.
fn members(text: &str) -> Vec<(String, String)> {
    vcard::split(text, ';')
        .into_iter()
        .filter_map(|member| {
            let (key, value) = member.split_once(':')?;
            Some((key.trim().to_owned(), vcard::unescaped(value.trim())))
        })
        .collect()
}
