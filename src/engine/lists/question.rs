//! The names that an event has, in the spelling in which indicators are compared.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::engine::index::Names;
use crate::model::host;

/// Host names and URL of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventNames {
    /// Host of RemoteUrl.
    pub(crate) host: Option<String>,
    /// RemoteUrl as a whole, where it is more than a host.
    pub(crate) url: Option<String>,
    /// `host` of an inspected HTTP connection.
    pub(crate) http_host: Option<String>,
    /// `query` of an inspected DNS connection.
    pub(crate) dns_query: Option<String>,
    /// `server_name` of an inspected TLS connection.
    pub(crate) server_name: Option<String>,
}

impl EventNames {
    /// Those that stand in some columns.
    pub(crate) fn in_columns(&self, columns: Names) -> Cow<'_, Self> {
        if columns.remote_url && columns.additional_fields {
            return Cow::Borrowed(self);
        }
        let (mut of_url, mut of_fields) = (self.clone(), self.clone());
        (of_url.http_host, of_url.dns_query, of_url.server_name) = (None, None, None);
        (of_fields.host, of_fields.url) = (None, None);
        Cow::Owned(match (columns.remote_url, columns.additional_fields) {
            (true, _) => of_url,
            (false, true) => of_fields,
            (false, false) => Self::default(),
        })
    }

    /// The names in RemoteUrl and AdditionalFields. Unreadable JSON holds none.
    pub(crate) fn of(remote_url: Option<&str>, additional_fields: Option<&str>) -> Self {
        // Of a member that stands twice the last counts, as everywhere in JSON.
        let inspected = additional_fields
            .filter(|text| may_name(text))
            .and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
        let name = |member: &str| host::host_of(inspected.as_ref()?.get(member)?.as_str()?);
        let (http_host, dns_query, server_name) = (name("host"), name("query"), name("server_name"));
        Self {
            host: remote_url.and_then(host::host_of),
            url: remote_url.and_then(host::url_key),
            http_host,
            dns_query,
            server_name,
        }
    }
}

/// Most events name nothing, and parsing JSON is what costs.
fn may_name(text: &str) -> bool {
    ["\"host\"", "\"query\"", "\"server_name\""].iter().any(|key| text.contains(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_an_event_keeps_them() {
        let names = EventNames::of(
            Some("https://Evil.example/x"),
            Some(r#"{"host":"A.example:80","query":"b.example","server_name":7}"#),
        );
        assert_eq!(names.host.as_deref(), Some("evil.example"));
        assert_eq!(names.url.as_deref(), Some("evil.example/x"));
        assert_eq!((names.http_host.as_deref(), names.dns_query.as_deref()), (Some("a.example"), Some("b.example")));
        assert_eq!(names.server_name, None);
        let twice = EventNames::of(None, Some(r#"{"host":"good.example","host":"evil.example"}"#));
        assert_eq!(twice.http_host.as_deref(), Some("evil.example"));
        assert_eq!(EventNames::of(None, Some(r#"{"host":"#)), EventNames::default());
        assert_eq!(EventNames::of(Some("192.0.2.1"), Some("{}")), EventNames::default());
    }
}
