//! What a form posts: pairs of names and values, accepted only with the form
//! token of the session that the cookie names.

/// Bytes of a posted form: a settings page has some dozen short fields, an event a
/// description of at most some ten thousand characters and a line for each of at most
/// [some hundred](crate::crm::event::ATTENDEES_MAX) guests.
pub const FORM_BYTES_MAX: usize = 256 * 1024;

/// The pairs, in their order.
#[derive(Clone, Debug, Default)]
pub struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// From decoded pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name without blanks around it; empty where there
    /// is none.
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// Whether a name was posted with this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(found, text)| found == name && text == value)
    }
}

/// A text as a part of an address.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A place of this server to go on to, from a form or an address; `/` for
/// anything that a browser could take for another server.
pub fn local_path(text: &str) -> &str {
    let plain = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    if text.starts_with('/') && !text.starts_with("//") && plain { text } else { "/" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn only_places_of_this_server_are_gone_on_to() {
        assert_eq!(local_path("/calendar?view=list&date=2026-11-23"), "/calendar?view=list&date=2026-11-23");
        for foreign in ["", "calendar", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/a b"]
        {
            assert_eq!(local_path(foreign), "/", "{foreign:?}");
        }
    }
}
