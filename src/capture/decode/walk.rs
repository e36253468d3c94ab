//! The walk through a JSON document: objects, lists, lists of name and value, down to leaves.

use std::collections::{BTreeMap, HashSet};

use serde_json::value::RawValue;

use super::super::preset::{LabelSettings, ListSettings};
use super::body::is_path;
use super::json::{entries_of, first_of, list_of, pairs, scalar, text_at};
use super::{DecodeError, Leaf, Reader};

/// A walk over one document.
pub(super) struct Walk<'r, 's> {
    /// Address of the body's first byte, if raw tokens are slices of the body.
    base: Option<usize>,
    /// The whole document: names may stand elsewhere in it.
    root: &'r RawValue,
    reader: &'r mut Reader<'s>,
    /// Inside an item of a list of name and value.
    listed: bool,
    /// The names that other lists of the document give to items, each read once.
    labels: Vec<(&'s LabelSettings, BTreeMap<String, String>)>,
}

impl<'r, 's> Walk<'r, 's> {
    /// A walk that has not begun.
    pub(super) fn new(base: Option<usize>, root: &'r RawValue, reader: &'r mut Reader<'s>) -> Self {
        Self { base, root, reader, listed: false, labels: Vec::new() }
    }

    /// Takes a value at a path.
    pub(super) fn value(
        &mut self,
        raw: &RawValue,
        path: &mut Vec<String>,
    ) -> Result<(), DecodeError> {
        if path.len() > self.reader.shape.limits.depth {
            let message = format!("more than {} levels", self.reader.shape.limits.depth);
            return Err(DecodeError::new("too_deep", message));
        }
        self.note_secret(raw, path);
        match raw.get().as_bytes().first() {
            Some(b'{') => self.object(raw, path),
            Some(b'[') => self.list(raw, path),
            _ => {
                let values = scalar(raw)?.into_iter().collect();
                // The caller takes the last key off again: it may as well be taken along.
                let last = path.pop();
                let mut whole = Vec::with_capacity(path.len() + 1);
                whole.extend(path.iter().cloned().chain(last));
                path.push(String::new());
                self.put(whole, values, self.listed, None);
                Ok(())
            }
        }
    }

    /// Where a secret stands, to be taken out of what is kept.
    fn note_secret(&mut self, raw: &RawValue, path: &[String]) {
        if let Some(base) = self.base
            && self.reader.is_secret(path)
        {
            let start = raw.get().as_ptr() as usize - base;
            self.reader.decoded.secret_spans.push(start..start + raw.get().len());
        }
    }

    /// The list of name and value at a path.
    fn list_at(&self, path: &[String]) -> Option<&'s ListSettings> {
        if self.listed {
            return None;
        }
        self.reader.shape.lists.iter().find(|list| is_path(path, &list.at))
    }

    fn object(&mut self, raw: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        if let Some(list) = self.list_at(path) {
            if list.keyed {
                return self.keyed(raw, list, path);
            }
            if self.named(raw, list, (0, None))? {
                return Ok(());
            }
        }
        let most = self.reader.shape.limits.keys;
        let entries = entries_of(raw, most)?;
        self.reader.count(entries.len())?;
        if !has_twins(&entries) {
            for (key, value) in entries {
                path.push(self.reader.key(key));
                self.value(value, path)?;
                path.pop();
            }
            return Ok(());
        }
        self.twins(&entries, path)
    }

    /// Entries of which some have equal keys: the last of them counts, what the others say goes with it as if the key
    /// held a list.
    fn twins(
        &mut self,
        entries: &[(String, &RawValue)],
        path: &mut Vec<String>,
    ) -> Result<(), DecodeError> {
        let mut of_key: BTreeMap<&str, Vec<&RawValue>> = BTreeMap::new();
        for (key, value) in entries {
            of_key.entry(key).or_default().push(value);
        }
        for (key, _) in entries {
            // In the order of the first occurrence; removing makes the later ones pass by.
            let Some(values) = of_key.remove(key.as_str()) else { continue };
            let Some((last, earlier)) = values.split_last() else { continue };
            let key = self.reader.key(key.clone());
            let at = self.reader.decoded.leaves.len();
            for value in std::iter::once(last).chain(earlier) {
                path.push(key.clone());
                if std::ptr::eq(value, last) || value.get() != last.get() {
                    self.value(value, path)?;
                } else {
                    self.note_secret(value, path);
                }
                path.pop();
            }
            self.reader.decoded.key_twice |= earlier.iter().any(|it| it.get() != last.get());
            self.together(at);
        }
        Ok(())
    }

