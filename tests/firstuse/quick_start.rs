//! The README's first block and docs/quick-start.md, typed as they stand: only the ports are others.

use super::newcomer::Newcomer;

/// The lines of a page's shell blocks, in order.
fn lines(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{}/{page}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let ours = blocks.skip_while(|block| !block.contains("lead-router init"));
    let lines = ours.flat_map(str::lines).map(str::to_owned);
    // In the README only that one block.
    lines.take_while(|line| page != "README.md" || !line.starts_with("make")).collect()
}

/// Types them; gives what the receiver printed once a lead was routed to it.
async fn typed(page: &str, wanted: &str) -> String {
    let mut newcomer = Newcomer::new();
    for line in lines(page) {
        let line = newcomer.moved(&line);
        if line.starts_with("lead-router serve") {
            newcomer.start(&line, "serve.log");
            newcomer.until_ready().await;
        } else if line.starts_with("lead-router receive") {
            newcomer.start(&line, "receive.log");
            newcomer.until_written("receive.log", "listening on").await;
        } else if line.contains("sources sign") {
            newcomer.until_well(&line, "HTTP 200").await;
        } else {
            newcomer.well(&line);
        }
        if line.starts_with("lead-router init") {
            newcomer.move_ports("leads/server.yaml");
            newcomer.move_ports("leads/workspaces/main/destinations/crm.yaml");
        }
    }
    newcomer.until_written("receive.log", wanted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_works_as_it_stands() {
    assert!(lines("docs/quick-start.md").len() > 15);
    let arrived = typed("docs/quick-start.md", "lead.routed TEST Test Person").await;
    assert!(arrived.contains("owner=ada"), "{arrived}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_ends_with_an_inquiry_that_is_taken() {
    assert_eq!(lines("README.md").len(), 4);
    let arrived = typed("README.md", "lead.nurtured").await;
    assert!(arrived.contains("queue=nurture"), "{arrived}");
}
