//! Which values a field accepts, and how a value is brought into its type.
//!
//! Used twice: on what a form posts, where a refusal becomes a message, and on
//! what is stored, where a value that does not fit counts as absent. So nothing
//! behind this module meets a value of the wrong type or size.

use super::{Field, Kind, SECRET_MASK, SettingValue};

/// How much of a refused text a message repeats, in Unicode scalar values.
const ECHO_LENGTH_MAX: usize = 40;
/// The longest domain name, in characters (RFC 1035, section 2.3.4).
const DOMAIN_LENGTH_MAX: usize = 253;
/// The longest label of a domain name, in characters (same section).
const DOMAIN_LABEL_LENGTH_MAX: usize = 63;
/// Tenants that stand for several directories and have mailboxes for work.
const SHARED_TENANTS: [&str; 2] = ["common", "organizations"];

/// Calendars beside the default one. Each costs a request per run, and all of
/// them together have to stay below what one mailbox may ask for (Graph
/// `concepts/throttling-limits`) and one step may do.
pub(super) const CALENDAR_NAMES_MAX: usize = 10;

/// Brings `value` into the type of `field` (Oro row S11) and checks it.
///
/// An empty text is [`SettingValue::None`]. A secret that is not empty becomes
/// the mask: its text is nobody's business behind this point.
///
/// # Errors
///
/// A sentence for the person at the form: what is expected, what was found.
pub(super) fn accept(field: Field, value: &SettingValue) -> Result<SettingValue, String> {
    match field.kind() {
        Kind::Boolean => boolean(value).map(SettingValue::Boolean),
        Kind::Integer { min, max } => integer(value, min, max, field.unit()).map(SettingValue::Integer),
        Kind::Text { length_max } => match text(value, length_max)? {
            None => Ok(SettingValue::None),
            Some(text) if field == Field::Tenant => tenant(text),
            Some(text) if field == Field::CalendarNames => calendars(&text),
            Some(text) if field == Field::TaskList => task_list(text),
            Some(text) => token(text),
        },
        Kind::Choice(choices) => choice(value, &choices),
        Kind::Secret { length_max } => {
            Ok(text(value, length_max)?.map_or(SettingValue::None, |_| SettingValue::text(SECRET_MASK)))
        }
        Kind::Display => Err("expected nothing, because this value belongs to the CRM, but found one".to_owned()),
    }
}

/// The text of a secret as it is to be stored; none where it is empty.
pub(super) fn secret_text(value: &SettingValue) -> Option<String> {
    match value {
        SettingValue::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        SettingValue::Integer(number) => Some(number.to_string()),
        SettingValue::Boolean(_) | SettingValue::None => None,
    }
}

/// Whether a posted secret is the stand-in for the stored one. Any row of
/// asterisks counts, as hosts may draw a longer one.
pub(super) fn is_mask(value: &SettingValue) -> bool {
    matches!(value, SettingValue::Text(text) if !text.is_empty() && text.chars().all(|character| character == '*'))
}

fn boolean(value: &SettingValue) -> Result<bool, String> {
    let found = match value {
        SettingValue::Boolean(flag) => Some(*flag),
        SettingValue::Integer(1) => Some(true),
        SettingValue::Integer(0) => Some(false),
        SettingValue::Text(text) => match text.trim() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        SettingValue::Integer(_) | SettingValue::None => None,
    };
    found.ok_or_else(|| format!("expected yes or no (`true` or `false`), but found {}", describe(value)))
}

fn integer(value: &SettingValue, min: i64, max: i64, unit: Option<&str>) -> Result<i64, String> {
    let found = match value {
        SettingValue::Integer(number) => Some(*number),
        SettingValue::Text(text) => text.trim().parse().ok(),
        SettingValue::Boolean(_) | SettingValue::None => None,
    };
    found.filter(|number| (min..=max).contains(number)).ok_or_else(|| {
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        format!("expected a whole number from {min} to {max}{unit}, but found {}", describe(value))
    })
}

