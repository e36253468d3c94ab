//! A vendor renamed a field: the body is found, the preset mended beside the configuration, the body
//! read again and routed.

use super::desk::{Desk, id};
use super::guide::command;
use crate::harness::receiver::Receiver;

const GUIDE: &str = "docs/troubleshooting.md";
const SHIPPED: &str = include_str!("../../config/presets/sources/scanner-batch.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_not_understood_is_found_its_preset_mended_and_the_lead_routed() {
    let scanner = "preset: scanner-batch\nsecrets: [scanner-secret]\n";
    let desk = Desk::sit(Receiver::start(), &[("scanner", scanner)]).await;
    let url = desk.source_url("scanner");
    let body = r#"{"besucher_kontakt": "ina@quillfeather.example", "stand": "4B12"}"#;
    let post = format!(
        "curl -sS {url} -H 'authorization: Bearer scanner-secret' -H 'content-type: application/json' -d '{body}'"
    );
    let said = desk.shell(&post, &[]).await;
    assert!(said.out.contains("no_contact"), "{said:?}");

    let list = command(GUIDE, "lead-router worklists --workspace acme unreadable");
    let listed = desk.well(&list, &[]).await;
    assert!(listed.contains("no_contact") && listed.contains("scanner"), "{listed}");
    let inquiry = id("inq_", &listed);
    let values = [("INQUIRY", inquiry.as_str())];
    let show = command(GUIDE, "lead-router inquiries --workspace acme body");
    assert!(desk.well(&show, &values).await.contains("besucher_kontakt"));
    let again = command(GUIDE, "lead-router inquiries --workspace acme reprocess");
    assert!(!desk.shell(&again, &values).await.good, "nothing was mended yet");

    // The shipped preset, with the new name, in the deployment's own presets.
    let mended =
        SHIPPED.replacen("contact.email:\n    [", "contact.email:\n    [besucher_kontakt, ", 1);
    assert_ne!(mended, SHIPPED, "the shipped preset is written otherwise now");
    desk.write("presets/sources/scanner-batch.yaml", &mended);
    let done =
        crate::harness::wait::eventually("the mended preset", super::desk::WITHIN, async || {
            let said = desk.shell(&again, &values).await;
            said.good.then_some(said.out)
        });
    assert!(done.await.contains("routed"));
    assert_eq!(desk.told(1).await, ["lead.routed"]);
    assert!(!desk.well(&list, &[]).await.contains("inq_"));
    let found = desk.well("lead-router find --workspace acme ina@quillfeather.example", &[]).await;
    assert!(found.contains("lead_"), "{found}");
}