    /// Leaves of one key, the last one said before the others: one leaf, in the order in which they were said.
    fn together(&mut self, at: usize) {
        let leaves = &mut self.reader.decoded.leaves;
        let mut said = leaves.split_off(at);
        if said.iter().all(|leaf| leaf.path == said[0].path) && said.len() > 1 {
            said.rotate_left(1);
            let values =
                said.iter_mut().flat_map(|leaf| std::mem::take(&mut leaf.values)).collect();
            said.truncate(1);
            said[0].values = values;
        }
        leaves.extend(said);
    }

    fn list(&mut self, raw: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        let items = list_of(raw, self.reader.shape.limits.keys)?;
        self.reader.count(items.len())?;
        let named = self.list_at(path).filter(|list| !list.keyed);
        let nested = |item: &&RawValue| item.get().starts_with(['{', '[']);
        if named.is_none() && !items.iter().any(nested) {
            let values = items.into_iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
            self.put(path.clone(), values.into_iter().flatten().collect(), self.listed, None);
            return Ok(());
        }
        for (n, item) in items.into_iter().enumerate() {
            if let Some(list) = named
                && self.named(item, list, (n, None))?
            {
                continue;
            }
            path.push(n.to_string());
            self.value(item, path)?;
            path.pop();
        }
        Ok(())
    }

    /// An object whose members are the items.
    fn keyed(
        &mut self,
        raw: &RawValue,
        list: &'s ListSettings,
        path: &mut Vec<String>,
    ) -> Result<(), DecodeError> {
        let entries = entries_of(raw, self.reader.shape.limits.keys)?;
        self.reader.count(entries.len())?;
        for (n, (key, item)) in entries.into_iter().enumerate() {
            if !self.named(item, list, (n, Some(&key)))? {
                path.push(self.reader.key(key));
                // Its place is known: no list again.
                self.value(item, path)?;
                path.pop();
            }
        }
        Ok(())
    }

    /// An item of a list of name and value. False if it is none: it is then read like anything else.
    fn named(
        &mut self,
        item: &RawValue,
        list: &'s ListSettings,
        (n, key): (usize, Option<&str>),
    ) -> Result<bool, DecodeError> {
        if !item.get().starts_with('{') {
            return Ok(false);
        }
        let most = self.reader.shape.limits.keys;
        let entries = entries_of(item, most)?;
        self.reader.count(entries.len())?;
        let Some(value) = first_of(item, &list.value, most)? else { return Ok(false) };
        let label = match &list.labels {
            Some(labels) => self.label(item, labels)?,
            None => None,
        };
        let name = match label {
            Some(label) => label,
            None => self.name_of(item, list, (n, key))?,
        };
        let name = self.reader.key(name);
        let hint = self.hint(item, list, key)?;
        let mut path: Vec<String> = list.under.iter().cloned().chain([name]).collect();
        self.said_value((item, value), list, &mut path, hint)?;
        for (key, value) in entries.into_iter().filter(|(key, _)| !list.names(key)) {
            let mut path = path.clone();
            path.push(self.reader.key(key));
            self.inside(value, &mut path)?;
        }
        Ok(true)
    }

