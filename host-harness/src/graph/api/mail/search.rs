//! `$search` on messages: a part of the keyword query language
//! (concepts/search-query-parameter).
//!
//! Words and phrases, restrictions such as `subject:lunch` or
//! `received>=2026-03-02`, combined with `AND`, `OR` and `NOT`. A word is found
//! where a word begins with it, in any case. At most 1,000 messages are found,
//! the newest first.
//!
//! DIFFERENCE: parentheses and `size` are refused as not emulated; how the
//! service divides texts into words is its own affair.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use crate::graph::calendar::body;
use crate::graph::call::BodyType;
use crate::graph::mail::model::{Line, Message};
use crate::graph::mail::output::has_attachments;
use crate::graph::reply::Refusal;

/// Messages that one search finds.
pub(super) const FOUND_MAX: usize = 1_000;

/// What can be restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Attachment,
    Bcc,
    Body,
    Cc,
    From,
    HasAttachments,
    Importance,
    Participants,
    Recipients,
    Subject,
    To,
    /// Sender, subject and body: what is searched where nothing is named.
    Anything,
}

impl Property {
    fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "attachment" => Some(Self::Attachment),
            "bcc" => Some(Self::Bcc),
            "body" => Some(Self::Body),
            "cc" => Some(Self::Cc),
            "from" => Some(Self::From),
            "hasattachment" | "hasattachments" => Some(Self::HasAttachments),
            "importance" => Some(Self::Importance),
            "participants" => Some(Self::Participants),
            "recipients" => Some(Self::Recipients),
            "subject" => Some(Self::Subject),
            "to" => Some(Self::To),
            _ => None,
        }
    }
}

/// One condition.
#[derive(Clone, Debug)]
enum Term {
    Words(Property, String),
    /// Received or, if the flag says so, sent in a span of time; the end is
    /// outside.
    Time {
        of_sending: bool,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    },
}

/// A parsed search: one of the groups has to hold, and of it every condition,
/// or its opposite where the flag says so.
#[derive(Clone, Debug)]
pub(super) struct Search {
    groups: Vec<Vec<(Term, bool)>>,
}

impl Search {
    /// Reads the value of `$search`.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let invalid = |detail: &str| Refusal::new(400, "BadRequest", format!("Syntax error in $search: {detail}"));
        let text = text.trim();
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let inner = inner.replace("\\\"", "\"");
        let (mut groups, mut group, mut negates) = (Vec::new(), Vec::new(), false);
        for piece in pieces(&inner) {
            match piece.as_str() {
                "AND" => {}
                "OR" => groups.push(std::mem::take(&mut group)),
                "NOT" => negates = true,
                piece if piece.contains(['(', ')']) => {
                    return Err(Refusal::not_emulated("A search with parentheses"));
                }
                piece => {
                    group.push((term(piece)?, negates));
                    negates = false;
                }
            }
        }
        groups.push(group);
        if groups.iter().any(Vec::is_empty) { Err(invalid("a condition is missing.")) } else { Ok(Self { groups }) }
    }

    /// Whether a message is found.
    pub fn accepts(&self, message: &Message) -> bool {
        self.groups.iter().any(|group| group.iter().all(|(term, negates)| holds(term, message) != *negates))
    }
}

/// Splits at white space outside of quotes.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut quoted) = (vec![String::new()], false);
    for character in text.chars() {
        if character == '"' {
            quoted = !quoted;
        }
        match pieces.last_mut() {
            Some(last) if quoted || !character.is_whitespace() => last.push(character),
            Some(_) | None => pieces.push(String::new()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn term(piece: &str) -> Result<Term, Refusal> {
    let bare = |text: &str| text.trim_matches('"').to_owned();
    let at = piece.find([':', '=', '<', '>']).filter(|at| !piece.get(..*at).unwrap_or_default().contains('"'));
    let Some((name, rest)) = at.and_then(|at| piece.split_at_checked(at)) else {
        return Ok(Term::Words(Property::Anything, bare(piece)));
    };
    let operator: String = rest.chars().take_while(|character| matches!(character, ':' | '=' | '<' | '>')).collect();
    let value = bare(rest.get(operator.len()..).unwrap_or_default());
    match name.to_ascii_lowercase().as_str() {
        "size" | "kind" => Err(Refusal::not_emulated(&format!("A search by '{name}'"))),
        "received" | "sent" => {
            let date = NaiveDate::parse_from_str(&value, "%Y-%m-%d")
                .or_else(|_| NaiveDate::parse_from_str(&value, "%m/%d/%Y"));
            let invalid = || Refusal::new(400, "BadRequest", "Syntax error in $search: a date is not one.");
            let day = date.map_err(|_| invalid())?;
            let begin = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
            let next = begin(day.checked_add_days(Days::new(1)).ok_or_else(invalid)?);
            let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
            let (from, to) = match operator.as_str() {
                ":" | "=" => (begin(day), next),
                ">=" => (begin(day), last),
                ">" => (next, last),
                "<=" => (first, next),
                "<" => (first, begin(day)),
                _ => return Err(invalid()),
            };
            Ok(Term::Time { of_sending: name.eq_ignore_ascii_case("sent"), from, to })
        }
        other => match Property::read(other) {
            Some(property) => Ok(Term::Words(property, value)),
            // An unknown name is a word like any other.
            None => Ok(Term::Words(Property::Anything, bare(piece))),
        },
    }
}

fn holds(term: &Term, message: &Message) -> bool {
    match term {
        Term::Time { of_sending, from, to } => {
            let at = if *of_sending { message.sent } else { message.received };
            at >= *from && at < *to
        }
        Term::Words(Property::HasAttachments, value) => {
            has_attachments(message) == (value.eq_ignore_ascii_case("true") || value == "1")
        }
        Term::Words(property, words) => texts(*property, message).iter().any(|text| has_words(text, words)),
    }
}

/// What is searched for a property.
fn texts(property: Property, message: &Message) -> Vec<String> {
    let on = |lines: &[Line]| -> Vec<String> {
        let listed = message.recipients.iter().filter(|recipient| lines.contains(&recipient.line));
        listed.map(|recipient| format!("{} {}", recipient.address.name, recipient.address.address)).collect()
    };
    let from = || format!("{} {}", message.from.name, message.from.address);
    match property {
        Property::Attachment => message.attachments.iter().map(|attachment| attachment.name.clone()).collect(),
        Property::Bcc => on(&[Line::Bcc]),
        Property::Body => vec![body::content(&message.body, BodyType::Text)],
        Property::Cc => on(&[Line::Cc]),
        Property::From => vec![from()],
        Property::HasAttachments => Vec::new(),
        Property::Importance => vec![message.importance.clone()],
        Property::Participants => on(&[Line::To, Line::Cc, Line::Bcc]).into_iter().chain([from()]).collect(),
        Property::Recipients => on(&[Line::To, Line::Cc, Line::Bcc]),
        Property::Subject => vec![message.subject.clone()],
        Property::To => on(&[Line::To]),
        Property::Anything => {
            vec![from(), message.subject.clone(), body::content(&message.body, BodyType::Text)]
        }
    }
}

/// Whether a text has words that begin with these, one after the other.
fn has_words(text: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|character: char| !character.is_alphanumeric());
        parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
    };
    let (text, wanted) = (words(text), words(wanted));
    let begins = |window: &[String]| window.iter().zip(&wanted).all(|(word, part)| word.starts_with(part));
    !wanted.is_empty() && text.windows(wanted.len()).any(begins)
}
