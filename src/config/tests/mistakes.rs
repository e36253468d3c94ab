//! Mistakes that people make: each is said with its place, its cause and what was probably meant.

use super::*;

const QUALIFICATION: &str = "workspaces/a/qualification.yaml";
const ROUTING: &str = "workspaces/a/routing.yaml";
const POOLS: &str = "workspaces/a/pools.yaml";
const SOURCE: &str = "workspaces/a/sources/form.yaml";
const DESTINATION: &str = "workspaces/a/destinations/crm.yaml";
const WORKSPACE: &str = "workspaces/a/workspace.yaml";

/// (file, its text, what is said of it: place, cause and suggestion in this order).
const MADE: &[(&str, &str, &str)] = &[
    (
        ROUTING,
        "queues:\n  sales:\n    destinations: [crm]\n   priority: 1\nfallback: {queue: triage}\n",
        "4:4: this is not the YAML it should be: while parsing a block mapping, did not find expected key (keys of one map begin in the same column)",
    ),
    (
        ROUTING,
        "queues:\n  sales:\n  destinations: [crm]\nfallback: {queue: triage}\n",
        "2:3: expected a map, found nothing (indent what belongs to it further than its key; known here: destinations, priority, sooner_from)",
    ),
    (
        ROUTING,
        "queues:\n\tsales: {destinations: [crm]}\n",
        "2:2: this is not the YAML it should be: tabs disallowed within this context (block indentation) (indent with spaces)",
    ),
    (
        SOURCE,
        "preset: html-form\nenabled: on\n",
        "2:10: expected true or false, found text (write `true`)",
    ),
    (
        SOURCE,
        "preset: html-form\nenabled: No\n",
        "2:10: expected true or false, found text (write `false`)",
    ),
    (
        SOURCE,
        "preset: html-form\nenabled: \"true\"\n",
        "2:10: expected true or false, found text (write it without quotes)",
    ),
    (
        ROUTING,
        "queues:\n  - sales: {destinations: [crm]}\nfallback: {queue: triage}\n",
        "1:1: expected a map, found list (write `key: value` without the `- ` before it)",
    ),
    (
        ROUTING,
        "rules:\n  big: {assign: {queue: triage}}\nfallback: {queue: triage}\n",
        "1:1: expected a list, found map (begin every element with `- `)",
    ),
    (
        ROUTING,
        "queues:\n  sales: {destinations: crm}\nfallback: {queue: triage}\n",
        "2:25: expected a list, found text (put `[` and `]` around it)",
    ),
    (
        ROUTING,
        "fallback: triage\n",
        "1:11: expected a map, found text (write `{ key: value }`; known here: queue, pool, skills, assign_within, hold, member, else)",
    ),
    (
        ROUTING,
        "fallback: {queue: triage}\nfallback: {queue: triage}\n",
        "2:1: key `fallback` is given twice, first in line 1",
    ),
    (
        SOURCE,
        "preset: html-form\nchannel: webiste\n",
        "2:10: this is not one of the known words (did you mean `website`?)",
    ),
    (
        ROUTING,
        "queues:\n  sales: {destinations: [crm]}\n",
        "1:1: it is missing: `fallback: { queue: triage }` says where a lead goes that no rule takes",
    ),
    (
        ROUTING,
        "queues:\n  sales: {destinations: [hubspot]}\nfallback: {queue: triage}\n",
        "2:26: there is no destination `hubspot` (known here: crm)",
    ),
    (
        QUALIFICATION,
        "thresholds: {sell: 10, nurture: 50}\n",
        "1:33: nothing could be nurtured: `nurture` has to lie below `sell`",
    ),
    (
        QUALIFICATION,
        "thresholds: {sell: \"50\", nurture: 10}\n",
        "1:20: expected a number, found text (write it without quotes)",
    ),
    (
        QUALIFICATION,
        "thresholds: {sell: 50, nurture: 10}\ncriteria:\n  - {name: x, yes: {field: score, gt: 5}, points: 5}\n",
        "2:1: expected a map, found list (write `key: value` without the `- ` before it; known here: budget, authority, need, timeline)",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [\"${env:CRM_SECRTE}\"]\n",
        "2:11: environment variable `CRM_SECRTE` is not set (set it for this process; is the name spelt as there?)",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [$CRM_SECRET]\n",
        "2:11: warning: `$CRM_SECRET` is not filled in: it is this text (did you mean `${env:CRM_SECRET}`?)",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [abc]\n",
        "2:11: a signing secret is base64 with padding, after the prefix `whsec_` or `whsk_` (make one: `whsec_` and what `openssl rand -base64 32` prints)",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [{{ CRM_SECRET }}]\n",
        "2:12: this is not the YAML it should be: expected string scalar (put what begins with `{` in quotes)",
    ),
    (
        DESTINATION,
        "url: crm.example.com/hook\nsecrets: [\"${env:CRM_SECRET}\"]\n",
        "1:6: this is not a whole URL, such as https://crm.example.com/hook",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [\"${env:CRM_SECRET}\"]\ntimeout_ms: 10s\n",
        "3:13: expected a whole number from 0 to 4294967295, found text (write plain digits, without unit, percent sign or separators)",
    ),
    (
        DESTINATION,
        "url: https://crm.example.com/hook\nsecrets: [\"${env:CRM_SECRET}\"]\nevents: [*]\n",
        "3:10: this is not the YAML it should be: while scanning an anchor or alias, did not find expected alphabetic or numeric character (put what begins with `*` or `&` in quotes)",
    ),
    (
        WORKSPACE,
        "zone: Berlin\n",
        "1:7: this is not an IANA time zone (did you mean `Europe/Berlin`?)",
    ),
    (
        WORKSPACE,
        "zone: Europe/Berlni\n",
        "1:7: this is not an IANA time zone (did you mean `Europe/Berlin`?)",
    ),
    (
        WORKSPACE,
        "country: Germany\n",
        "1:10: this is not a country code of two capital letters (did you mean `DE`?)",
    ),
    (
        WORKSPACE,
        "country: UK\n",
        "1:10: this is not a country code of two capital letters (did you mean `GB`?)",
    ),
    (
        WORKSPACE,
        "retention: 30d\n",
        "1:12: expected a map, found text (write `{ key: value }`; known here: unreadable, returned, filtered, tests, claims, deliveries, leads)",
    ),
    (
        ROUTING,
        "fallback: {queue: triage}\nrules:\n  - {name: x, when: {field: contact.title, matches: \"\\bceo\"}, assign: {queue: triage}}\n",
        "3:53: this text holds a control character: in double quotes `\\b` is one (use single quotes, or write `\\\\b`)",
    ),
    (
        QUALIFICATION,
        "thresholds: {sell: 50, nurture: 10}\ndefinitions:\n  lead: {text: A lead: somebody}\n",
        "3:22: this is not the YAML it should be: while parsing a flow mapping, did not find expected ',' or '}' (put a text that holds `: `, `,` or brackets in quotes)",
    ),
    (
        QUALIFICATION,
        "thresholds: {sell: 50, nurture: 10}\ndefinitions:\n  lead:\n    text: @sales agreed\n",
        "4:11: this is not the YAML it should be: unexpected character: `@' (put a text that begins with this character in quotes)",
    ),
    (
        SOURCE,
        "preset: \"html-form\nchannel: website\n",
        "2:1: this is not the YAML it should be: invalid indentation in multiline quoted scalar (is a quotation mark before this not closed?)",
    ),
    (
        POOLS,
        "pools:\n  reps: {members: [{name: ada, caps: {daily: 5}}]}\n",
        "2:39: unknown key `daily` (known here: minute, hour, day, week, month, open, rolling, of)",
    ),
    (
        "server.yaml",
        "trusted_proxies: [10.0.0.0/33]\n",
        "1:19: expected a network such as 10.0.0.0/8",
    ),
    (
        "server.yaml",
        "public_address: localhost:8080\n",
        "1:17: expected an address and port in digits, such as 127.0.0.1:8080",
    ),
    (
        "server.yaml",
        "public_url: inquiries.example.com\n",
        "1:13: expected a whole URL such as https://inquiries.example.com",
    ),
    (
        "server.yaml",
        "log: {level: verbose}\n",
        "1:14: this names no level: `info`, or `lead_router::deliver=debug,warn` (known here: off, error, warn, info, debug, trace)",
    ),
    (
        "keys.yaml",
        "- {name: crm, sha256: abc, scopes: [metrics]}\n",
        "1:1: expected a map, found list (write `key: value` without the `- ` before it; known here: keys)",
    ),
];

#[test]
fn mistakes_are_said_with_place_cause_and_what_was_meant() {
    let mut wrong = Vec::new();
    for (file, text, expected) in MADE {
        let dir = folder(&[(file, text)]);
        complete(dir.path(), "a");
        let found = load(dir.path(), &no_env).err().unwrap_or_default();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = format!("{file}:{expected}");
        if !found.contains(&expected) {
            wrong.push(format!("expected {expected}\n   found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn levels_and_parts_of_the_log_are_taken() {
    for level in ["info", "WARN", "lead_router=debug,warn", "lead_router::deliver=trace, info"] {
        let dir = folder(&[("server.yaml", &format!("log: {{level: \"{level}\"}}\n"))]);
        complete(dir.path(), "a");
        assert!(load(dir.path(), &no_env).is_ok(), "{level}");
    }
}