fn text(value: &SettingValue, length_max: u32) -> Result<Option<String>, String> {
    let text = match value {
        SettingValue::Text(text) => text.trim().to_owned(),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::None => String::new(),
        SettingValue::Boolean(_) => return Err(format!("expected a text, but found {}", describe(value))),
    };
    let length = text.chars().count();
    if u32::try_from(length).map_or(true, |length| length > length_max) {
        return Err(format!("expected at most {length_max} characters, but found {length}"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// An id of the directory, or the plain name of a test application. The text is
/// not repeated in the message: a secret pasted into the wrong box stays unseen.
fn token(text: String) -> Result<SettingValue, String> {
    if text.chars().all(|character| character.is_ascii_graphic()) {
        Ok(SettingValue::Text(text))
    } else {
        Err("expected an application id such as `00000000-0000-0000-0000-000000000000`, but found spaces or \
             characters outside of ASCII"
            .to_owned())
    }
}

/// What stands in the address of the login endpoints
/// (learn.microsoft.com/entra/identity-platform/v2-protocols).
fn tenant(text: String) -> Result<SettingValue, String> {
    if is_guid(&text) || is_domain(&text) || SHARED_TENANTS.contains(&text.as_str()) {
        return Ok(SettingValue::Text(text));
    }
    if text == "consumers" {
        return Err(
            "expected a directory of an organization, but found `consumers`, which has personal accounts only; \
                    use the id of the directory or `organizations`"
                .to_owned(),
        );
    }
    Err(format!(
        "expected the id of a directory, a domain name such as `contoso.onmicrosoft.com`, `organizations` or `common`, \
         but found {}",
        describe(&SettingValue::Text(text))
    ))
}

/// The names of a list: separated by commas or line breaks, without spaces
/// around them, each once whatever its case, the first spelling counting.
pub(super) fn calendar_names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in text.split([',', '\n', '\r']).map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A list of names of calendars, in the form in which it is stored.
fn calendars(text: &str) -> Result<SettingValue, String> {
    let names = calendar_names(text);
    if names.iter().any(|name| name.chars().any(char::is_control)) {
        return Err("expected names of calendars, but found characters that cannot be seen".to_owned());
    }
    if names.len() > CALENDAR_NAMES_MAX {
        let found = names.len();
        return Err(format!(
            "expected at most {CALENDAR_NAMES_MAX} calendars beside the default one, but found {found}"
        ));
    }
    Ok(if names.is_empty() { SettingValue::None } else { SettingValue::Text(names.join(", ")) })
}

/// The name of a list of To Do.
fn task_list(name: String) -> Result<SettingValue, String> {
    if name.chars().any(char::is_control) {
        return Err("expected the name of a task list, but found characters that cannot be seen".to_owned());
    }
    Ok(SettingValue::Text(name))
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|character| character == '-' || character.is_ascii_hexdigit())
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=DOMAIN_LABEL_LENGTH_MAX).contains(&label.len())
            && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= DOMAIN_LENGTH_MAX && text.contains('.') && text.split('.').all(is_label)
}

fn choice(value: &SettingValue, choices: &[&str]) -> Result<SettingValue, String> {
    match value {
        SettingValue::Text(text) if choices.contains(&text.as_str()) => Ok(value.clone()),
        SettingValue::Text(_) | SettingValue::Boolean(_) | SettingValue::Integer(_) | SettingValue::None => {
            let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            Err(format!("expected one of {}, but found {}", choices.join(", "), describe(value)))
        }
    }
}

/// A refused value in a message. Not for secrets.
fn describe(value: &SettingValue) -> String {
    match value {
        SettingValue::Boolean(true) => "yes".to_owned(),
        SettingValue::Boolean(false) => "no".to_owned(),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::None => "nothing".to_owned(),
        SettingValue::Text(text) if text.trim().is_empty() => "nothing".to_owned(),
        SettingValue::Text(text) => {
            let shown: String = text.chars().take(ECHO_LENGTH_MAX).filter(|shown| !shown.is_control()).collect();
            let ellipsis = if text.chars().count() > ECHO_LENGTH_MAX { "…" } else { "" };
            format!("`{shown}{ellipsis}`")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    fn text(value: &str) -> SettingValue {
        SettingValue::text(value)
    }

    #[test]
    fn values_that_fit_are_brought_into_the_type_of_the_field() {
        let table = [
            (Field::IntervalMinutes, SettingValue::Integer(1), SettingValue::Integer(1)),
            (Field::IntervalMinutes, SettingValue::Integer(1440), SettingValue::Integer(1440)),
            (Field::IntervalMinutes, text(" 15 "), SettingValue::Integer(15)),
            (Field::CalendarFeature, text("true"), SettingValue::Boolean(true)),
            (Field::CalendarFeature, SettingValue::Integer(0), SettingValue::Boolean(false)),
            (Field::CalendarDirection, text("microsoft-to-crm"), text("microsoft-to-crm")),
            (Field::ClientId, text(" tandem-test "), text("tandem-test")),
            (Field::ClientId, SettingValue::Integer(42), text("42")),
            (Field::ClientId, text("  "), SettingValue::None),
            (Field::Tenant, text("9188040d-6c67-4c5b-b112-36a304b66dad"), text("9188040d-6c67-4c5b-b112-36a304b66dad")),
            (Field::Tenant, text("contoso.onmicrosoft.com"), text("contoso.onmicrosoft.com")),
            (Field::Tenant, text("common"), text("common")),
            (Field::Tenant, text("organizations"), text("organizations")),
            (Field::CalendarNames, text(" Team,\r\nProjects ,,team\nTEAM"), text("Team, Projects")),
            (Field::CalendarNames, text("\u{c4}rzte, \u{e4}rzte"), text("\u{c4}rzte")),
            (Field::CalendarNames, text(" , \n"), SettingValue::None),
            (Field::CalendarNames, text("0,1,2,3,4,5,6,7,8,9"), text("0, 1, 2, 3, 4, 5, 6, 7, 8, 9")),
            (Field::CalendarNames, SettingValue::Integer(2027), text("2027")),
            (Field::TaskList, text("  \u{c4}rzte, und mehr "), text("\u{c4}rzte, und mehr")),
            (Field::TaskList, text(" \n"), SettingValue::None),
            (Field::TaskList, SettingValue::Integer(2027), text("2027")),
            (Field::AllTaskLists, text("true"), SettingValue::Boolean(true)),
            (Field::ClientSecret, text("s3cret~"), text(SECRET_MASK)),
            (Field::ClientSecret, text(""), SettingValue::None),
        ];
        for (field, given, expected) in table {
            assert_eq!(accept(field, &given), Ok(expected), "{field:?} {given:?}");
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused_with_what_was_expected_and_found() {
        let long = text(&"x".repeat(256));
        let table = [
            (Field::IntervalMinutes, SettingValue::Integer(0), "from 1 to 1440 minutes, but found 0"),
            (Field::IntervalMinutes, SettingValue::Integer(1441), "from 1 to 1440 minutes, but found 1441"),
            (Field::IntervalMinutes, SettingValue::Boolean(true), "but found yes"),
            (Field::IntervalMinutes, text("soon"), "but found `soon`"),
            (Field::IntervalMinutes, SettingValue::None, "but found nothing"),
            (Field::WindowPastDays, SettingValue::Integer(1826), "from 1 to 1825 days, but found 1826"),
            (Field::CalendarFeature, text("yes please"), "expected yes or no"),
            (Field::CalendarFeature, SettingValue::Integer(2), "but found 2"),
            (Field::CalendarDirection, text("sideways"), "`bidirectional`, but found `sideways`"),
            (Field::CalendarConflictRule, SettingValue::Integer(1), "`crm-wins`, `microsoft-wins`, but found 1"),
            (Field::ClientId, long, "at most 255 characters, but found 256"),
            (Field::ClientId, text("two words"), "but found spaces"),
            (Field::ClientId, SettingValue::Boolean(false), "expected a text, but found no"),
            (Field::Tenant, text("consumers"), "but found `consumers`"),
            (Field::Tenant, text("contoso"), "but found `contoso`"),
            (Field::Tenant, text("contoso.com/evil?"), "but found `contoso.com/evil?`"),
            (Field::Tenant, text("-a.com"), "but found `-a.com`"),
            (
                Field::CalendarNames,
                text("0,1,2,3,4,5,6,7,8,9,10"),
                "at most 10 calendars beside the default one, but found 11",
            ),
            (Field::CalendarNames, text(&"x".repeat(1001)), "at most 1000 characters, but found 1001"),
            (Field::CalendarNames, text("Te\u{7}am"), "but found characters that cannot be seen"),
            (Field::CalendarNames, SettingValue::Boolean(true), "expected a text, but found yes"),
            (Field::TaskList, text(&"x".repeat(256)), "at most 255 characters, but found 256"),
            (Field::TaskList, text("To\u{7}do"), "but found characters that cannot be seen"),
            (Field::AllTaskLists, text("all of them"), "expected yes or no"),
            (Field::RedirectUri, text("https://crm.example"), "belongs to the CRM"),
        ];
        for (field, given, expected) in table {
            let message = accept(field, &given).expect_err("a value that does not fit");
            assert!(message.contains(expected), "{field:?} {given:?}: {message}");
        }
    }

    #[test]
    fn a_message_about_a_secret_never_repeats_it() {
        let secret = "s3cret~".repeat(200);
        let message = accept(Field::ClientSecret, &text(&secret)).expect_err("too long");
        assert!(!message.contains("s3cret"), "{message}");
        let misplaced = accept(Field::ClientId, &text("s3cret with space")).expect_err("a space");
        assert!(!misplaced.contains("s3cret"), "{misplaced}");
    }
}
