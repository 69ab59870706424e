//! An event as a sensor reports it: the columns that rules look at, before any file gives them a type.
//!
//! What a file cannot hold is cut by `forms` before the event is judged; nothing here knows of files.

/// When something happened, as far as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum When {
    /// Nanoseconds since 1970.
    Nanos(i64),
    /// Text that is no time.
    Junk(String),
}

/// A port or number, which some files hold as a number and some as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    /// A whole number.
    Whole(i64),
    /// A double.
    Double(f64),
    /// Text, a number or not.
    Text(String),
}

impl Number {
    /// The whole number that it is; `443`, `443.0` and both as text are the same one.
    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            Self::Double(number) => (number.fract() == 0.0 && number.abs() < 1e15).then_some(*number as i64),
            Self::Text(text) => {
                let text = text.trim();
                let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
                if fraction.is_empty() || fraction.bytes().any(|b| b != b'0') { None } else { whole.parse().ok() }
            }
        }
    }

    /// The port that it is.
    pub(crate) fn port(&self) -> Option<i64> {
        self.whole().filter(|number| (0..=65_535).contains(number))
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) time: Option<When>,
    pub(crate) device_id: Option<String>,
    pub(crate) device_name: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) remote_ip: Option<String>,
    pub(crate) remote_port: Option<Number>,
    pub(crate) local_port: Option<Number>,
    pub(crate) url: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) process: Option<String>,
    pub(crate) command: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) report_id: Option<Number>,
    pub(crate) fields: Option<String>,
    pub(crate) connection_direction: Option<String>,
}

impl Event {
    /// Microseconds since 1970, cut; `None` when the time cannot be read.
    pub(crate) fn micros(&self) -> Option<i64> {
        match self.time {
            Some(When::Nanos(nanos)) => Some(nanos.div_euclid(1_000)),
            Some(When::Junk(_)) | None => None,
        }
    }

    pub(crate) fn remote_port(&self) -> Option<i64> {
        self.remote_port.as_ref().and_then(Number::port)
    }

    pub(crate) fn local_port(&self) -> Option<i64> {
        self.local_port.as_ref().and_then(Number::port)
    }

    pub(crate) fn report_id(&self) -> Option<i64> {
        self.report_id.as_ref().and_then(Number::whole)
    }
}

#[test]
fn a_number_is_the_same_in_every_type() {
    let text = |text: &str| Number::Text(text.into()).port();
    assert_eq!((text("443"), text("443.0"), text(" 443 ")), (Some(443), Some(443), Some(443)));
    assert_eq!((text(""), text("http"), text("4.5"), text("65536"), text("-1")), (None, None, None, None, None));
    assert_eq!((Number::Double(443.0).port(), Number::Double(443.5).port()), (Some(443), None));
    assert_eq!(Number::Whole(65_536).port(), None);
}

#[test]
fn times_are_cut_and_not_rounded() {
    let event = Event { time: Some(When::Nanos(1_999)), ..blank() };
    assert_eq!(event.micros(), Some(1));
    assert_eq!(Event { time: Some(When::Junk("soon".into())), ..blank() }.micros(), None);
}

/// An event without any value, to fill in what a test is about.
pub(crate) fn blank() -> Event {
    Event {
        time: None,
        device_id: None,
        device_name: None,
        action: None,
        remote_ip: None,
        remote_port: None,
        local_port: None,
        url: None,
        sha256: None,
        process: None,
        command: None,
        folder: None,
        account: None,
        report_id: None,
        fields: None,
        connection_direction: None,
    }
}
