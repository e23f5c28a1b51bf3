//! Reads the path of a request the tolerant way `OData` services do
//! (concepts/traverse-the-graph, OASIS `OData` 4.01 part 2, section 4).
//!
//! A key may be a segment of its own or stand in parentheses, names compare
//! without case, functions may be qualified with their namespace and have
//! arguments, and everything may be percent-encoded. Keys keep their case.

/// The namespace that functions and types may be qualified with, in lower case.
const NAMESPACE: &str = "microsoft.graph.";

/// One piece of the path: as sent (decoded), and in lower case for matching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub raw: String,
    pub lower: String,
    /// What a function is called with, by names in lower case.
    arguments: Vec<(String, String)>,
}

impl Segment {
    fn new(raw: &str) -> Self {
        Self { raw: raw.to_owned(), lower: raw.to_ascii_lowercase(), arguments: Vec::new() }
    }

    /// Whether it is a function with arguments.
    pub fn has_arguments(&self) -> bool {
        !self.arguments.is_empty()
    }

    /// The names of the arguments, in lower case.
    pub fn argument_names(&self) -> Vec<&str> {
        self.arguments.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// An argument of a function by its name in lower case.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Splits a path; `name('key')` becomes two segments.
pub(crate) fn segments(path: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    for piece in path.split('/').filter(|piece| !piece.is_empty()) {
        let piece = decode(piece);
        let piece = unqualified(&piece);
        match piece.strip_suffix(')').and_then(|inner| inner.split_once('(')) {
            Some((name, inside)) if !name.is_empty() => with_parentheses(&mut segments, name, inside),
            Some(_) | None => segments.push(Segment::new(piece)),
        }
    }
    segments
}

/// A name without its namespace.
fn unqualified(piece: &str) -> &str {
    match (piece.get(..NAMESPACE.len()), piece.get(NAMESPACE.len()..)) {
        (Some(front), Some(name)) if front.eq_ignore_ascii_case(NAMESPACE) => name,
        _ => piece,
    }
}

/// What stands in parentheses is nothing, a key, or the arguments of a function.
fn with_parentheses(segments: &mut Vec<Segment>, name: &str, inside: &str) {
    let inside = inside.trim();
    let mut named = Segment::new(name);
    let arguments = arguments(inside);
    let key = match arguments.as_deref() {
        Some([(name, value)]) if name == "id" => Some(value.clone()),
        Some(arguments) => {
            named.arguments = arguments.to_vec();
            None
        }
        None => Some(literal(inside)).filter(|key| !key.is_empty()),
    };
    segments.push(named);
    segments.extend(key.map(|key| Segment::new(&key)));
}

/// The pairs of `name=value,name=value`; `None` where something else is meant,
/// such as a key that ends with equals signs.
fn arguments(inside: &str) -> Option<Vec<(String, String)>> {
    outside_quotes(inside, ',').into_iter().map(argument).collect()
}

fn argument(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_value = !value.is_empty() && !value.starts_with('=');
    (is_name && is_value).then(|| (name.to_ascii_lowercase(), literal(value)))
}

/// Splits at a character that is not in quotes.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let is_separator = |character: char| {
        quoted ^= character == '\'';
        character == separator && !quoted
    };
    text.split(is_separator).collect()
}

/// The value of a literal: text without its quotes, an enumeration's member
/// without its type, anything else as it is.
fn literal(text: &str) -> String {
    let quoted = text.strip_suffix('\'').and_then(|text| text.split_once('\''));
    match quoted {
        Some((type_name, value)) if type_name.is_empty() || type_name.contains('.') => value.replace("''", "'"),
        Some(_) | None => text.to_owned(),
    }
}

/// Percent-decoding, where `+` and `&` stand for themselves.
fn decode(piece: &str) -> String {
    let protected = piece.replace('+', "%2B").replace('&', "%26");
    let text = format!("x={protected}");
    let decoded = url::form_urlencoded::parse(text.as_bytes()).next();
    decoded.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test ends where something is missing")]

    use super::segments;

    fn raw(path: &str) -> Vec<String> {
        segments(path).into_iter().map(|segment| segment.raw).collect()
    }

    #[test]
    fn keys_are_segments_of_their_own_however_they_are_written() {
        let cases = [
            ("/v1.0/me/events/AbC==/instances", vec!["v1.0", "me", "events", "AbC==", "instances"]),
            ("/v1.0/me/events('AbC==')/instances", vec!["v1.0", "me", "events", "AbC==", "instances"]),
            ("/v1.0/me/events(AbC==)", vec!["v1.0", "me", "events", "AbC=="]),
            ("/v1.0/me/events(id='AbC==')", vec!["v1.0", "me", "events", "AbC=="]),
            ("/v1.0/me/events%28%27AbC%3D%3D%27%29", vec!["v1.0", "me", "events", "AbC=="]),
            ("/v1.0/users('o''neill@contoso.example')", vec!["v1.0", "users", "o'neill@contoso.example"]),
            ("/v1.0//me/calendarView/delta()/", vec!["v1.0", "me", "calendarView", "delta"]),
            ("/v1.0/me/events/Microsoft.Graph.delta()", vec!["v1.0", "me", "events", "delta"]),
            ("/v1.0/me/events/a+b%2Fc&d", vec!["v1.0", "me", "events", "a+b/c&d"]),
        ];
        for (path, expected) in cases {
            assert_eq!(raw(path), expected, "{path}");
        }
    }

    #[test]
    fn functions_keep_their_arguments() {
        let written = [
            "supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
            "supportedTimeZones(timezonestandard='Iana')",
            "microsoft.graph.supportedTimeZones(TimeZoneStandard=%27Iana%27)",
        ];
        for text in written {
            let segments = segments(text);
            let found: Vec<_> =
                segments.iter().map(|segment| (segment.raw.as_str(), segment.argument("timezonestandard"))).collect();
            assert_eq!(found, [("supportedTimeZones", Some("Iana"))], "{text}");
        }
        let several = segments("reminderView(StartDateTime='a,b',EndDateTime='c')");
        let values: Vec<_> = ["startdatetime", "enddatetime"].map(|name| several[0].argument(name)).to_vec();
        assert_eq!((several.len(), values), (1, vec![Some("a,b"), Some("c")]));
    }
}
