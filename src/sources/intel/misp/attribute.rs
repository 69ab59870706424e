//! One attribute, whatever file it came from: its values, its dates and what its event says of it.

use super::super::content::{Content, Date, Details, Value};
use super::super::tally::{DELETED, EMAIL, FILE_HASH, NO_PORT, NOT_TO_IDS, OTHER_KIND, UNREADABLE_RECORD};
use super::super::{Context, MispToIds, Sink};
use super::tags::Marks;

/// What an event says of all its attributes.
#[derive(Clone, Debug, Default)]
pub(super) struct Publication {
    pub(super) name: Option<String>,
    pub(super) source: Option<String>,
    pub(super) date: Option<String>,
    pub(super) marks: Marks,
}

/// The members of an attribute that are used; texts are not blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Attribute<'a> {
    pub(super) uuid: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) category: Option<&'a str>,
    pub(super) value: Option<&'a str>,
    pub(super) to_ids: Option<bool>,
    pub(super) deleted: bool,
    pub(super) timestamp: Option<&'a str>,
    pub(super) first_seen: Option<&'a str>,
    pub(super) last_seen: Option<&'a str>,
    pub(super) marks: Marks,
}

impl Attribute<'_> {
    /// Puts the attribute where it belongs. It is one record.
    pub(super) fn take(
        &self,
        publication: &Publication,
        context: &Context<'_>,
        sink: &mut Sink<'_>,
        place: impl Fn() -> String,
    ) {
        sink.record();
        if self.deleted {
            sink.ignore(DELETED);
            return;
        }
        let (Some(kind), Some(value)) = (self.kind, self.value) else {
            sink.reject(UNREADABLE_RECORD, || format!("{}: an attribute without type or value", place()));
            return;
        };
        let values = match split(kind, value) {
            Split::Values(values) => values,
            Split::Other(reason) => {
                sink.ignore(reason);
                return;
            }
        };
        if self.to_ids == Some(false) && context.options.misp_to_ids == MispToIds::Only {
            sink.ignore(NOT_TO_IDS);
            return;
        }
        let content = Content::of(&values, self.details(publication, context), context.private, place);
        let has_port = kind.to_ascii_lowercase().ends_with("|port");
        if has_port && !content.indicators.is_empty() && values.iter().all(|value| value.port.is_none()) {
            sink.ignore(NO_PORT);
        }
        sink.take(content);
    }

    fn details(&self, publication: &Publication, context: &Context<'_>) -> Details {
        let (own, event) = (&self.marks, &publication.marks);
        let confidence = own.confidence.as_ref().or(event.confidence.as_ref());
        let unclear = own.unclear.as_ref().or(event.unclear.as_ref());
        let threat_type = own.threat_type.as_deref().or(event.threat_type.as_deref()).or(self.category);
        let valid_until = date(self.last_seen);
        Details {
            confidence: confidence.or(unclear).cloned(),
            threat_type: threat_type.map(str::to_string),
            tlp: own.tlp.or(event.tlp).map(|level| level.as_str().to_string()),
            tags: own.joined(event),
            name: publication.name.clone(),
            source: publication.source.clone().or_else(|| Some(context.file.display.clone())),
            id: self.uuid.map(str::to_string),
            valid_from: self.valid_from(publication, valid_until),
            valid_until,
            to_ids: self.to_ids,
        }
    }

    /// When the attribute was first seen; else when it was last changed or when its event happened, unless that is
    /// after it was last seen: then the start is open.
    fn valid_from(&self, publication: &Publication, valid_until: Date) -> Date {
        let first_seen = date(self.first_seen);
        if first_seen != Date::Missing {
            return first_seen;
        }
        let fits = |date: &Date| match (date.micros(), valid_until.micros()) {
            (Some(from), Some(until)) => from < until,
            _ => *date != Date::Missing,
        };
        let guesses = [date(self.timestamp), date(publication.date.as_deref())];
        guesses.into_iter().find(fits).unwrap_or_default()
    }
}

/// Text or epoch seconds; MISP writes 0 for none.
fn date(text: Option<&str>) -> Date {
    Date::parse(text.filter(|text| !text.bytes().all(|byte| byte == b'0')))
}

