//! A form whose bracket keys describe items (`fields[email][value]`, `fields[email][type]`): the keys as an
//! object again, read like JSON.

use serde_json::{Map, Value};

use super::{DecodeError, Decoded, Leaf, Reader, Shape, json};

/// The same, with the preset's lists read.
pub(super) fn decode(flat: Decoded, shape: Shape) -> Result<Decoded, DecodeError> {
    let mut root = Map::new();
    let mut beside = Vec::new();
    for leaf in flat.leaves {
        let value = match leaf.values.as_slice() {
            [only] => Value::from(only.clone()),
            values => Value::from(values.to_vec()),
        };
        if !placed(&mut root, &leaf.path, value) {
            beside.push(leaf);
        }
    }
    let text = Value::Object(root).to_string();
    let mut decoded = json::decode_text(&text, Reader::new(shape))?;
    decoded.leaves.extend::<Vec<Leaf>>(beside);
    decoded.truncated |= flat.truncated;
    decoded.key_twice |= flat.key_twice;
    decoded.secret_spans = flat.secret_spans;
    Ok(decoded)
}

/// False if something else stands in the way (`a=1&a[b]=2`).
fn placed(object: &mut Map<String, Value>, path: &[String], value: Value) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        let free = !object.contains_key(first);
        if free {
            let _ = object.insert(first.clone(), value);
        }
        return free;
    }
    let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => placed(inner, rest, value),
        _ => false,
    }
}
