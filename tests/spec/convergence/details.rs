//! What a person sees of an event beside its time and title, in the same words
//! for both sides.

use serde_json::Value;

/// What is compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Details {
    /// The description without its markup.
    text: String,
    /// Minutes before the start; none without a reminder.
    reminder: Option<i64>,
    /// `address part answer` of each guest, sorted; none in somebody else's
    /// meeting, where Microsoft shows a guest no answers of others.
    guests: Option<Vec<String>>,
}

/// An event of the CRM.
pub fn in_crm(event: &Value) -> Details {
    let guest = |guest: &Value| {
        let text = |name: &str| guest[name].as_str().unwrap_or_default().to_ascii_lowercase();
        format!("{} {} {}", text("email"), text("type"), text("status"))
    };
    Details {
        text: text(event["description"].as_str().unwrap_or_default()),
        reminder: event["reminderMinutes"].as_i64(),
        guests: (event["isOrganizer"] == true).then(|| sorted(&event["attendees"], guest)),
    }
}

/// An event of Outlook.
pub fn in_outlook(event: &Value) -> Details {
    let guest = |guest: &Value| {
        let address = guest["emailAddress"]["address"].as_str().unwrap().to_ascii_lowercase();
        let answer = match guest["status"]["response"].as_str().unwrap() {
            "none" | "notResponded" => "none",
            "tentativelyAccepted" => "tentative",
            other => other,
        };
        format!("{address} {} {answer}", guest["type"].as_str().unwrap())
    };
    Details {
        text: text(event["body"]["content"].as_str().unwrap()),
        reminder: (event["isReminderOn"] == true).then(|| event["reminderMinutesBeforeStart"].as_i64()).flatten(),
        guests: (event["isOrganizer"] == true).then(|| sorted(&event["attendees"], guest)),
    }
}

/// What is left of HTML without its tags, and with single spaces.
fn text(html: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => (in_tag, words) = (false, words + " "),
            letter if !in_tag => words.push(letter),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sorted(guests: &Value, line: impl Fn(&Value) -> String) -> Vec<String> {
    let mut lines: Vec<String> = guests.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}
