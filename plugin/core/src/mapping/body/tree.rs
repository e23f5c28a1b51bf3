//! The tree of a cleaned description: read, simplified, printed.
//!
//! Reads only what the cleaner in [`super`] has printed: known elements, quoted
//! and escaped attributes, every element closed. Whoever feeds it anything else
//! gets a tree all the same, but no promise about it.

/// The deepest nesting that is kept. Deeper elements are taken off around their
/// content; readers of mail show no difference at that depth, and walking the
/// tree stays bounded.
const DEPTH_MAX: usize = 48;

/// A piece of a description.
pub(super) enum Node {
    /// Text, escaped as it was printed.
    Text(String),
    /// `br`.
    Break,
    /// `hr`.
    Rule,
    /// Any other element.
    Element(Element),
}

/// An element with its content.
pub(super) struct Element {
    tag: String,
    href: Option<String>,
    children: Vec<Node>,
}

impl Element {
    /// Whether it begins a line of its own.
    fn is_block(&self) -> bool {
        !matches!(self.tag.as_str(), "a" | "b" | "code" | "em" | "i" | "s" | "strong" | "sub" | "sup" | "u")
    }

    /// Whether it stands in a grid, where an empty cell is a cell.
    fn is_cell(&self) -> bool {
        matches!(self.tag.as_str(), "td" | "th" | "li")
    }
}

impl Node {
    fn is_block(&self) -> bool {
        match self {
            Self::Text(_) | Self::Break => false,
            Self::Rule => true,
            Self::Element(element) => element.is_block(),
        }
    }

    fn is_space(&self) -> bool {
        matches!(self, Self::Text(text) if text.chars().all(char::is_whitespace))
    }

    /// Whether it shows nothing but, at most, an empty line.
    fn is_blank(&self) -> bool {
        match self {
            Self::Text(_) => self.is_space(),
            Self::Break => true,
            Self::Rule => false,
            Self::Element(element) => {
                matches!(element.tag.as_str(), "p" | "div") && element.children.iter().all(Self::is_blank)
            }
        }
    }
}

/// An element that is open while reading. One without a tag is taken off: its
/// content goes to the element around it.
struct Frame {
    tag: Option<String>,
    href: Option<String>,
    children: Vec<Node>,
}

/// Reads cleaned HTML.
pub(super) fn parse(html: &str) -> Vec<Node> {
    let mut frames = vec![Frame { tag: None, href: None, children: Vec::new() }];
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        push_text(&mut frames, before);
        let (markup, behind) = after.split_once('>').unwrap_or((after, ""));
        rest = behind;
        if markup.starts_with('/') {
            close(&mut frames);
        } else {
            open(&mut frames, markup);
        }
    }
    push_text(&mut frames, rest);
    while frames.len() > 1 {
        close(&mut frames);
    }
    frames.pop().map(|root| root.children).unwrap_or_default()
}

fn push(frames: &mut [Frame], node: Node) {
    if let Some(frame) = frames.last_mut() {
        frame.children.push(node);
    }
}

fn push_text(frames: &mut [Frame], text: &str) {
    if !text.is_empty() {
        push(frames, Node::Text(text.replace("&nbsp;", "\u{a0}")));
    }
}

fn open(frames: &mut Vec<Frame>, markup: &str) {
    let (tag, attributes) = markup.split_once(' ').unwrap_or((markup, ""));
    match tag {
        "br" => push(frames, Node::Break),
        "hr" => push(frames, Node::Rule),
        _ => {
            let href = attributes.split_once("href=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(url, _)| url);
            let is_open = |tag: &str| frames.iter().any(|frame| frame.tag.as_deref() == Some(tag));
            // A link without a target shows nothing, and links do not nest.
            let is_kept = frames.len() <= DEPTH_MAX && (tag != "a" || (href.is_some() && !is_open("a")));
            frames.push(Frame {
                tag: is_kept.then(|| tag.to_owned()),
                href: href.map(str::to_owned),
                children: Vec::new(),
            });
        }
    }
}

fn close(frames: &mut Vec<Frame>) {
    if frames.len() < 2 {
        return;
    }
    if let Some(Frame { tag, href, children }) = frames.pop() {
        match (tag, frames.last_mut()) {
            (Some(tag), Some(parent)) => parent.children.push(Node::Element(Element { tag, href, children })),
            (None, Some(parent)) => parent.children.extend(children),
            (_, None) => {}
        }
    }
}

/// The canonical form of a tree.
pub(super) fn canonical_html(nodes: Vec<Node>) -> String {
    let mut printer = Printer::default();
    printer.nodes(&unwrapped(simplified(nodes)));
    printer.html
}

/// Takes off what surrounds the whole: blank lines and a wrapper.
fn unwrapped(mut nodes: Vec<Node>) -> Vec<Node> {
    loop {
        while nodes.last().is_some_and(Node::is_blank) {
            nodes.pop();
        }
        let blank = nodes.iter().take_while(|node| node.is_blank()).count();
        nodes.drain(..blank);
        match nodes.pop() {
            Some(Node::Element(only)) if nodes.is_empty() && only.tag == "div" => nodes = only.children,
            Some(last) => {
                nodes.push(last);
                return nodes;
            }
            None => return nodes,
        }
    }
}

fn simplified(nodes: Vec<Node>) -> Vec<Node> {
    let mut result = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(_) | Node::Break | Node::Rule => result.push(node),
            Node::Element(mut element) => {
                element.children = simplified(element.children);
                if element.is_block() { put_block(element, &mut result) } else { put_inline(element, &mut result) }
            }
        }
    }
    result
}

