//! vCard 2.1, 3.0 and 4.0 (RFC 6350): folded lines, quoted-printable, escapes, groups, several values of
//! which the preferred one goes first.

use encoding_rs::Encoding;

use super::card::Entry;
use super::text::text_of;

/// What says nothing about the person.
const TECHNICAL: [&str; 7] = ["BEGIN", "END", "VERSION", "REV", "PRODID", "PROFILE", "SOURCE"];

/// One line: `group.NAME;PARAMETER=…:value`.
struct Property<'a> {
    name: String,
    parameters: Vec<&'a str>,
    value: String,
}

impl Property<'_> {
    fn has(&self, word: &str) -> bool {
        self.parameters.iter().any(|parameter| {
            let value = parameter.split_once('=').map_or(*parameter, |(_, value)| value);
            value.trim_matches('"').split(',').any(|it| it.trim().eq_ignore_ascii_case(word))
        })
    }

    fn preferred(&self) -> bool {
        let numbered =
            |it: &&&str| it.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("pref="));
        self.has("pref") || self.parameters.iter().any(|it| numbered(&it))
    }
}

/// What a card says, the preferred of several first.
pub(super) fn entries(text: &str) -> Vec<Entry> {
    let lines = unfolded(text);
    let mut properties: Vec<Property> = lines.iter().filter_map(|line| property(line)).collect();
    properties.sort_by_key(|property| !property.preferred());
    let named = properties.iter().any(|property| property.name == "FN");
    let mut entries = Vec::new();
    for property in properties {
        push(&mut entries, &property, named);
    }
    entries
}

fn push(entries: &mut Vec<Entry>, property: &Property, named: bool) {
    let Property { name, value, .. } = property;
    let whole = || unescaped(value);
    let parts = || -> Vec<String> { split(value, ';').iter().map(|it| unescaped(it)).collect() };
    let mut put =
        |path: Vec<&'static str>, value: String| entries.push((path, value.trim().to_owned()));
    match name.as_str() {
        "FN" => put(vec!["contact", "full_name"], whole()),
        "N" => {
            let parts = parts();
            let part = |n: usize| parts.get(n).cloned().unwrap_or_default();
            let filled = parts.iter().filter(|part| !part.trim().is_empty()).count();
            if filled == 1 && !named {
                put(vec!["contact", "full_name"], parts.join(" "));
                return;
            }
            put(vec!["contact", "last_name"], part(0));
            put(vec!["contact", "first_name"], part(1));
            put(vec!["middle_name"], part(2));
            put(vec!["name_prefix"], part(3));
            put(vec!["name_suffix"], part(4));
        }
        "ORG" => {
            let mut parts = parts().into_iter();
            put(vec!["company", "name"], parts.next().unwrap_or_default());
            put(vec!["department"], parts.collect::<Vec<_>>().join(", "));
        }
        "TITLE" => put(vec!["contact", "title"], whole()),
        "ROLE" => put(vec!["card_role"], whole()),
        "EMAIL" => put(vec!["contact", "email"], whole()),
        "TEL" if property.has("fax") => put(vec!["fax"], whole()),
        "TEL" => {
            let text = whole();
            let bare = text.get(..4).filter(|it| it.eq_ignore_ascii_case("tel:"));
            put(vec!["contact", "phone"], text[bare.map_or(0, str::len)..].to_owned());
        }
        "ADR" => {
            let parts = parts();
            let part = |n: usize| parts.get(n).cloned().unwrap_or_default();
            let lines: Vec<String> =
                [part(0), part(1), part(2)].into_iter().filter(|it| !it.is_empty()).collect();
            put(vec!["contact", "street"], lines.join(", "));
            put(vec!["contact", "city"], part(3));
            put(vec!["contact", "region"], part(4));
            put(vec!["contact", "postal_code"], part(5));
            put(vec!["contact", "country"], part(6));
        }
        "URL" => put(vec!["company", "website"], whole()),
        "NOTE" => put(vec!["need", "message"], whole()),
        "LANG" => put(vec!["contact", "language"], whole()),
        "NICKNAME" => put(vec!["nickname"], whole()),
        "BDAY" => put(vec!["birthday"], whole()),
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => put(vec!["card_media"], name.to_lowercase()),
        known if TECHNICAL.contains(&known) => {}
        _ => put(vec!["card"], format!("{}: {}", name.to_lowercase(), whole())),
    }
}

/// Lines with their continuations: a blank at the start, or `=` at the end of quoted-printable.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n').map(|line| line.trim_end_matches('\r')) {
        let soft = |last: &String| last.ends_with('=') && is_quoted_printable(last);
        match (lines.last_mut(), line.strip_prefix([' ', '\t'])) {
            (Some(last), _) if soft(last) => {
                let _ = last.pop();
                last.push_str(line);
            }
            (Some(last), Some(more)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn is_quoted_printable(line: &str) -> bool {
    let head = line.split_once(':').map_or("", |(head, _)| head);
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

fn property(line: &str) -> Option<Property<'_>> {
    let (head, value) = line.split_once(':')?;
    let mut parts = head.split(';');
    let name = parts.next()?.rsplit('.').next()?.trim().to_ascii_uppercase();
    let parameters: Vec<&str> = parts.collect();
    let value = if is_quoted_printable(line) {
        let charset = parameters.iter().find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("charset").then_some(value)
        });
        let bytes = from_quoted_printable(value);
        match charset.and_then(|label| Encoding::for_label(label.as_bytes())) {
            Some(encoding) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
            None => text_of(&bytes),
        }
    } else {
        value.to_owned()
    };
    (!name.is_empty()).then_some(Property { name, parameters, value })
}

fn from_quoted_printable(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| {
        char::from(*byte?).to_digit(16).and_then(|value| u8::try_from(value).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, digit(tail.first()), digit(tail.get(1))) {
            (b'=', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest = &tail[2..];
            }
            _ => bytes.push(byte),
        }
    }
    bytes
}

/// Parts between separators that no backslash stands before.
pub(super) fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == separator {
            parts.push(String::new());
            continue;
        }
        let Some(part) = parts.last_mut() else { break };
        part.push(character);
        if character == '\\' {
            part.extend(characters.next());
        }
    }
    parts
}

/// `\n`, `\,`, `\;`, `\\` and `\:` undone.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            other => plain.push(other),
        }
    }
    plain
}