/// What a type makes of a value.
enum Split<'a> {
    Values(Vec<Value<'a>>),
    Other(&'static str),
}

/// Composite values hold their parts with a bar between them.
fn split<'a>(kind: &str, value: &'a str) -> Split<'a> {
    let kind = kind.to_ascii_lowercase();
    let single = |called| vec![Value::new(value, called)];
    let with_port = |called| match value.rsplit_once('|') {
        Some((left, port)) => vec![Value { port: port_of(port), ..Value::new(left, called) }],
        None => vec![Value::new(value, called)],
    };
    Split::Values(match kind.as_str() {
        "ip-src" | "ip-dst" => single("ip"),
        "ip-src|port" | "ip-dst|port" => with_port("ip"),
        "domain" => single("domain"),
        "hostname" => single("hostname"),
        "hostname|port" => with_port("hostname"),
        "domain|ip" => match value.split_once('|') {
            Some((domain, address)) => vec![Value::new(domain, "domain"), Value::new(address, "ip")],
            None => single("domain"),
        },
        "url" | "uri" => single("url"),
        other => return Split::Other(other_kind(other)),
    })
}

fn port_of(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|port| *port > 0)
}

/// Kinds that no event of this table can have.
fn other_kind(kind: &str) -> &'static str {
    const FILES: [&str; 14] = [
        "attachment",
        "authentihash",
        "cdhash",
        "filename",
        "impfuzzy",
        "imphash",
        "malware-sample",
        "md5",
        "pehash",
        "sha",
        "ssdeep",
        "telfhash",
        "tlsh",
        "vhash",
    ];
    if FILES.iter().any(|start| kind.starts_with(start)) {
        FILE_HASH
    } else if kind.contains("email") {
        EMAIL
    } else {
        OTHER_KIND
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Micros;

    fn parts(kind: &str, value: &str) -> String {
        match split(kind, value) {
            Split::Values(values) => {
                let text = |value: &Value<'_>| {
                    format!("{}={}{}", value.called, value.text, value.port.map_or(String::new(), |p| format!(" {p}")))
                };
                values.iter().map(text).collect::<Vec<_>>().join(", ")
            }
            Split::Other(reason) => reason.to_string(),
        }
    }

    #[test]
    fn types_say_what_a_value_is() {
        for (kind, value, want) in [
            ("ip-dst", "192.0.2.1", "ip=192.0.2.1"),
            ("IP-SRC", "2001:db8::/32", "ip=2001:db8::/32"),
            ("ip-dst|port", "192.0.2.1|8443", "ip=192.0.2.1 8443"),
            ("ip-src|port", "2001:db8::1|53", "ip=2001:db8::1 53"),
            ("ip-dst|port", "192.0.2.1|99999", "ip=192.0.2.1"),
            ("ip-dst|port", "192.0.2.1", "ip=192.0.2.1"),
            ("hostname|port", "c2.example.org|443", "hostname=c2.example.org 443"),
            ("domain|ip", "evil.example|192.0.2.1", "domain=evil.example, ip=192.0.2.1"),
            ("domain|ip", "evil.example", "domain=evil.example"),
            ("url", "http://a.example/x|y", "url=http://a.example/x|y"),
            ("uri", "a.example/x", "url=a.example/x"),
            ("sha3-256", "00", FILE_HASH),
            ("filename|md5", "a|b", FILE_HASH),
            ("email-src", "a@example.org", EMAIL),
            ("whois-registrant-email", "a@example.org", EMAIL),
            ("link", "https://blog.example/report", OTHER_KIND),
            ("mac-address", "00:00:5e:00:53:01", OTHER_KIND),
            ("", "192.0.2.1", OTHER_KIND),
        ] {
            assert_eq!(parts(kind, value), want, "{kind} {value}");
        }
    }

    #[test]
    fn the_start_is_first_seen_then_the_change_then_the_event() {
        let day = |text: &str| Date::At(Micros::parse(text).unwrap());
        let event = Publication { date: Some("2026-03-01".into()), ..Publication::default() };
        // 1772755200 is 2026-03-06.
        for (first, timestamp, last, want) in [
            (Some("2026-02-01T00:00:00.000000+00:00"), Some("1772755200"), None, day("2026-02-01")),
            (Some("soon"), Some("1772755200"), None, Date::Unreadable),
            (None, Some("1772755200"), None, day("2026-03-06")),
            (None, Some("0"), None, day("2026-03-01")),
            (None, Some("1772755200"), Some("2026-03-04"), day("2026-03-01")),
            (None, Some("1772755200"), Some("2026-02-20"), Date::Missing),
            (None, None, None, day("2026-03-01")),
        ] {
            let attribute = Attribute { first_seen: first, timestamp, last_seen: last, ..Attribute::default() };
            let until = date(last);
            assert_eq!(attribute.valid_from(&event, until), want, "{first:?} {timestamp:?} {last:?}");
        }
    }
}
