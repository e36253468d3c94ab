//! Whose address counts: the caller's, or, behind a proxy that is trusted, the last one that the proxy names.

use reqwest::Method;
use serde_json::json;

use super::scene::{BANT, Scene, on_both};

async fn configure(scene: &Scene, trusted: &str) {
    scene.files.write(
        "server.yaml",
        &format!(
            "egress: {{ allow: [\"127.0.0.1/32:*\"], http: true }}\nlimits: {{ per_client_minute: 0 }}\n{trusted}"
        ),
    );
    let source = "preset: html-form\nrates: { address_per_minute: 2 }\n";
    scene.files.write("workspaces/acme/sources/form.yaml", source);
    let answer = scene.app.post("/v1/configuration/reload", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Posts as somebody whom a proxy names so.
async fn posted(scene: &Scene, n: u32, forwarded: &str) -> u16 {
    let url = format!("{}/v1/acme/inquiries/form", scene.app.public);
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", forwarded)];
    let body = format!("email=visitor{n}%40zanzotter.example");
    scene.app.ask(Method::POST, &url, &headers, body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_trusted_proxy_says_whose_address_it_is() {
    on_both(BANT, async |scene| {
        // Nobody is trusted: whatever is claimed, it is one address.
        configure(&scene, "").await;
        let mut answers = Vec::new();
        for n in 0..4 {
            answers.push(posted(&scene, n, &format!("192.0.2.{n}")).await);
        }
        assert_eq!(answers, [202, 202, 429, 429], "{}", scene.engine);

        scene.app.clock.pass(std::time::Duration::from_mins(2));
        configure(&scene, "trusted_proxies: [\"127.0.0.0/8\", \"10.0.0.0/8\"]\n").await;
        let mut answers = Vec::new();
        for (n, forwarded) in [
            "192.0.2.1",
            "192.0.2.1",
            // What the visitor claims stands before what the proxy saw.
            "198.51.100.9, 192.0.2.1",
            // Another visitor, through two proxies of ours.
            "192.0.2.2, 10.1.2.3",
            "192.0.2.2",
            "192.0.2.2",
        ]
        .into_iter()
        .enumerate()
        {
            answers.push(posted(&scene, 10 + u32::try_from(n).unwrap(), forwarded).await);
        }
        assert_eq!(answers, [202, 202, 429, 202, 202, 429], "{}", scene.engine);
    })
    .await;
}
