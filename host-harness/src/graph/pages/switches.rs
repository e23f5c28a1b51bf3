//! Which switches there are, and what each can be.
//!
//! Nothing is listed here: names and values are what `GET /_control/behaviour`
//! answers, and what a switch takes is asked of the type itself. So a new switch
//! has its form without anybody thinking of it; what it does is in `explained`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value, json};

use crate::graph::behaviour::Behaviour;

/// What a switch takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Truth,
    /// `least` is 0 or 1 unless it can be negative; `is_optional` if it can be absent.
    Number {
        least: Option<i32>,
        is_optional: bool,
    },
    /// One of these names.
    Choice(Vec<&'static str>),
    /// Any text.
    Text,
}

/// A switch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Switch {
    pub name: String,
    pub value: Value,
    /// What it was at first.
    pub initial: Value,
    pub takes: Takes,
}

/// All switches, by name.
pub(crate) fn all(behaviour: &Behaviour) -> Vec<Switch> {
    let fields = |behaviour: &Behaviour| match serde_json::to_value(behaviour) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    };
    let initial = fields(&Behaviour::default());
    let switch = |(name, value): (String, Value)| {
        let initial = initial.get(&name).cloned().unwrap_or_default();
        Switch { takes: takes(&name, &initial), name, value, initial }
    };
    fields(behaviour).into_iter().map(switch).collect()
}

fn takes(name: &str, initial: &Value) -> Takes {
    let accepts = |value: Value| is_accepted(name, value);
    let names = choices::<Behaviour>(name);
    if !names.is_empty() {
        Takes::Choice(names.to_vec())
    } else if accepts(json!(true)) {
        Takes::Truth
    } else if accepts(json!(1)) {
        let least = [0, 1].into_iter().find(|least| accepts(json!(least))).filter(|_| !accepts(json!(-1)));
        Takes::Number { least, is_optional: initial.is_null() }
    } else {
        Takes::Text
    }
}

fn is_accepted(name: &str, value: Value) -> bool {
    let change = Map::from_iter([(name.to_owned(), value)]);
    Behaviour::default().changed(&change).is_ok()
}

/// What is in no list of names.
const NO_NAME: &str = "";

/// The names that a field of a type can have; none where it is no choice.
pub(crate) fn choices<'a, T: Deserialize<'a>>(field: &'a str) -> &'static [&'static str] {
    match T::deserialize(MapDeserializer::<_, Expected>::new(std::iter::once((field, NO_NAME)))) {
        Ok(_) => &[],
        Err(Expected(names)) => names,
    }
}

/// An error that keeps the names which would have been right.
#[derive(Debug)]
struct Expected(&'static [&'static str]);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {:?}", self.0)
    }
}

impl std::error::Error for Expected {}

impl serde::de::Error for Expected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }

    // The name of a field that does not exist is no choice.
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self(&[])
    }
}

/// What a form says as the value of a switch: `null` for what is left empty.
///
/// # Errors
/// What the switch takes, where that is something else.
pub(crate) fn read(switch: &Switch, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match &switch.takes {
        _ if text.is_empty() => Ok(Value::Null),
        Takes::Truth => text.parse::<bool>().map(Value::from).map_err(|_| "on or off".to_owned()),
        Takes::Number { least, .. } => {
            let expected =
                || least.map_or("a whole number".to_owned(), |least| format!("a whole number of at least {least}"));
            let number = text.parse::<i64>().map_err(|_| expected())?;
            if least.is_some_and(|least| number < i64::from(least)) {
                return Err(expected());
            }
            let is_accepted = is_accepted(&switch.name, json!(number));
            if is_accepted { Ok(json!(number)) } else { Err("a number closer to 0".to_owned()) }
        }
        Takes::Choice(names) => one_of(names, text),
        Takes::Text => Ok(json!(text)),
    }
}

/// One of the names that a form offers.
///
/// # Errors
/// What is expected, where it is none of them.
pub(crate) fn one_of(names: &[&str], text: &str) -> Result<Value, String> {
    if names.contains(&text) { Ok(json!(text)) } else { Err("one of the names in the list".to_owned()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::graph::control::Expire;
    use crate::graph::fault::{Fault, Kind};

    fn takes_of(name: &str) -> Takes {
        all(&Behaviour::default()).into_iter().find(|switch| switch.name == name).unwrap().takes
    }

    #[test]
    fn every_switch_that_there_is_has_a_form_for_its_values() {
        let fields = serde_json::to_value(Behaviour::default()).unwrap();
        let switches = all(&Behaviour::default());
        assert_eq!(switches.len(), fields.as_object().unwrap().len());
        assert!(switches.iter().all(|switch| switch.takes != Takes::Text), "{switches:?}");
        assert_eq!(takes_of("replay"), Takes::Truth);
        assert_eq!(takes_of("pageSizeMax"), Takes::Number { least: Some(1), is_optional: true });
        assert_eq!(takes_of("deltaLagSeconds"), Takes::Number { least: Some(0), is_optional: true });
        assert_eq!(takes_of("clockSkewSeconds"), Takes::Number { least: None, is_optional: false });
        assert_eq!(takes_of("cloud"), Takes::Choice(vec!["global", "usgov", "china"]));
        // Inside of a part that is flattened.
        assert_eq!(takes_of("notificationLoss"), Takes::Choice(vec!["none", "silent", "missed"]));
        assert_eq!(takes_of("notificationShuffle"), Takes::Truth);
    }

    #[test]
    fn choices_are_those_that_are_accepted() {
        assert_eq!(choices::<Fault>("do"), Kind::ALL.map(Kind::word));
        assert!(choices::<Expire>("what").contains(&"deltaTokens"));
        assert!(choices::<Expire>("whatever").is_empty());
    }

    #[test]
    fn a_form_is_read_by_what_the_switch_takes() {
        let switches = all(&Behaviour::default());
        let read_as = |name: &str, text: &str| read(switches.iter().find(|one| one.name == name).unwrap(), text);
        assert_eq!(read_as("pageSizeMax", " 7 "), Ok(json!(7)));
        assert_eq!(read_as("pageSizeMax", ""), Ok(Value::Null));
        assert_eq!(read_as("clockSkewSeconds", "-90"), Ok(json!(-90)));
        assert_eq!(read_as("replay", "true"), Ok(json!(true)));
        assert_eq!(read_as("cloud", "china"), Ok(json!("china")));
        assert_eq!(read_as("pageSizeMax", "many"), Err("a whole number of at least 1".to_owned()));
    }
}
