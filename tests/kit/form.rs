//! The forms of a page, as a browser without a script would send them.
//!
//! Reads the HTML that the harness writes, which is well-formed; it is no HTML
//! parser.

/// A form with what it would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where to.
    pub action: String,
    /// Names and values in their order; of check boxes, those that are ticked.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The first form of a page with this action.
    #[track_caller]
    pub fn of(page: &str, action: &str) -> Self {
        Self::find(page, action).unwrap_or_else(|| panic!("expected a form for `{action}`, but found none in {page}"))
    }

    /// The same; none where there is none.
    pub fn find(page: &str, action: &str) -> Option<Self> {
        let tags = Tag::all(page);
        let begin =
            tags.iter().position(|tag| tag.name == "form" && tag.attribute("action").as_deref() == Some(action))?;
        let inside = tags[begin..].iter().take_while(|tag| tag.name != "/form");
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut select = None;
        for tag in inside.filter(|tag| tag.attribute("disabled").is_none() || tag.name == "select") {
            match tag.name.as_str() {
                "select" => select = tag.attribute("name").filter(|_| tag.attribute("disabled").is_none()),
                "option" if tag.attribute("selected").is_some() => {
                    fields.extend(select.clone().map(|name| (name, tag.value())));
                }
                // Browsers pass over a line break that begins the text.
                "textarea" => {
                    let text = tag.text.strip_prefix('\n').unwrap_or(tag.text);
                    fields.extend(tag.attribute("name").map(|name| (name, unescape(text))));
                }
                "input" => {
                    let boxed = matches!(tag.attribute("type").as_deref(), Some("checkbox" | "radio"));
                    let sent = !boxed || tag.attribute("checked").is_some();
                    fields.extend(tag.attribute("name").filter(|_| sent).map(|name| (name, tag.value())));
                }
                _ => {}
            }
        }
        Some(Self { action: action.to_owned(), fields })
    }

    /// The value that would be sent; none where nothing would.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Enters a value, or ticks a box.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Unticks a box.
    pub fn unset(&mut self, name: &str) {
        self.fields.retain(|(found, _)| found != name);
    }

    /// Enters a setting after its fallback box was unticked, which lets the
    /// control be edited.
    pub fn enter(&mut self, key: &str, value: &str) {
        self.unset(&format!("use_parent:{key}"));
        self.unset(&format!("kept:{key}"));
        self.set(key, value);
    }
}

/// The control of a setting on a page: its attributes, as text.
pub fn control(page: &str, key: &str) -> String {
    tag_with_id(page, &control_id(key))
}

/// The tag with this id on a page: its attributes, as text.
pub fn tag_with_id(page: &str, id: &str) -> String {
    let tags = Tag::all(page);
    let tag = tags.iter().find(|tag| tag.attribute("id").is_some_and(|found| found == id));
    tag.unwrap_or_else(|| panic!("expected a tag with the id `{id}`, but found none in {page}")).attributes.to_owned()
}

/// Whether a setting is on a page at all.
pub fn has_control(page: &str, key: &str) -> bool {
    page.contains(&format!("id=\"{}\"", control_id(key)))
}

/// The text of the element with this identifier, up to the first tag in it.
pub fn text_with_id(page: &str, id: &str) -> String {
    let (_, from) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no `{id}` in {page}"));
    let text = from.split_once('>').unwrap().1.split('<').next().unwrap();
    unescape(text)
}

/// Whether a page has a link with this target.
pub fn has_link(page: &str, href: &str) -> bool {
    Tag::all(page).iter().any(|tag| tag.name == "a" && tag.attribute("href").is_some_and(|found| found == href))
}

/// The target of the first link of a page that begins with this.
pub fn link_to(page: &str, begin: &str) -> Option<String> {
    let links = Tag::all(page).into_iter().filter(|tag| tag.name == "a");
    links.filter_map(|tag| tag.attribute("href")).find(|href| href.starts_with(begin))
}

/// Whether an attribute stands among others, with or without a value.
pub fn is_set(attributes: &str, name: &str) -> bool {
    read_attribute(attributes, name).is_some()
}

/// The value of one attribute among others.
pub fn attribute(attributes: &str, name: &str) -> Option<String> {
    read_attribute(attributes, name)
}

fn control_id(key: &str) -> String {
    format!("f-{}", key.replace(|character: char| !character.is_ascii_alphanumeric(), "-"))
}

struct Tag<'a> {
    name: String,
    attributes: &'a str,
    /// What follows until the next tag.
    text: &'a str,
}

impl<'a> Tag<'a> {
    fn all(page: &'a str) -> Vec<Self> {
        let tag = |part: &'a str| {
            let end = tag_end(part)?;
            let (inside, text) = (&part[..end], &part[end + 1..]);
            let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
            Some(Self { name: name.to_ascii_lowercase(), attributes, text })
        };
        // A `<` in a value or in a text is escaped.
        page.split('<').skip(1).filter_map(tag).collect()
    }

    fn attribute(&self, name: &str) -> Option<String> {
        read_attribute(self.attributes, name)
    }

    fn value(&self) -> String {
        self.attribute("value").unwrap_or_default()
    }
}

/// The `>` that is not inside of a quoted value.
fn tag_end(part: &str) -> Option<usize> {
    let mut quoted = false;
    part.char_indices().find_map(|(index, character)| {
        quoted ^= character == '"';
        (character == '>' && !quoted).then_some(index)
    })
}

fn read_attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|character: char| character == '=' || character.is_whitespace()).unwrap_or(rest.len());
        let (found, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"')) {
            Some((value, after)) => (value, after),
            None => ("", after),
        };
        if found == name {
            return Some(unescape(value));
        }
        rest = after.trim_start();
    }
    None
}

fn unescape(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<form action="/other"><input name="x" value="0"></form>
        <form method="post" action="/save?a=1&amp;b=2">
        <input type="hidden" name="csrf" value="a&amp;b &lt;c&gt;"><input name="off" value="1" disabled>
        <input type="checkbox" name="ticked" value="1" checked><input type="checkbox" name="empty" value="1">
        <select id="f-a-b" name="choice" data-control><option value="1">One</option><option value="2" selected>Two</option></select>
        <select name="dead" disabled><option value="1" selected>One</option></select>
        <textarea name="text">two &gt; one</textarea><button>Save</button></form>"#;

    #[test]
    fn a_form_sends_what_a_browser_would() {
        let mut form = Form::of(PAGE, "/save?a=1&b=2");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sent = [pair("csrf", "a&b <c>"), pair("ticked", "1"), pair("choice", "2"), pair("text", "two > one")];
        assert_eq!(form.fields, sent);
        form.set("choice", "1");
        form.unset("ticked");
        assert_eq!((form.get("choice"), form.get("ticked")), (Some("1"), None));
        assert_eq!(Form::find(PAGE, "/nowhere"), None);
        assert!(is_set(&control(PAGE, "a.b"), "data-control") && !is_set(&control(PAGE, "a.b"), "disabled"));
    }
}
