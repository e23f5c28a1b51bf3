//! The join section of an online meeting within a description.
//!
//! Exchange takes a meeting for an online one as long as the section that it
//! put into the body stays there (`api/event-update`), and the canonical form
//! does not keep it to the letter. So it is cut out as it came, and put back
//! whenever the description is written. The CRM shows the section like any other
//! text; what a person makes of that copy is given up for the original.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{MEETING_MARKS, canonical};
use crate::model::Html;

/// The largest join section that is kept, in bytes as it came. Those of Teams
/// have some 10 KiB; it is stored with the item.
const SECTION_MAX_BYTES: usize = 32 * 1024;

/// How many underscores in a row are the line above and below the section.
/// Teams writes 80 of them; a person who draws a line by hand writes fewer or
/// is asked for a join link between two of them, too.
const LINE_UNDERSCORES_MIN: usize = 30;

/// Elements without content, and so without a closing tag.
const VOID_TAGS: [&str; 8] = ["br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// The join section of a meeting, as it came. `Debug` hides it: its links let
/// anybody in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingBlob(String);

impl MeetingBlob {
    /// The section of a body as it came; none where it has none, or where it is
    /// not certain that putting it back makes the same description again.
    pub fn of(body: &str) -> Option<Self> {
        let section = body.get(find(body)?)?;
        if section.len() > SECTION_MAX_BYTES {
            return None;
        }
        let blob = Self(section.to_owned());
        let shown = canonical(body);
        (canonical(&blob.put_into(&shown)) == shown).then_some(blob)
    }

    /// The section.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `description` as it is written: with this section in the place of its own
    /// copy of it, or at the end where it has none.
    pub fn put_into(&self, description: &Html) -> String {
        let text = description.as_str();
        let place = find(text).unwrap_or(text.len()..text.len());
        let before = text.get(..place.start).unwrap_or(text);
        let after = text.get(place.end..).unwrap_or_default();
        format!("{before}{}{after}", self.0)
    }
}

impl fmt::Debug for MeetingBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MeetingBlob({} bytes)", self.0.len())
    }
}

/// Where the section is: from the line of underscores above the join links to
/// the one below, with the elements that hold nothing but these lines.
fn find(html: &str) -> Option<Range<usize>> {
    let lower = html.to_ascii_lowercase();
    let marks = || MEETING_MARKS.iter().flat_map(|mark| lower.match_indices(mark));
    let first = marks().map(|(at, _)| at).min()?;
    let last = marks().map(|(at, mark)| at + mark.len()).max()?;
    let above = lines(html).filter(|line| line.end <= first).last()?;
    let below = lines(html).find(|line| line.start >= last)?;
    let open = unmatched(html.get(above.start..below.end)?)?;
    let start = open.closings.iter().try_fold(above.start, |at, name| before_opening(html, at, name))?;
    let end = open.openings.iter().rev().try_fold(below.end, |at, name| behind_closing(html, at, name))?;
    let is_whole = unmatched(html.get(start..end)?).is_some_and(|open| open == Unmatched::default());
    is_whole.then_some(start..end)
}

/// The runs of underscores that are long enough.
fn lines(html: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    html.split_inclusive(|character| character != '_').filter_map(move |piece| {
        let start = at;
        at += piece.len();
        let length = piece.bytes().take_while(|byte| *byte == b'_').count();
        (length >= LINE_UNDERSCORES_MIN).then(|| start..start + length)
    })
}

/// Tags of a piece of HTML whose other half is outside of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unmatched {
    /// Closing tags, in order.
    closings: Vec<String>,
    /// Opening tags, in order.
    openings: Vec<String>,
}

/// None for what is not plain enough to be cut: comments, and elements that are
/// closed in another order than they were opened.
fn unmatched(html: &str) -> Option<Unmatched> {
    let mut found = Unmatched::default();
    for piece in html.split('<').skip(1) {
        let (markup, _) = piece.split_once('>')?;
        let name = tag_name(markup)?;
        if markup.starts_with('/') {
            match found.openings.pop() {
                Some(open) if open == name => {}
                Some(_) => return None,
                None => found.closings.push(name),
            }
        } else if !markup.ends_with('/') && !VOID_TAGS.contains(&name.as_str()) {
            found.openings.push(name);
        }
    }
    Some(found)
}

fn tag_name(markup: &str) -> Option<String> {
    let name: String =
        markup.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// Where the opening tag begins that stands directly before `at`.
fn before_opening(html: &str, at: usize, name: &str) -> Option<usize> {
    let before = html.get(..at)?.trim_end();
    let start = before.rfind('<')?;
    let markup = before.get(start + 1..)?.strip_suffix('>')?;
    let fits = !markup.starts_with('/') && !markup.contains('>') && tag_name(markup)? == name;
    fits.then_some(start)
}

/// Where the closing tag ends that stands directly behind `at`.
fn behind_closing(html: &str, at: usize, name: &str) -> Option<usize> {
    let behind = html.get(at..)?;
    let markup = behind.trim_start().strip_prefix("</")?;
    let (tag, rest) = markup.split_once('>')?;
    (tag_name(tag)? == name).then_some(html.len() - rest.len())
}

#[cfg(test)]
mod tests;
