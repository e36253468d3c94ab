//! What loads and what does not.

use super::*;

fn problems(yaml: &str) -> Vec<String> {
    let Err(problems) = try_source(yaml) else { panic!("it loaded: {yaml}") };
    problems.into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

#[test]
fn every_shipped_preset_compiles_and_names_nothing_twice() {
    for name in PRESETS.names() {
        let settings = SourceSettings::trial(name.clone(), SchemeSettings::None);
        let compiled = Source::compile(name, &settings, &PRESETS);
        assert!(compiled.is_ok(), "{name}: {:#?}", compiled.unwrap_err());
    }
    assert!(PRESETS.names().count() >= 35);
    assert_eq!(Presets::shipped_files().len(), PRESETS.names().count());
}

#[test]
fn a_scheme_that_needs_a_secret_and_has_none_does_not_load() {
    for yaml in [
        "preset: google-ads-lead-form",
        "preset: scanner-batch",
        "preset: html-form\nverify: key",
        "preset: html-form\nverify: standard-webhooks",
    ] {
        assert_eq!(problems(yaml).len(), 1, "{yaml}");
        assert!(problems(yaml)[0].starts_with("secrets: "), "{yaml}");
    }
}

#[test]
fn secrets_that_nothing_compares_do_not_load() {
    assert!(problems("preset: html-form\nsecrets: [long-enough]")[0].starts_with("secrets: "));
}

#[test]
fn short_or_malformed_secrets_do_not_load_and_are_not_shown() {
    for yaml in [
        "preset: scanner-batch\nsecrets: [sh0rt!]",
        "preset: html-form\nverify: standard-webhooks\nsecrets: [whsec_c2gwcnQh]",
    ] {
        let said = problems(yaml).join("\n");
        assert!(said.starts_with("secrets[0]: "), "{said}");
        assert!(!said.contains("sh0rt!") && !said.contains("c2gwcnQh"), "{said}");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let said = problems(
        "preset: html-form\nverify: kee\norigins: ['https://www.acme.example/path']\n\
         pages: ['/thanks']\nzone: Mars/Base\ncountry: XX\nlimits: {rows: 0}\n\
         acknowledge: {accepted: {http: 302, body: '{'}}",
    );
    let paths: Vec<&str> = said.iter().map(|said| said.split(": ").next().unwrap()).collect();
    let all = [
        "pages[0]",
        "origins[0]",
        "limits.rows",
        "verify",
        "zone",
        "country",
        "acknowledge.accepted.http",
        "acknowledge.accepted.body",
    ];
    assert_eq!(paths, all);
}

#[test]
fn unknown_presets_and_schemes_come_with_a_suggestion() {
    let suggestion = |yaml| try_source(yaml).unwrap_err()[0].suggestion.clone().unwrap();
    assert_eq!(suggestion("preset: html-forms"), "did you mean `html-form`?");
    assert_eq!(suggestion("preset: html-form\nverify: kex"), "did you mean `key`?");
}

#[test]
fn a_name_cannot_mean_two_fields() {
    let said = problems("preset: html-form\nfields: {contact.email: [x], contact.phone: [X]}");
    assert_eq!(said, ["fields.contact.phone[0]: `X` already means something else"]);
}

#[test]
fn a_deployment_brings_its_own_presets_as_data() {
    let preset: PresetSettings = serde_saphyr::from_str(
        "title: Own\nchannel: partner\nsingle: [json]\n\
         verification: {default: none, schemes: {none: {kind: none}}}\n\
         lists: [{at: field_data, name: [name], value: [values]}]\n\
         fields: {contact.email: [mail_of_the_person]}",
    )
    .unwrap();
    let mut presets = PRESETS.clone();
    presets.overlay(Name::parse("own").unwrap(), preset);
    let settings: SourceSettings = serde_saphyr::from_str("preset: own").unwrap();
    let source = Source::compile(&Name::parse("x").unwrap(), &settings, &presets).unwrap();
    let body = br#"{"field_data":[{"name":"MAIL_OF_THE_PERSON","values":["q@brummelkamp.example"]},{"name":"which","values":["a","b"]}]}"#;
    let taken = inquiry(&source, &post(JSON, body));
    assert_eq!(field(&taken, "contact.email"), "q@brummelkamp.example");
    assert_eq!(answer(&taken, "which"), "a, b");
    assert_eq!(taken.channel, crate::domain::Channel::Partner);
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", google());
    assert!(!printed.contains("a-google-key"), "{printed}");
}
