//! How are two descriptions compared, when Exchange rewrites what it is given?
//!
//! By a canonical form of HTML that knows content and nothing of its wrapping:
//! a whole document becomes its body, styles, classes and comments go, spaces
//! collapse, and wrappers that show nothing are taken off. What a CRM wrote and
//! what Exchange makes of it have the same one. The form is lossy (colours,
//! fonts, images), so it is written back only when the other side changed its
//! text. The tree behind it is in [`tree`], the join section of online meetings
//! in [`meeting`].

pub mod meeting;
mod tree;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::graph::wire::ItemBody;
use crate::model::Html;

/// The largest body that is read, in bytes as it came. Larger ones are pasted
/// documents and pictures; Exchange itself takes about 4 MB in one request.
pub const BODY_SIZE_MAX_BYTES: usize = 1024 * 1024;

/// The largest canonical body that is kept, in bytes. Up to seven copies of it
/// are stored with a link while a write is in flight, in values of at most
/// 1 MiB, where a quotation mark takes two bytes.
pub const BODY_KEPT_MAX_BYTES: usize = 64 * 1024;

/// The most pieces of markup that are parsed, and the deepest nesting. Cleaning
/// takes time with the square of the nesting, and anybody can send an
/// invitation; no mail program writes that much.
const MARKUP_PIECES_MAX: usize = 20_000;
const NESTING_MAX: usize = 256;

/// How often a form is canonicalised until it stays the same. Known HTML takes
/// one or two rounds; what takes more is kept as plain text.
const ROUNDS_MAX: usize = 4;

/// Elements that carry meaning without any attribute. A `span` does not.
const TAGS: [&str; 31] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Elements whose content is not shown.
const HIDDEN_TAGS: [&str; 6] = ["head", "noscript", "script", "style", "template", "title"];

/// Elements that need no closing tag, and so say nothing about nesting.
const UNCLOSED_TAGS: [&str; 19] = [
    "area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "tbody", "td", "th",
    "thead", "tr", "wbr",
];

/// Schemes of links that are kept.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Texts that stand in every join section of an online meeting, in lower case:
/// links of Teams (also as rewritten by mail filters) and of Skype.
const MEETING_MARKS: [&str; 7] = [
    "teams.microsoft.com/l/meetup-join",
    "teams.microsoft.com%2fl%2fmeetup-join",
    "teams.microsoft.com/meet/",
    "teams.live.com/meet/",
    "aka.ms/jointeamsmeeting",
    "meet.lync.com/",
    "join.skype.com/",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into())
        .clean_content_tags(HIDDEN_TAGS.into())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .strip_comments(true);
    builder
});

/// Whether a body, as it came, is small and flat enough to be parsed. One that
/// is not is neither read nor written by [`super::event`].
pub fn is_readable(html: &str) -> bool {
    html.len() <= BODY_SIZE_MAX_BYTES && is_flat(html)
}

/// The canonical form of a body that is small enough to be kept; none where the
/// body is neither read nor written.
pub fn read(html: &str) -> Option<Html> {
    kept(is_readable(html).then(|| canonical(html))?)
}

/// The same of plain text.
pub fn read_text(text: &str) -> Option<Html> {
    kept(is_readable(text).then(|| from_text(text))?)
}

/// The same of a body of Graph, by its kind (`resources/itembody`).
pub(super) fn read_item(body: &ItemBody) -> Option<Html> {
    let content = body.content.as_deref().unwrap_or_default();
    if is_text(body) { read_text(content) } else { read(content) }
}

/// Whether a body is plain text.
pub(super) fn is_text(body: &ItemBody) -> bool {
    body.content_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("text"))
}

fn kept(html: Html) -> Option<Html> {
    (html.as_str().len() <= BODY_KEPT_MAX_BYTES).then_some(html)
}

/// Counts what is open, element by element; enough to tell writing from attack.
fn is_flat(html: &str) -> bool {
    let mut open_by_tag: BTreeMap<String, usize> = BTreeMap::new();
    let mut open = 0_usize;
    for (number, piece) in html.split('<').skip(1).enumerate() {
        let markup = piece.split('>').next().unwrap_or_default();
        let (is_closing, rest) = markup.strip_prefix('/').map_or((false, markup), |rest| (true, rest));
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        let name = name.to_ascii_lowercase();
        if name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !markup.ends_with('/')
            && !UNCLOSED_TAGS.contains(&name.as_str())
        {
            let of_tag = open_by_tag.entry(name).or_default();
            if !is_closing {
                *of_tag += 1;
                open += 1;
            } else if *of_tag > 0 {
                *of_tag -= 1;
                open -= 1;
            }
        }
        if number >= MARKUP_PIECES_MAX || open > NESTING_MAX {
            return false;
        }
    }
    true
}

/// The canonical form of a description, be it a fragment or a whole document.
/// Applied to its own result it changes nothing. What nests beyond all measure
/// becomes plain text.
pub fn canonical(html: &str) -> Html {
    if !is_flat(html) {
        return Html::from_canonical(round(&escaped_lines(&without_markup(html))));
    }
    let mut form = round(html);
    for _ in 1..ROUNDS_MAX {
        let next = round(&form);
        if next == form {
            return Html::from_canonical(form);
        }
        form = next;
    }
    let plain = tree::parse(&form);
    Html::from_canonical(round(&escaped_lines(&tree::plain_text(&plain))))
}

/// What stands outside of angle brackets.
fn without_markup(html: &str) -> String {
    let mut pieces = html.split('<');
    let first = pieces.next().unwrap_or_default();
    let others = pieces.filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    std::iter::once(first).chain(others).collect::<Vec<_>>().join(" ")
}

fn round(html: &str) -> String {
    tree::canonical_html(tree::parse(&CLEANER.clean(html).to_string()))
}

/// The canonical form of a plain text: its lines, escaped.
pub fn from_text(text: &str) -> Html {
    canonical(&escaped_lines(text))
}

fn escaped_lines(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    unified.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

/// A description as plain text: for previews and conflict records, where
/// nothing is written back.
pub fn text(html: &Html) -> String {
    tree::plain_text(&tree::parse(html.as_str()))
}

/// Whether a body, as it came, holds the join section of an online meeting.
/// Without it in the body, the meeting ceases to be an online meeting
/// (`api/event-update`).
pub fn has_meeting_blob(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    MEETING_MARKS.iter().any(|mark| lower.contains(mark))
}

#[cfg(test)]
mod tests;
