//! Descriptions of events and tasks: HTML in the CRM, plain text in a form.
//!
//! A description that a person did not touch is not sent back, so that its
//! formatting survives an edit of the title.

/// The text of an HTML description, line by line.
pub fn from_html(html: &str) -> String {
    let mut marked = html.replace("\r\n", "\n");
    for end_of_line in ["<br>", "<br/>", "<br />", "</p>", "</div>", "</li>"] {
        marked = marked.replace(end_of_line, &format!("{end_of_line}\n"));
    }
    let bare = ammonia::Builder::empty().clean(&marked).to_string();
    let text = bare
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    text.trim().to_owned()
}

/// A text as HTML.
pub fn to_html(text: &str) -> String {
    let escaped = text.replace("\r\n", "\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.lines().collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_text_survives_the_way_through_html() {
        for text in ["one line", "two\nlines", "a < b & c > d", "&lt; is written like this", ""] {
            assert_eq!(from_html(&to_html(text)), text);
        }
    }

    #[test]
    fn formatting_becomes_lines() {
        assert_eq!(from_html("<p>One</p><p><b>Two</b><br>Three</p><script>x()</script>"), "One\nTwo\nThree");
    }
}