/// A line break or a space looks the same in bold; a block inside is left.
fn put_inline(element: Element, result: &mut Vec<Node>) {
    if element.children.iter().all(|node| matches!(node, Node::Break) || node.is_space()) {
        result.extend(element.children);
    } else {
        result.push(Node::Element(element));
    }
}

fn put_block(mut element: Element, result: &mut Vec<Node>) {
    let shows_line = element.children.iter().any(|node| !matches!(node, Node::Text(text) if !text.contains('\u{a0}')));
    let is_blank = element.children.iter().all(Node::is_blank);
    match element.tag.as_str() {
        // An empty paragraph is an empty line however it is filled; a `div` is
        // one only if something gives it a height.
        "p" if is_blank => element.children = vec![Node::Break],
        "div" if is_blank && shows_line => element.children = vec![Node::Break],
        _ if is_blank && !element.is_cell() => return,
        // A wrapper around blocks adds no line.
        "div" if element.children.iter().all(|node| node.is_block() || node.is_space()) => {
            result.extend(element.children);
            return;
        }
        _ => {
            // The break before the end of a block shows nothing.
            while element.children.last().is_some_and(|node| matches!(node, Node::Break) || node.is_space()) {
                element.children.pop();
            }
        }
    }
    result.push(Node::Element(element));
}

/// What stands before the next character of a line.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    /// Nothing: a space here is not shown.
    #[default]
    LineStart,
    /// A space that is printed already.
    Space,
    /// A word.
    Word,
    /// A word and a space that is not printed yet.
    WordAndSpace,
}

#[derive(Default)]
struct Printer {
    html: String,
    before: Before,
}

impl Printer {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.text(text),
                Node::Break => self.new_line("<br>"),
                Node::Rule => self.new_line("<hr>"),
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_whitespace() {
                if self.before == Before::Word {
                    self.before = Before::WordAndSpace;
                }
            } else {
                self.print_space();
                self.html.push(character);
                self.before = Before::Word;
            }
        }
    }

    fn element(&mut self, element: &Element) {
        let Element { tag, href, children } = element;
        let opening = match href {
            Some(url) if tag == "a" => format!("<a href=\"{url}\">"),
            _ => format!("<{tag}>"),
        };
        let closing = format!("</{tag}>");
        if element.is_block() {
            self.new_line(&opening);
            self.nodes(children);
            self.new_line(&closing);
        } else {
            self.print_space();
            self.html.push_str(&opening);
            self.nodes(children);
            self.html.push_str(&closing);
        }
    }

    fn print_space(&mut self) {
        if self.before == Before::WordAndSpace {
            self.html.push(' ');
            self.before = Before::Space;
        }
    }

    fn new_line(&mut self, markup: &str) {
        self.html.push_str(markup);
        self.before = Before::LineStart;
    }
}

/// The text of a tree: a line per block, `- ` before the entries of lists, no
/// blank lines at the ends.
pub(super) fn plain_text(nodes: &[Node]) -> String {
    let mut text = String::new();
    put_text(nodes, &mut text);
    text.trim().to_owned()
}

fn put_text(nodes: &[Node], text: &mut String) {
    let end_line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    for node in nodes {
        match node {
            Node::Text(escaped) => text.push_str(&unescaped(escaped)),
            Node::Break => text.push('\n'),
            Node::Rule => end_line(text),
            Node::Element(element) if element.is_block() => {
                if matches!(element.tag.as_str(), "td" | "th") {
                    put_text(&element.children, text);
                    text.push(' ');
                    continue;
                }
                end_line(text);
                if element.tag == "li" {
                    text.push_str("- ");
                }
                put_text(&element.children, text);
                end_line(text);
            }
            Node::Element(element) => put_text(&element.children, text),
        }
    }
}

fn unescaped(text: &str) -> String {
    // The ampersand last, or `&amp;lt;` would be read twice.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace('\u{a0}', " ").replace("&amp;", "&")
}
