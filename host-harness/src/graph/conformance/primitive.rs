//! Values of `Edm` types as JSON has them (`OData` JSON Format 4.01, section 7.1;
//! the lexical rules are those of the `OData` ABNF).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::NaiveDate;
use serde_json::Value;

/// A primitive type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edm {
    Boolean,
    Int32,
    Int64,
    Double,
    String,
    Guid,
    Binary,
    Date,
    TimeOfDay,
    DateTimeOffset,
    Duration,
    /// Has requests of its own and no value in JSON.
    Stream,
}

impl Edm {
    /// The type of this name, without the namespace.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Boolean" => Self::Boolean,
            "Int32" => Self::Int32,
            "Int64" => Self::Int64,
            "Double" => Self::Double,
            "String" => Self::String,
            "Guid" => Self::Guid,
            "Binary" => Self::Binary,
            "Date" => Self::Date,
            "TimeOfDay" => Self::TimeOfDay,
            "DateTimeOffset" => Self::DateTimeOffset,
            "Duration" => Self::Duration,
            "Stream" => Self::Stream,
            _ => return None,
        })
    }

    /// Whether a value other than null is one of the type.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Int32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Self::Int64 => value.is_i64(),
            Self::Double => value.is_number() || matches!(value.as_str(), Some("INF" | "-INF" | "NaN")),
            Self::String => value.is_string(),
            Self::Guid => value.as_str().is_some_and(is_guid),
            Self::Binary => value.as_str().is_some_and(is_base64),
            Self::Date => value.as_str().is_some_and(is_date),
            Self::TimeOfDay => value.as_str().is_some_and(is_time),
            Self::DateTimeOffset => value.as_str().is_some_and(is_instant),
            Self::Duration => value.as_str().is_some_and(is_duration),
            Self::Stream => false,
        }
    }
}

/// Whether a text is a pattern, in which `9` stands for a digit, `x` for a
/// hexadecimal one, and anything else for itself.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'9' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        other => byte == other,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

fn is_guid(text: &str) -> bool {
    has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

/// Both alphabets are in use, with and without padding.
fn is_base64(text: &str) -> bool {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    STANDARD.decode(text).is_ok() || URL_SAFE.decode(text).is_ok()
}

fn number(text: &str, from: usize, to: usize) -> Option<u32> {
    text.get(from..to)?.parse().ok()
}

fn is_date(text: &str) -> bool {
    let day = || NaiveDate::from_ymd_opt(text.get(0..4)?.parse().ok()?, number(text, 5, 7)?, number(text, 8, 10)?);
    has_form(text, "9999-99-99") && day().is_some()
}

/// `HH:MM`, with seconds and a fraction of up to twelve digits if there are any.
fn is_time(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_form = has_form(clock, "99:99:99") || (has_form(clock, "99:99") && clock.len() == text.len());
    let is_fraction = (1..=12).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let below = |from, limit| number(clock, from, from + 2).is_none_or(|number| number < limit);
    is_form && is_fraction && below(0, 24) && below(3, 60) && below(6, 60)
}

/// A date and a time without an offset, as `dateTimeTimeZone` has them.
pub(crate) fn is_wall_clock(text: &str) -> bool {
    match text.split_once('T') {
        Some((date, time)) => is_date(date) && is_time(time),
        None => false,
    }
}

/// An instant, a reading of a clock or a date, as windows are named by.
pub(crate) fn is_moment(text: &str) -> bool {
    is_instant(text) || is_wall_clock(text) || is_date(text)
}

fn is_instant(text: &str) -> bool {
    if let Some(wall) = text.strip_suffix(['Z', 'z']) {
        return is_wall_clock(wall);
    }
    let Some((wall, offset)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else {
        return false;
    };
    is_offset(offset) && is_wall_clock(wall)
}

/// An offset of at most fourteen hours, as time zones have them.
fn is_offset(text: &str) -> bool {
    let is_form = has_form(text, "+99:99") || has_form(text, "-99:99");
    let (hours, minutes) = (number(text, 1, 3).unwrap_or(99), number(text, 4, 6).unwrap_or(99));
    is_form && minutes < 60 && hours * 60 + minutes <= 14 * 60
}

/// `P1DT2H3M4.5S` with at least one part, no years and no months, and a
/// fraction of seconds alone.
fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some(rest) = unsigned.strip_prefix('P').filter(|rest| !rest.is_empty() && !rest.ends_with('T')) else {
        return false;
    };
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    are_parts(days, "D") && are_parts(clock, "HMS")
}

/// Whether a text is numbers, each behind it one of the units, in their order.
fn are_parts(text: &str, units: &str) -> bool {
    let (mut rest, mut left) = (text, units);
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (digits, tail) = rest.split_at(end);
        let Some((unit, after)) = tail.split_at_checked(1) else { return false };
        let Some(at) = left.find(unit).filter(|_| is_number(digits, unit == "S")) else { return false };
        left = left.get(at + 1..).unwrap_or_default();
        rest = after;
    }
    true
}

