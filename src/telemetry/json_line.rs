//! Log lines as JSON, one object a line: what `tracing_subscriber`'s own form writes, without building
//! a tree for each.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// `{"timestamp":…,"level":…,` the event's fields, `"target":…}`.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        writer.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, r#"","level":"{}""#, metadata.level())?;
        let mut fields = Fields { out: writer, target: None, result: Ok(()) };
        event.record(&mut fields);
        let Fields { mut out, target, result } = fields;
        result?;
        out.write_str(r#","target":""#)?;
        Escaped(&mut out).write_str(target.as_deref().unwrap_or(metadata.target()))?;
        out.write_str("\"}\n")
    }
}

struct Fields<'w> {
    out: Writer<'w>,
    /// Of a line that came by the `log` crate: where it came from.
    target: Option<String>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = field.name();
        // What the bridge from the `log` crate says about itself.
        if name.starts_with("log.") {
            return;
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        let written = self.result.and_then(|()| {
            self.out.write_str(",\"")?;
            self.out.write_str(name)?;
            self.out.write_str("\":")?;
            value(&mut self.out)
        });
        self.result = written;
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, |out| {
            if value.is_finite() { write!(out, "{value:?}") } else { out.write_str("null") }
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, |out| write!(out, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, |out| write!(out, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        self.put(field, |out| {
            out.write_char('"')?;
            Escaped(out).write_str(value)?;
            out.write_char('"')
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, |out| {
            out.write_char('"')?;
            write!(Escaped(out), "{value:?}")?;
            out.write_char('"')
        });
    }
}

/// Escapes what a JSON string must not hold.
struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= b' ' && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.0.write_str(&text[plain..at])?;
            match byte {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                b'\r' => self.0.write_str("\\r")?,
                b'\t' => self.0.write_str("\\t")?,
                _ => write!(self.0, "\\u{byte:04x}")?,
            }
            plain = at + 1;
        }
        self.0.write_str(&text[plain..])
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn say() {
        let (odd, nothing) = ("a \"quote\" \\ \n \t \u{1} é 😀", None::<&str>);
        let some = Some(tracing::field::display("inq_1"));
        tracing::info!(
            request.id = odd,
            took = 3_u64,
            below = -3_i64,
            ratio = 0.5,
            "request answered"
        );
        tracing::warn!(good = true, %odd, ?odd, nothing, some, "odd \"things\"");
        tracing::error!(message = odd);
    }

    /// The lines, each parsed, without the time.
    fn parsed(lines: &Lines) -> Vec<Value> {
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line = |line: &str| {
            let mut value: Value = serde_json::from_str(line).expect(line);
            let time = value.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
            value
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn lines_say_what_the_usual_form_says() {
        let (ours, usual) = (Lines::default(), Lines::default());
        let writer = {
            let ours = ours.clone();
            move || ours.clone()
        };
        let subscriber =
            tracing_subscriber::fmt().with_writer(writer).event_format(JsonLine).finish();
        tracing::subscriber::with_default(subscriber, say);
        let writer = {
            let usual = usual.clone();
            move || usual.clone()
        };
        let subscriber =
            tracing_subscriber::fmt().with_writer(writer).json().flatten_event(true).finish();
        tracing::subscriber::with_default(subscriber, say);
        assert_eq!(parsed(&ours).len(), 3);
        assert_eq!(parsed(&ours), parsed(&usual));
    }
}
