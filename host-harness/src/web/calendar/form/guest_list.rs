//! The guests of an event as a field of its form: one a line, an address, a name
//! with an address as mails write it, or what was stored with a name alone.
//!
//! A line that stands for a stored guest leaves the guest as stored, with part and
//! answer, so that a form that is saved as it is changes nobody. Who called the meeting
//! is among the stored ones, too, but no guest: they are not in the field, and stay.

use std::collections::BTreeSet;

use crate::crm::event::{ATTENDEES_MAX, Attendee, AttendeeStatus, AttendeeType, Change};
use crate::crm::users::{NAME_LENGTH_MAX, valid_address};

/// Characters of a line that are repeated where it is named.
const QUOTED_MAX: usize = 60;

/// Lines that are named where they are wrong: what a person mends before looking again.
const WRONG_SHOWN_MAX: usize = 5;

/// What separates addresses from each other or from names, wherever mails are written.
const SEPARATORS: [char; 4] = [',', ';', '<', '>'];

/// What is wrong with a line that has a second address where the name is.
const MORE_THAN_ONE: &str = "has more than one address. Write one guest a line, and a name that has an address in it in \
                             quotation marks.";

/// The stored guests, as the field shows them.
pub fn shown(attendees: &[Attendee]) -> String {
    let guests = attendees.iter().filter(|attendee| is_guest(attendee));
    guests.map(line_of).collect::<Vec<_>>().join("\n")
}

/// What was posted, as it is shown again.
pub fn posted(text: &str) -> String {
    // Lines are named by their numbers, those at the beginning as well.
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// What a field with this text makes of the guests that were there `before`.
///
/// # Errors
/// A line is no guest, or one that an earlier line names, or there are too many: all of
/// it in one text, line by line.
pub fn change(text: &str, before: &[Attendee]) -> Result<Change<Vec<Attendee>>, String> {
    let organizers = before.iter().filter(|attendee| !is_guest(attendee)).count();
    let lines = lines_of(text);
    // So many need not be read one by one.
    if lines.len() > ATTENDEES_MAX {
        return Err(too_many(lines.len(), organizers));
    }
    if text == posted(&shown(before)) {
        return Ok(Change::Keep);
    }
    let mut list = List::of(before);
    let wrong: Vec<String> = lines.iter().filter_map(|line| list.take(line).err()).collect();
    if !wrong.is_empty() {
        return Err(in_one_text(&wrong));
    }
    let attendees = list.attendees();
    if attendees.len() > ATTENDEES_MAX {
        return Err(too_many(attendees.len() - organizers, organizers));
    }
    Ok(if attendees == before { Change::Keep } else { Change::Set(attendees) })
}

/// A line that is not blank.
struct Line {
    /// As it is counted in the field, from 1.
    number: usize,
    text: String,
}

impl Line {
    /// The line and what is wrong with it.
    fn is_wrong(&self, why: &str) -> String {
        let mut quoted: String = self.text.chars().take(QUOTED_MAX).collect();
        if quoted.len() < self.text.len() {
            quoted.push('…');
        }
        format!("Line {} (“{quoted}”) {why}", self.number)
    }
}

fn lines_of(text: &str) -> Vec<Line> {
    let lines = text.split('\n').enumerate();
    let lines = lines.map(|(index, line)| Line { number: index + 1, text: one_line(line) });
    lines.filter(|line| !line.text.is_empty()).collect()
}

/// The guests while they are read.
struct List<'a> {
    before: &'a [Attendee],
    /// The lines of those.
    lines: Vec<String>,
    /// What became of each of them; none of whom no line was read yet.
    stays: Vec<Option<Attendee>>,
    added: Vec<Attendee>,
    /// The addresses so far, in lower case: each guest is one once.
    addresses: BTreeSet<String>,
}

impl<'a> List<'a> {
    fn of(before: &'a [Attendee]) -> Self {
        Self {
            before,
            lines: before.iter().map(line_of).collect(),
            stays: before.iter().map(|attendee| (!is_guest(attendee)).then(|| attendee.clone())).collect(),
            added: Vec::new(),
            addresses: BTreeSet::new(),
        }
    }

