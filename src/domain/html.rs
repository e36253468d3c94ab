//! Texts of strangers inside HTML.

/// A text made safe inside HTML, in element content and in quoted attributes.
#[must_use]
pub fn in_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_strangers_is_markup() {
        assert_eq!(in_html("<b a=\"x\">&'ü"), "&lt;b a=&quot;x&quot;&gt;&amp;&#39;ü");
    }
}
