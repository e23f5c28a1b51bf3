#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

fn form(html: &str) -> String {
    canonical(html).as_str().to_owned()
}

/// What Exchange answers for a body that was written as `content`.
fn wrapped_by_exchange(content: &str) -> String {
    format!(
        "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n\
         <style type=\"text/css\" style=\"display:none\">\r\n<!--\r\np\r\n\t{{margin-top:0;\r\n\tmargin-bottom:0}}\r\n\
         -->\r\n</style>\r\n</head>\r\n<body dir=\"ltr\">\r\n{content}\r\n</body>\r\n</html>\r\n"
    )
}

const TEAMS: &str = r#"<div>Agenda</div><br><div style="width:100%"><span style="white-space:nowrap">____________</span></div>
<div class="me-email-text" lang="en-US"><a class="me-email-headline" href="https://teams.microsoft.com/l/meetup-join/19%3ameeting_A%40thread.v2/0?context=%7b%7d">
Click here to join the meeting</a></div>"#;

#[test]
fn what_exchange_wraps_around_a_description_changes_nothing() {
    for content in [
        "Plain words",
        "<p>Kick-off with <b>ACME</b></p><p>Bring the <i>offer</i>.</p>",
        "First line<br>Second line",
        "<ul><li>One</li><li>Two</li></ul>",
        "<p>See <a href=\"https://example.com/?a=1&amp;b=2\">the offer</a> &amp; ask</p>",
        "<table><tbody><tr><td>a</td><td></td></tr></tbody></table>",
        "",
    ] {
        assert_eq!(form(&wrapped_by_exchange(content)), form(content), "{content}");
    }
}

#[test]
fn the_same_content_in_other_wrapping_has_the_same_form() {
    let table = [
        // Outlook on the web marks and nests what people write.
        (r#"<div class="elementToProof" style="font-family:Aptos; font-size:12pt">Hello</div>"#, "Hello"),
        ("<div><div><p>One</p><p>Two</p></div></div>", "<p>One</p><p>Two</p>"),
        // Word's namespace, conditional comments and classes.
        (
            "<div class=\"WordSection1\"><p class=\"MsoNormal\"><!--[if gte mso 9]><xml></xml><![endif]-->Hello<o:p></o:p></p></div>",
            "<p>Hello</p>",
        ),
        ("<p>a&nbsp; b\r\n c</p>", "<p>a b c</p>"),
        ("<p>&nbsp;</p><p>Text</p><p>&nbsp;</p>", "<p>Text</p>"),
        ("<p>A</p><p>&nbsp;</p><p>B</p>", "<p>A</p><p><br></p><p>B</p>"),
        ("<div>A</div><div><br></div><div>B</div>", "<div>A</div><div><br></div><div>B</div>"),
        ("<p>Hello<br></p>", "<p>Hello</p>"),
        ("a <span> b</span><b></b> c", "a b c"),
        ("one <b> two </b>three", "one <b>two</b> three"),
        ("<script>alert(1)</script><style>p{}</style>Text<title>x</title>", "Text"),
        ("<a href=\"javascript:alert(1)\">x</a>", "x"),
        ("<a href=\"/relative\">x</a>", "x"),
        ("<a href=\"mailto:a@example.com\" target=_blank>x</a>", "<a href=\"mailto:a@example.com\">x</a>"),
        ("<img src=\"cid:1\">Text<font color=red>red</font>", "Textred"),
        ("5 &lt; 6 &amp;amp; 7", "5 &lt; 6 &amp;amp; 7"),
    ];
    for (html, expected) in table {
        assert_eq!(form(html), expected, "{html}");
    }
}

#[test]
fn different_content_has_different_forms() {
    let all = ["<p>A</p>", "<p>B</p>", "<p>A</p><p>B</p>", "A<br>B", "<b>A</b>", "<a href=\"https://a.example\">A</a>"];
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            assert_ne!(form(one), form(other));
        }
    }
}

#[test]
fn text_becomes_lines_and_lines_become_text() {
    let html = from_text("Dear all,\r\n\r\n1 < 2 & 3 > 2\rBye\n");
    assert_eq!(html.as_str(), "Dear all,<br><br>1 &lt; 2 &amp; 3 &gt; 2<br>Bye");
    assert_eq!(text(&html), "Dear all,\n\n1 < 2 & 3 > 2\nBye");
}

