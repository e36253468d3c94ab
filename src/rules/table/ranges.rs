//! Ranges of one column, and which of them hold a value.
//!
//! Ends are bytes that compare as what they stand for: texts as they are, numbers in a form that keeps their order.

/// One range with its id; both ends included.
#[derive(Debug, Clone)]
struct Span {
    low: Box<[u8]>,
    high: Box<[u8]>,
    id: u32,
    /// Which span up to here has the highest end.
    furthest: u32,
}

/// Ranges, sorted by their lower end.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranges {
    spans: Vec<Span>,
    /// By id, which span it is.
    places: Vec<u32>,
}

/// A number as bytes in its order.
pub(super) fn ordered(number: f64) -> [u8; 8] {
    let bits = number.to_bits();
    let key = if bits >> 63 == 0 { bits | (1 << 63) } else { !bits };
    key.to_be_bytes()
}

/// Both ends of a range, and its id.
pub(super) type Ends = (Box<[u8]>, Box<[u8]>, u32);

impl Ranges {
    pub(super) fn new(spans: Vec<Ends>) -> Self {
        let mut spans: Vec<Span> =
            spans.into_iter().map(|(low, high, id)| Span { low, high, id, furthest: 0 }).collect();
        spans.sort_by(|a, b| a.low.cmp(&b.low).then_with(|| a.id.cmp(&b.id)));
        let mut furthest = 0;
        for at in 0..spans.len() {
            if spans[at].high > spans[furthest].high {
                furthest = at;
            }
            spans[at].furthest = u32::try_from(furthest).unwrap_or(u32::MAX);
        }
        let mut places = vec![0; spans.len()];
        for (at, span) in (0_u32..).zip(&spans) {
            if let Some(place) = places.get_mut(span.id as usize) {
                *place = at;
            }
        }
        Self { spans, places }
    }

    /// The ids of the ranges that hold everything from `low` to `high`.
    pub(super) fn holding(&self, low: &[u8], high: &[u8], mut found: impl FnMut(u32)) {
        let end = self.spans.partition_point(|span| *span.low <= *low);
        for span in self.spans[..end].iter().rev() {
            if self.spans.get(span.furthest as usize).is_none_or(|far| *far.high < *high) {
                break;
            }
            if *span.high >= *high {
                found(span.id);
            }
        }
    }

    /// The ends of a range.
    pub(super) fn ends(&self, id: u32) -> Option<(&[u8], &[u8])> {
        let place = *self.places.get(id as usize)?;
        self.spans.get(place as usize).map(|span| (&*span.low, &*span.high))
    }
}
