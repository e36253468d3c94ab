//! Campaign parameters and click ids in the addresses of pages: they count where the form did not send them itself.

use crate::domain::Flag;

use super::decode::cut;
use super::names::normal;
use super::sorting::{ATTRIBUTION_BYTES_MAX, Origin, Sorting};

/// Attribution that is the address of a page; of two that say something the first counts.
const PAGES: [&str; 2] = ["page_url", "landing_page"];
/// What the platforms put behind an address to know their clicks again.
const CLICK_IDS: [&str; 15] = [
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    "gad_campaignid",
    "fbclid",
    "msclkid",
    "ttclid",
    "twclid",
    "li_fat_id",
    "sccid",
    "rdt_cid",
    "epik",
    "yclid",
];
/// So many parameters of an address are looked at.
const PARAMETERS_MAX: usize = 100;

/// Whether attribution of that name is the address of a page.
pub(super) fn is_page(name: &str) -> bool {
    PAGES.contains(&name)
}

impl Sorting<'_> {
    /// Takes them over.
    pub(super) fn read_pages(&mut self) {
        let mut pages = std::mem::take(&mut self.pages);
        pages.sort_by_key(|(name, _)| PAGES.iter().position(|page| page == name));
        for (page, address) in pages {
            let query = address.split('#').next().and_then(|it| it.split_once('?'));
            let Some((_, query)) = query else { continue };
            for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(PARAMETERS_MAX) {
                self.parameter(&page, &key, value.into_owned());
            }
        }
    }

    fn parameter(&mut self, page: &str, key: &str, mut value: String) {
        let name = normal(key);
        let campaign = name.strip_prefix("utm_").is_some_and(|rest| !rest.is_empty());
        let known = campaign || CLICK_IDS.contains(&name.as_str());
        if !known || value.trim().is_empty() || self.attribution.contains_key(&name) {
            return;
        }
        if cut(&mut value, ATTRIBUTION_BYTES_MAX) {
            let _ = self.flags.insert(Flag::Truncated);
        }
        if self.context.traced {
            let (at, to) = (format!("{page}?{key}"), format!("attribution {name}"));
            self.origins.push(Origin { at, to });
        }
        let _ = self.attribution.insert(name, value);
    }
}
