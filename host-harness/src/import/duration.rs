//! Lengths of time of a file: `DURATION`, and `TRIGGER` of an alarm.
//!
//! The iCalendar crate reads lengths without a sign; the sign is read here.

use chrono::TimeDelta;
use icalendar::{Property, Related, Trigger};

/// Reads a length such as `PT1H30M`, `P2D` or `-P1W`.
pub(super) fn read(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, unsigned) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (-1, rest),
        (None, Some(rest)) => (1, rest),
        (None, None) => (1, text),
    };
    let trigger = Trigger::try_from(&Property::new("TRIGGER", unsigned)).ok()?;
    trigger.as_duration()?.checked_mul(sign)
}

/// The minutes by which an alarm with this trigger precedes the start of its
/// event; none for one that goes off later, or at a fixed time.
pub(super) fn minutes_before_start(trigger: &Property) -> Option<u32> {
    let parameter = |name| trigger.params().get(name).map(icalendar::Parameter::value);
    let relative = !matches!(parameter("VALUE"), Some("DATE-TIME"));
    let to_start = parameter("RELATED").is_none_or(|related| related.parse() == Ok(Related::Start));
    if !relative || !to_start {
        return None;
    }
    let lead = read(trigger.value())?.checked_mul(-1)?;
    u32::try_from(lead.num_minutes()).ok().filter(|_| lead >= TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_with_their_sign() {
        let cases = [
            ("PT15M", Some(TimeDelta::minutes(15))),
            ("-PT15M", Some(TimeDelta::minutes(-15))),
            ("+P1W", Some(TimeDelta::weeks(1))),
            ("P1DT2H3M4S", Some(TimeDelta::seconds(93_784))),
            ("P2D", Some(TimeDelta::days(2))),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, length) in cases {
            assert_eq!(read(text), length, "{text:?}");
        }
    }

    #[test]
    fn only_an_alarm_before_the_start_is_a_reminder() {
        let trigger = |value: &str, parameters: &[(&str, &str)]| {
            let mut property = Property::new("TRIGGER", value);
            for (name, value) in parameters {
                property.add_parameter(name, value);
            }
            minutes_before_start(&property)
        };
        assert_eq!(trigger("-PT10M", &[]), Some(10));
        assert_eq!(trigger("PT0S", &[("RELATED", "START")]), Some(0));
        assert_eq!(trigger("-P1D", &[("VALUE", "DURATION")]), Some(1440));
        assert_eq!(trigger("PT10M", &[]), None);
        assert_eq!(trigger("-PT10M", &[("RELATED", "END")]), None);
        assert_eq!(trigger("20260301T090000Z", &[("VALUE", "DATE-TIME")]), None);
    }
}