#[test]
fn a_description_is_shown_as_text() {
    let table = [
        ("<p>One <b>two</b></p><p>Three</p>", "One two\nThree"),
        ("Agenda<ul><li>A</li><li>B</li></ul>End", "Agenda\n- A\n- B\nEnd"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("&amp;lt; is &lt;", "&lt; is <"),
        ("", ""),
    ];
    for (html, expected) in table {
        assert_eq!(text(&canonical(html)), expected, "{html}");
    }
}

#[test]
fn the_join_section_of_a_meeting_is_recognised() {
    assert!(has_meeting_blob(TEAMS));
    assert!(has_meeting_blob(&wrapped_by_exchange(TEAMS)));
    assert!(has_meeting_blob("https://Teams.Microsoft.com/meet/123"));
    assert!(has_meeting_blob(
        "https://eur01.safelinks.example/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F1"
    ));
    assert!(!has_meeting_blob("<p>Let us use teams.microsoft.com some day</p>"));
    assert!(!has_meeting_blob(""));
}

#[test]
fn nesting_is_bounded_and_the_text_survives() {
    let nested = |times: usize| format!("{}x{}", "<b><blockquote>".repeat(times), "</blockquote></b>".repeat(times));
    for times in [30, 100, 3_000] {
        let html = canonical(&nested(times));
        assert_eq!(text(&html), "x", "{times}");
        assert!(html.as_str().len() < 2_000, "{times}");
        assert_eq!(canonical(html.as_str()), html, "{times}");
    }
    assert_eq!(canonical(&nested(3_000)).as_str(), "x");
}

#[test]
fn only_what_nobody_writes_is_unreadable() {
    let table = [
        (TEAMS.to_owned(), true),
        ("<p>One".repeat(5_000), true),
        ("<div>One</div>".repeat(5_000), true),
        ("<w:LsdException Locked=\"false\"/>".repeat(400), true),
        ("<ul><li>".repeat(NESTING_MAX), true),
        ("1 < 2 ".repeat(5_000), true),
        ("<div>".repeat(NESTING_MAX + 1), false),
        ("<DIV ><b/x>".repeat(NESTING_MAX), false),
        ("<div></b>".repeat(NESTING_MAX + 1), false),
        ("<br>".repeat(MARKUP_PIECES_MAX + 1), false),
        ("x".repeat(BODY_SIZE_MAX_BYTES), true),
        ("x".repeat(BODY_SIZE_MAX_BYTES + 1), false),
    ];
    for (html, expected) in table {
        let start: String = html.chars().take(20).collect();
        assert_eq!(is_readable(&html), expected, "{start} ({} bytes)", html.len());
    }
}

/// Pieces that come in real and in broken descriptions.
fn piece() -> impl Strategy<Value = String> {
    let tags = ["p", "div", "span", "b", "i", "a", "ul", "li", "table", "tr", "td", "tbody", "h1", "blockquote", "o:p"];
    let odd = [
        " ",
        "\r\n",
        "&nbsp;",
        "word",
        "ü & < >",
        "<br>",
        "<hr>",
        "<br/>",
        "<!-- c -->",
        "<a href=\"https://x.example\">",
        "</a>",
        "<style>p{}</style>",
        "<body>",
        "</html>",
        "<pre> a\n b</pre>",
        "<svg><p>",
        "<math>",
        "<select>",
        "<button>",
        "<template>",
        "<caption>",
        "<![CDATA[x]]>",
        "&amp;lt;",
        "\0",
        "</p>",
        "<form>",
    ];
    prop_oneof![
        prop::sample::select(tags.to_vec()).prop_map(|tag| format!("<{tag}>")),
        prop::sample::select(tags.to_vec()).prop_map(|tag| format!("</{tag}>")),
        prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        "[ a-z<>&;\u{a0}]{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_canonical_form_is_its_own(pieces in prop::collection::vec(piece(), 0..24)) {
        let once = canonical(&pieces.concat());
        prop_assert_eq!(form(once.as_str()), once.as_str());
    }

    #[test]
    fn the_wrapping_never_matters(pieces in prop::collection::vec("[a-z]{1,5} ?", 1..6)) {
        let content = format!("<p>{}</p>", pieces.concat());
        prop_assert_eq!(form(&wrapped_by_exchange(&content)), form(&content));
    }

    #[test]
    fn any_text_survives_the_way_through_html(lines in prop::collection::vec("[a-z&<>]{1,8}", 1..5)) {
        let plain = lines.join("\n");
        prop_assert_eq!(text(&from_text(&plain)), plain);
    }
}
