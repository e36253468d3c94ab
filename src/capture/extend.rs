//! A preset over another: what the first says goes before, and what a name means in it no longer means
//! anything else.

use std::collections::BTreeSet;

use super::names::compact;
use super::preset::PresetSettings;

/// `own` with the names, lists, consents and technical values of `base` after its own. How it posts,
/// proves itself and wants to be answered is always its own.
pub(super) fn extended(own: &PresetSettings, base: &PresetSettings) -> PresetSettings {
    let mut whole = own.clone();
    let taken = names_of(own);
    let free = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| !taken.contains(&compact(name))).cloned().collect()
    };
    for (field, names) in &base.fields {
        whole.fields.entry(*field).or_default().extend(free(names));
    }
    for (key, names) in &base.attribution {
        whole.attribution.entry(key.clone()).or_default().extend(free(names));
    }
    for consent in &base.consents {
        let mut consent = consent.clone();
        consent.keys = free(&consent.keys);
        consent.text = free(&consent.text);
        whole.consents.push(consent);
    }
    let when = &mut whole.occurred_at;
    when.keys.extend(free(&base.occurred_at.keys));
    when.times.extend(free(&base.occurred_at.times));
    when.zones.extend(free(&base.occurred_at.zones));
    whole.technical.keys.extend(free(&base.technical.keys));
    append(&mut whole.technical.prefixes, &base.technical.prefixes);
    append(&mut whole.technical.under, &base.technical.under);
    append(&mut whole.wrappers, &base.wrappers);
    append(&mut whole.attribution_prefixes, &base.attribution_prefixes);
    append(&mut whole.event_id, &base.event_id);
    append(&mut whole.is_test, &base.is_test);
    append(&mut whole.thanks_page, &base.thanks_page);
    append(&mut whole.started_at, &base.started_at);
    append(&mut whole.honeypots, &base.honeypots);
    append(&mut whole.redact, &base.redact);
    for (path, means) in &base.places {
        whole.places.entry(path.clone()).or_insert_with(|| means.clone());
    }
    whole.lists.extend(base.lists.iter().cloned());
    whole
}

fn append(own: &mut Vec<String>, base: &[String]) {
    let more: Vec<String> = base.iter().filter(|name| !own.contains(name)).cloned().collect();
    own.extend(more);
}

/// Every name that means something in a preset, as names are compared.
fn names_of(preset: &PresetSettings) -> BTreeSet<String> {
    let fields = preset.fields.values().chain(preset.attribution.values()).flatten();
    let consents = preset.consents.iter().flat_map(|it| it.keys.iter().chain(&it.text));
    let when = &preset.occurred_at;
    let times = when.keys.iter().chain(&when.times).chain(&when.zones);
    let all = fields.chain(consents).chain(times).chain(&preset.technical.keys);
    all.map(|name| compact(name)).collect()
}
