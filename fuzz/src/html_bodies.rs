//! Descriptions: HTML of anybody, read, compared and written back.

use tandem_core::mapping::MeetingBlob;
use tandem_core::mapping::body::{
    BODY_KEPT_MAX_BYTES, canonical, from_text, has_meeting_blob, is_readable, read, read_text, text,
};

/// What may be in a canonical form: nothing that runs, loads or hides. Written out
/// here, and not taken from the product: a check that asks the product's own list
/// could not fail where an element is added to it by mistake.
const ALLOWED: [&str; 31] = [
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

/// Where a link may lead.
const SCHEMES: [&str; 3] = ["http:", "https:", "mailto:"];

/// Checks a body as it came, as HTML and as plain text.
pub fn check(data: &[u8]) {
    let html = String::from_utf8_lossy(data);
    let form = canonical(&html);
    assert_harmless(form.as_str());
    assert_eq!(canonical(form.as_str()), form, "cleaning twice is cleaning once:\n{}", form.as_str());
    let plain = from_text(&html);
    assert_harmless(plain.as_str());
    assert_eq!(canonical(plain.as_str()), plain, "plain text is stable:\n{}", plain.as_str());
    let shown = text(&form);
    assert!(!shown.contains('\r'), "lines are unified: {shown:?}");
    if let Some(kept) = read(&html) {
        assert!(is_readable(&html) && kept.as_str().len() <= BODY_KEPT_MAX_BYTES && kept == form);
    }
    if let Some(kept) = read_text(&html) {
        assert!(kept.as_str().len() <= BODY_KEPT_MAX_BYTES && kept == plain);
    }
    check_meeting(&html);
}

/// What a canonical form is made of, looked at without a parser: every `<` of
/// it begins a tag, for those of the text are written `&lt;`.
fn assert_harmless(html: &str) {
    for piece in html.split('<').skip(1) {
        let (markup, _) = piece.split_once('>').unwrap_or_else(|| panic!("a tag is open at the end:\n{html}"));
        let name = markup.trim_start_matches('/').split(' ').next().unwrap_or_default();
        assert!(ALLOWED.contains(&name), "`{name}` is not allowed:\n{html}");
        match markup.split_once(' ') {
            None => {}
            Some(("a", attributes)) => assert_link(attributes, html),
            Some((name, _)) => panic!("`{name}` has attributes:\n{html}"),
        }
    }
}

fn assert_link(attributes: &str, html: &str) {
    let target = attributes.strip_prefix("href=\"").and_then(|rest| rest.strip_suffix('"'));
    let target = target.unwrap_or_else(|| panic!("a link has more than a target:\n{html}"));
    assert!(!target.contains('"'), "a target ends early:\n{html}");
    // Where a browser goes: it takes no notice of tabs, of line ends, and of what
    // does not show in front.
    let followed: String = target.chars().filter(|character| !matches!(character, '\t' | '\n' | '\r')).collect();
    let lower = followed.trim_start_matches(|character| character <= ' ').to_ascii_lowercase();
    assert!(SCHEMES.iter().any(|scheme| lower.starts_with(scheme)), "a link leads elsewhere:\n{html}");
}

/// The join section of a meeting is put back so that the same is shown.
fn check_meeting(html: &str) {
    if !is_readable(html) {
        return;
    }
    let Some(blob) = MeetingBlob::of(html) else { return };
    assert!(has_meeting_blob(html), "a section without a mark");
    let shown = canonical(html);
    let written = blob.put_into(&shown);
    assert_eq!(canonical(&written), shown, "the same is shown after a write");
    let again = MeetingBlob::of(&written).unwrap_or_else(|| panic!("the section is lost by a write:\n{written}"));
    assert_eq!(again, blob, "the section is the same after a write");
}
