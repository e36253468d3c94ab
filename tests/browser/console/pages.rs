//! Every page that can be reached by a link, of the demo's workspace, looked at in all widths.

use std::collections::{BTreeMap, VecDeque};

use crate::browser::chromium::Browser;
use crate::browser::looks::faults;
use crate::harness::demo::Demo;

/// The links of the page that is open, to pages of the console. From below: the demo's oldest lead has
/// the most to show.
const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(a => a.href).reverse()\
    .filter(url => url.startsWith(location.origin + '/console/w/'))";

/// What kind of page a URL leads to: ids and names are left out.
fn kind(url: &str) -> String {
    let path = url.split("/console/w/").nth(1).unwrap_or_default();
    let (path, _) = path.split_once('#').unwrap_or((path, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let named = ["sources", "destinations", "pools", "reports"];
    let parts = parts.iter().enumerate().map(|(at, part)| {
        let id = ["lead_", "inq_", "dlv_"].iter().find(|kind| part.starts_with(**kind));
        let name = at > 0 && named.contains(&parts[at - 1]);
        id.map_or(if name { "NAME" } else { part }, |kind| kind.trim_end_matches('_'))
    });
    let parts = parts.skip(1).collect::<Vec<_>>().join("-");
    let keys: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    if query.is_empty() { parts } else { format!("{parts}-by-{}", keys.join("-")) }
}

/// Bars of the score that do not begin where the one above ended, and whether the total ends there.
const STAIRS: &str = "const bars = [...document.querySelectorAll('.waterfall tbody rect')].map(bar => {\
      const box = bar.getBoundingClientRect(); const down = bar.classList.contains('down');\
      const flat = bar.classList.contains('none');\
      return [down ? box.right : box.left, flat || down ? box.left : box.right]; });\
    const total = document.querySelector('.waterfall tfoot rect');\
    if (!total || bars.length < 3) return ['too few bars'];\
    bars.push([total.getBoundingClientRect().right]);\
    return bars.slice(1).map((bar, n) => [n, bars[n][1] - bar[0]]).filter(([, gap]) => Math.abs(gap) > 2)";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_every_width_and_can_be_used_by_everybody() {
    let demo = Demo::start().await;
    let browser = Browser::open().await;
    browser.go(&demo.link).await;
    let mut wrong = faults(&browser, "enter").await;
    browser.click("[data-test=enter] button").await;
    browser.until_at("/console/w/demo/live").await;

    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut next = VecDeque::from([browser.url().await]);
    while let Some(url) = next.pop_front() {
        let kind = kind(&url);
        if seen.contains_key(&kind) {
            continue;
        }
        browser.go(&url).await;
        seen.insert(kind.clone(), url);
        wrong.extend(faults(&browser, &kind).await);
        if kind == "leads-lead" {
            let gaps = browser.run(STAIRS).await;
            let none = gaps.as_array().is_some_and(Vec::is_empty);
            wrong.extend((!none).then(|| format!("the score's bars: {gaps}")));
        }
        if kind == "sources" {
            let open =
                "document.querySelectorAll('details').forEach(details => { details.open = true; })";
            browser.run(open).await;
            browser.until_said("What to paste where").await;
            browser.until_said("/v1/demo/inquiries/google-ads").await;
            wrong.extend(faults(&browser, "sources-open").await);
        }
        let links = browser.run(LINKS).await;
        let links = links.as_array().cloned().unwrap_or_default();
        next.extend(links.iter().filter_map(|url| url.as_str()).map(str::to_owned));
    }
    for kind in ["live", "leads-lead"] {
        assert!(seen.contains_key(kind), "no link led to {kind}: {:?}", seen.keys());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