    /// Reads the next line.
    fn take(&mut self, line: &Line) -> Result<(), String> {
        let (place, attendee) = self.meant(&line.text).map_err(|why| line.is_wrong(&why))?;
        if let Some(address) = &attendee.email
            && !self.addresses.insert(address.to_lowercase())
        {
            return Err(line.is_wrong("names a guest of an earlier line. Remove one of the two."));
        }
        match place.and_then(|place| self.stays.get_mut(place)) {
            Some(stays) => *stays = Some(attendee),
            None => self.added.push(attendee),
        }
        Ok(())
    }

    /// Whom a line means, and their place among those that were there.
    fn meant(&self, text: &str) -> Result<(Option<usize>, Attendee), String> {
        let untouched = self.lines.iter().zip(&self.stays).position(|(line, stays)| stays.is_none() && line == text);
        if let Some((place, attendee)) = untouched.and_then(|place| Some((place, self.before.get(place)?))) {
            return Ok((Some(place), attendee.clone()));
        }
        let (name, address) = read(text)?;
        let is_same = |attendee: &Attendee| {
            attendee.email.as_deref().is_some_and(|email| email.to_lowercase() == address.to_lowercase())
        };
        Ok(match self.before.iter().enumerate().find(|(_, attendee)| is_same(attendee)) {
            Some((place, organizer)) if !is_guest(organizer) => (Some(place), organizer.clone()),
            Some((place, guest)) => (Some(place), Attendee { display_name: name, ..guest.clone() }),
            None => (None, invited(name, address)),
        })
    }

    /// Those who stay in their order, and then who was added.
    fn attendees(self) -> Vec<Attendee> {
        self.stays.into_iter().flatten().chain(self.added).collect()
    }
}

/// Name and address of a line.
fn read(text: &str) -> Result<(Option<String>, String), String> {
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address.trim()),
        None => ("", text),
    };
    let is_one = address.matches('@').count() == 1 && !address.contains(SEPARATORS);
    if !is_one || !is_address(address) {
        return Err("is neither an e-mail address nor a name with one in angle brackets.".to_owned());
    }
    // In quotation marks a name may have anything in it, as in mails.
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let name = quoted.unwrap_or(name).trim();
    if quoted.is_none() && !is_same_text(name, address) && has_address(name) {
        return Err(MORE_THAN_ONE.to_owned());
    }
    if name.chars().count() > NAME_LENGTH_MAX {
        return Err(format!("has a name of more than {NAME_LENGTH_MAX} characters. Shorten it."));
    }
    let name = Some(name).filter(|name| !name.is_empty() && !is_same_text(name, address));
    Ok((name.map(str::to_owned), address.to_owned()))
}

fn is_address(text: &str) -> bool {
    valid_address(text, "attendees").is_ok()
}

/// Whether a name has another guest's address in it.
fn has_address(name: &str) -> bool {
    name.split(|character: char| character.is_whitespace() || SEPARATORS.contains(&character)).any(is_address)
}

fn invited(name: Option<String>, address: String) -> Attendee {
    Attendee { email: Some(address), display_name: name, status: AttendeeStatus::None, kind: AttendeeType::Required }
}

fn is_guest(attendee: &Attendee) -> bool {
    attendee.kind != AttendeeType::Organizer
}

/// A stored guest as a line.
fn line_of(attendee: &Attendee) -> String {
    let name = attendee.display_name.as_deref().map(one_line).filter(|name| !name.is_empty());
    match (name, attendee.email.as_deref()) {
        // Microsoft takes the address for the name of a guest it does not know.
        (Some(name), Some(address)) if !is_same_text(&name, address) => format!("{name} <{address}>"),
        (_, Some(address)) => address.to_owned(),
        (name, None) => name.unwrap_or_default(),
    }
}

fn is_same_text(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// A text in one line, with single blanks: a stored name may have anything in it.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is wrong with lines, as one text: a pasted column may be wrong throughout.
fn in_one_text(wrong: &[String]) -> String {
    let shown = wrong.iter().take(WRONG_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(" ");
    match wrong.len().saturating_sub(WRONG_SHOWN_MAX) {
        0 => shown,
        1 => format!("{shown} One more line is wrong."),
        more => format!("{shown} {more} more lines are wrong."),
    }
}

fn too_many(guests: usize, organizers: usize) -> String {
    let most = ATTENDEES_MAX.saturating_sub(organizers);
    format!("These are {guests} guests, and an event takes {most} at most. Remove some.")
}

#[cfg(test)]
mod tests;
