//! What does not conform, in words that hold nothing of people's data: names
//! of properties, types and options, and kinds of values, never the values.

use serde::Serialize;

/// The kinds of violations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    /// A property that its type does not have.
    UnknownProperty,
    /// A value of another type, or one that the type does not have.
    WrongType,
    /// Null, where the type has none.
    UnexpectedNull,
    /// A property that has to be there, left out.
    MissingProperty,
    /// A property that was answered without having been asked for.
    UnaskedProperty,
    /// A property in a write that only the service sets.
    ReadOnlyProperty,
    /// A relation that was answered without having been asked for, or written
    /// where it cannot be.
    UnexpectedRelation,
    /// An annotation that there is not, or with a value that it cannot have.
    WrongAnnotation,
    /// A path that leads nowhere.
    UnknownPath,
    /// A method on something that does not have it.
    UnknownOperation,
    /// An option of the query that there is not, or that cannot be read.
    WrongOption,
    /// An answer of another form than the operation has.
    WrongAnswer,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Violation {
    pub what: What,
    /// Which message, and where in it: ids are written `{id}`.
    #[serde(rename = "where")]
    pub place: String,
    pub expected: String,
    pub found: String,
}

/// A way into a message, from the inside to the outside. Written down only
/// when something is wrong there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    name: &'a str,
}

impl<'a> Place<'a> {
    /// The message itself.
    pub const ROOT: Self = Self { outer: None, name: "" };

    /// A property inside.
    pub const fn property(&'a self, name: &'a str) -> Self {
        Self { outer: Some(self), name }
    }

    /// Any item of a collection.
    pub const fn item(&'a self) -> Self {
        Self { outer: Some(self), name: "[]" }
    }

    /// The way in words, such as `value[].start.timeZone`.
    pub fn written(&self) -> String {
        let outer = self.outer.map(Place::written).unwrap_or_default();
        let separator = if outer.is_empty() || self.name == "[]" { "" } else { "." };
        format!("{outer}{separator}{}", self.name)
    }
}

/// What was found in one message.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Violation>,
}

impl Findings {
    /// Notes a violation at a place of the message.
    pub fn add(&mut self, what: What, place: &Place<'_>, expected: impl Into<String>, found: impl Into<String>) {
        let (expected, found) = (expected.into(), found.into());
        self.list.push(Violation { what, place: place.written(), expected, found });
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The places of the violations of a kind.
    pub fn places(&self, what: What) -> impl Iterator<Item = &str> {
        self.list.iter().filter(move |found| found.what == what).map(|found| found.place.as_str())
    }

    /// The violations of a message that is called `message`.
    pub fn named(self, message: &str) -> Vec<Violation> {
        let named = |violation: Violation| {
            let place = match violation.place.as_str() {
                "" => message.to_owned(),
                inside => format!("{message}: {inside}"),
            };
            Violation { place, ..violation }
        };
        self.list.into_iter().map(named).collect()
    }
}