    /// The value of an item.
    fn said_value(
        &mut self,
        (item, value): (&RawValue, &RawValue),
        list: &ListSettings,
        path: &mut Vec<String>,
        hint: Option<String>,
    ) -> Result<(), DecodeError> {
        let most = self.reader.shape.limits.keys;
        let scalars =
            |items: Vec<&RawValue>| items.into_iter().map(scalar).collect::<Result<Vec<_>, _>>();
        let values = match value.get().as_bytes().first() {
            Some(b'[') => {
                let items = list_of(value, most)?;
                self.reader.count(items.len())?;
                if items.iter().any(|item| item.get().starts_with('{')) {
                    return self.inside(value, path);
                }
                scalars(items)?
            }
            Some(b'{') => return self.inside(value, path),
            _ => scalars(vec![value])?,
        };
        let mut values: Vec<String> = values.into_iter().flatten().collect();
        if let Some(options) = &list.options {
            let known = pairs(item, (&options.at, &options.id, &options.text), most)?;
            for value in &mut values {
                if let Some(text) = known.get(value) {
                    value.clone_from(text);
                }
            }
        }
        self.put(path.clone(), values, true, hint);
        Ok(())
    }

    /// What else an item may count under: by its kind, else by its other name.
    fn hint(
        &self,
        item: &RawValue,
        list: &ListSettings,
        key: Option<&str>,
    ) -> Result<Option<String>, DecodeError> {
        let most = self.reader.shape.limits.keys;
        if let Some(at) = &list.kind
            && let Some(kind) = text_at(item, at, most)?
            && let Some(name) = list.kinds.get(&kind)
        {
            return Ok(Some(name.clone()));
        }
        match (list.also.as_deref(), key) {
            (Some("@key"), Some(key)) => Ok(Some(key.to_owned())),
            (Some(at), _) => text_at(item, at, most),
            (None, _) => Ok(None),
        }
    }

    /// A value that has members of its own.
    fn inside(&mut self, value: &RawValue, path: &mut Vec<String>) -> Result<(), DecodeError> {
        let outer = std::mem::replace(&mut self.listed, true);
        let walked = self.value(value, path);
        self.listed = outer;
        walked
    }

    fn name_of(
        &self,
        item: &RawValue,
        list: &ListSettings,
        (n, key): (usize, Option<&str>),
    ) -> Result<String, DecodeError> {
        for at in &list.name {
            let name = match (at.as_str(), key) {
                ("@key", Some(key)) => Some(key.to_owned()),
                (at, _) => text_at(item, at, self.reader.shape.limits.keys)?,
            };
            if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
                return Ok(name);
            }
        }
        Ok(list.unnamed.clone().unwrap_or_else(|| format!("answer_{}", n + 1)))
    }

    /// The name that another list of the document gives to an item.
    fn label(
        &mut self,
        item: &RawValue,
        settings: &'s LabelSettings,
    ) -> Result<Option<String>, DecodeError> {
        let most = self.reader.shape.limits.keys;
        let Some(id) = text_at(item, &settings.by, most)? else { return Ok(None) };
        if !self.labels.iter().any(|(of, _)| std::ptr::eq(*of, settings)) {
            let known = pairs(self.root, (&settings.at, &settings.id, &settings.label), most)?;
            self.labels.push((settings, known));
        }
        let known = self.labels.iter().find(|(of, _)| std::ptr::eq(*of, settings));
        let label = known.and_then(|(_, known)| known.get(&id));
        Ok(label.filter(|label| !label.trim().is_empty()).cloned())
    }

    fn put(&mut self, path: Vec<String>, values: Vec<String>, listed: bool, hint: Option<String>) {
        let values = self.reader.values(values);
        self.reader.decoded.leaves.push(Leaf { path, values, listed, hint });
    }
}

/// Whether a key stands there twice.
fn has_twins(entries: &[(String, &RawValue)]) -> bool {
    if entries.len() > FEW_KEYS {
        let mut seen = HashSet::with_capacity(entries.len());
        return !entries.iter().all(|(key, _)| seen.insert(key.as_str()));
    }
    let twin = |at: usize| entries[..at].iter().any(|(key, _)| *key == entries[at].0);
    (1..entries.len()).any(twin)
}

/// So many keys are compared with each other sooner than put into a set.
const FEW_KEYS: usize = 32;
