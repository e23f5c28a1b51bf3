//! Event bodies the way Exchange keeps and hands them out.
//!
//! Exchange stores HTML: a fragment gets a document around it, text becomes
//! HTML, and asking for text converts back with other line breaks. Clients
//! must therefore compare normalised texts, which this makes them do.

use crate::graph::call::BodyType;
use crate::graph::model::StoredBody;

/// Length of `bodyPreview` in characters.
const PREVIEW_LENGTH: usize = 255;

const HEAD: &str = "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">";

/// Takes HTML in.
pub(crate) fn from_html(html: &str) -> StoredBody {
    let lower = html.to_ascii_lowercase();
    if html.trim().is_empty() {
        return StoredBody { html: String::new() };
    }
    if lower.contains("<html") {
        return StoredBody { html: html.to_owned() };
    }
    StoredBody { html: format!("{HEAD}</head><body>{html}</body></html>\r\n") }
}

/// Takes plain text in.
pub(crate) fn from_text(text: &str) -> StoredBody {
    if text.is_empty() {
        return StoredBody { html: String::new() };
    }
    let escaped = escaped(text);
    let lines: Vec<&str> = escaped.lines().collect();
    let html = format!(
        "{HEAD}\r\n<meta name=\"Generator\" content=\"Microsoft Exchange Server\">\r\n<!-- converted from text -->\r\n</head>\r\n<body>\r\n<font size=\"2\"><span style=\"font-size:11pt;\"><div class=\"PlainText\">{}</div></span></font>\r\n</body>\r\n</html>\r\n",
        lines.join("<br>\r\n"),
    );
    StoredBody { html }
}

/// Text as it stands in HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What is in the body of the HTML, to stand in another one.
pub(crate) fn inner(body: &StoredBody) -> &str {
    let lower = body.html.to_ascii_lowercase();
    let from = lower.find("<body").and_then(|at| Some(at + lower.get(at..)?.find('>')? + 1)).unwrap_or(0);
    let to = lower.rfind("</body").unwrap_or(body.html.len());
    body.html.get(from..to.max(from)).unwrap_or_default()
}

/// Hands a body out as asked.
pub(crate) fn content(body: &StoredBody, wanted: BodyType) -> String {
    match wanted {
        BodyType::Html => body.html.clone(),
        BodyType::Text if body.html.is_empty() => String::new(),
        BodyType::Text => format!("{}\r\n", plain(&body.html)),
    }
}

/// The beginning of the text.
pub(crate) fn preview(body: &StoredBody) -> String {
    plain(&body.html).chars().take(PREVIEW_LENGTH).collect()
}

/// Elements that end a line.
const BLOCKS: [&str; 8] = ["br", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3"];

/// HTML to text: tags away, blocks to line ends, entities to characters.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut rest = match html.to_ascii_lowercase().find("<body") {
        Some(at) => html.get(at..).unwrap_or(html),
        None => html,
    };
    while let Some((before, after)) = rest.split_once('<') {
        push_words(&mut text, before);
        let Some((tag, remainder)) = after.split_once('>') else {
            break;
        };
        let name = tag.split([' ', '\r', '\n']).next().unwrap_or_default();
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if BLOCKS.contains(&name.as_str()) {
            while text.ends_with(' ') {
                text.pop();
            }
            text.push_str("\r\n");
        }
        rest = remainder;
    }
    if !rest.contains('<') {
        push_words(&mut text, rest);
    }
    decode_entities(text.trim())
}

/// Adds text with white space collapsed, as HTML means it.
fn push_words(text: &mut String, piece: &str) {
    for character in piece.chars() {
        if !character.is_ascii_whitespace() {
            text.push(character);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

fn decode_entities(text: &str) -> String {
    let named = [("&nbsp;", "\u{a0}"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")];
    let mut decoded = text.to_owned();
    for (entity, character) in named {
        decoded = decoded.replace(entity, character);
    }
    decoded.replace('\u{a0}', " ").replace("&amp;", "&")
}
