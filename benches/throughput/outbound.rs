//! Ceiling o: nothing but signed posts by reqwest to the receiver, 32 in flight, from one thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lead_router::deliver::sign::{Secret, sign};

use crate::Outcome;
use crate::canned::now;
use crate::settings_files::SECRET;

const IN_FLIGHT: usize = 32;
/// About what an event weighs.
const BODY_BYTES: usize = 2_300;

/// Posts for so long; prints how many a second.
#[expect(clippy::print_stdout, reason = "whoever started it reads the figure")]
pub fn run(receiver: &str, secs: Duration) -> Outcome<()> {
    lead_router::egress::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let url = format!("http://{receiver}/crm");
    let sent = Arc::new(AtomicU64::new(0));
    let secret = Secret::parse(SECRET)?;
    let body = bytes::Bytes::from(vec![b'x'; BODY_BYTES]);
    let per_second = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let began = Instant::now();
        let mut posts = tokio::task::JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let (client, url, sent) = (client.clone(), url.clone(), Arc::clone(&sent));
            let (secret, body) = (secret.clone(), body.clone());
            posts.spawn(async move {
                while began.elapsed() < secs {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let at = now();
                    let id = format!("evt_{number:032x}");
                    let signature = sign(std::slice::from_ref(&secret), &id, at, &body);
                    let post = client
                        .post(&url)
                        .header("content-type", "application/json")
                        .header("webhook-id", id)
                        .header("webhook-timestamp", at.as_secs())
                        .header("webhook-signature", signature)
                        .body(body.clone());
                    post.send().await?.bytes().await?;
                }
                Ok::<(), reqwest::Error>(())
            });
        }
        while let Some(ended) = posts.join_next().await {
            ended??;
        }
        let count = sent.load(Ordering::Relaxed);
        Outcome::Ok(crate::figures::ratio(count, 1) / began.elapsed().as_secs_f64())
    })?;
    println!("{per_second:.0}");
    Ok(())
}