/// Digits, and where there may be a fraction, one with digits on both sides.
fn is_number(text: &str, may_have_fraction: bool) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => may_have_fraction && are_digits(whole) && are_digits(fraction),
        None => are_digits(text),
    }
}

#[cfg(test)]
mod tests {
    use super::Edm;
    use serde_json::json;

    #[test]
    fn values_are_told_from_others() {
        let huge = json!(2_147_483_648_i64);
        let cases = [
            (Edm::Boolean, vec![json!(true)], vec![json!("true"), json!(1)]),
            (Edm::Int32, vec![json!(0), json!(-5)], vec![huge.clone(), json!(1.5), json!("1")]),
            (Edm::Int64, vec![huge], vec![json!(1.5), json!("1")]),
            (Edm::Double, vec![json!(1.5), json!(2), json!("INF")], vec![json!("1.5")]),
            (Edm::String, vec![json!("")], vec![json!(1), json!([])]),
            (
                Edm::Guid,
                vec![json!("11111111-2222-3333-4444-55555555aBcD")],
                vec![json!("11111111"), json!("11111111-2222-3333-4444-55555555aBcX")],
            ),
            (Edm::Binary, vec![json!("AQI="), json!("AQI"), json!("_-8=")], vec![json!("*"), json!([1])]),
            (Edm::Date, vec![json!("0001-01-01"), json!("2024-02-29")], vec![json!("2023-02-29"), json!("2024-2-9")]),
            (
                Edm::TimeOfDay,
                vec![json!("08:00:00.0000000"), json!("23:59"), json!("08:00:00")],
                vec![json!("24:00:00"), json!("08:60:00"), json!("08:00:00."), json!("8:00"), json!("08:00.5")],
            ),
            (
                Edm::DateTimeOffset,
                vec![json!("0001-01-01T00:00:00Z"), json!("2026-03-02T12:00:00.0000000+14:00")],
                vec![
                    json!("2026-03-02T12:00:00"),
                    json!("2026-03-02"),
                    json!("2026-13-02T12:00:00Z"),
                    json!("Z"),
                    json!("2026-03-02T12:00:00+99:99"),
                    json!("2026-03-02T12:00:00+14:01"),
                    json!("2026-03-02T12:00:00-01:60"),
                ],
            ),
            (
                Edm::Duration,
                vec![json!("PT1H"), json!("P1DT2H3M4.5S"), json!("-PT30M")],
                [
                    "P", "PT", "1H", "P1Y", "PT1M2H", "PTH", "P.D", "PT1..2S", "PT.5S", "PT5.S", "P1.5D", "PT1.5H",
                    "+-P1D", "--P1D",
                ]
                .map(|text| json!(text))
                .to_vec(),
            ),
            (Edm::Stream, vec![], vec![json!("AQI=")]),
        ];
        for (edm, yes, no) in cases {
            assert!(!edm.accepts(&json!(null)), "{edm:?}: null");
            for value in yes {
                assert!(edm.accepts(&value), "{edm:?}: {value}");
            }
            for value in no {
                assert!(!edm.accepts(&value), "{edm:?}: {value}");
            }
        }
    }
}
