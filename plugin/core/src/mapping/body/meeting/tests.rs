#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;

const LINE: &str = "________________________________________________________________________________";

fn section(meeting: &str) -> String {
    format!(
        "<div style=\"width:100%\"><span style=\"white-space:nowrap\">{LINE}</span></div>\r\n\
         <div class=\"me-email-text\" lang=\"en-US\"><div><span>Microsoft Teams meeting</span></div>\
         <a class=\"me-email-headline\" href=\"https://teams.microsoft.com/l/meetup-join/{meeting}?context=%7b%7d\">\
         Join the meeting</a><br>Passcode: 12</div>\r\n\
         <div style=\"width:100%\"><span style=\"white-space:nowrap\">{LINE}</span></div>"
    )
}

fn body(text: &str, section: &str) -> String {
    format!("<html><head><style>p{{}}</style></head><body>\r\n{text}\r\n{section}\r\n</body></html>")
}

#[test]
fn the_section_is_cut_out_as_it_came() {
    for text in
        ["", "<p>Agenda</p>", "Agenda<br><br>", "<div>Agenda</div><br>", "<ul><li>One</li></ul>", "<p>a___b</p>"]
    {
        let blob = MeetingBlob::of(&body(text, &section("A"))).expect(text);
        assert_eq!(blob.as_str(), section("A"), "{text}");
    }
}

#[test]
fn a_description_that_is_written_keeps_the_section_to_the_letter() {
    let blob = MeetingBlob::of(&body("<p>Agenda</p>", &section("A"))).unwrap();
    let shown = canonical(&body("<p>Agenda</p>", &section("A")));
    let edited = Html::from_canonical(shown.as_str().replace("Agenda", "Other agenda"));
    let touched = Html::from_canonical(shown.as_str().replace("Join the meeting", "Click here"));
    let removed = canonical("<p>Only this</p>");
    let table = [
        (&shown, "<p>Agenda</p>"),
        (&edited, "<p>Other agenda</p>"),
        (&touched, "<p>Agenda</p>"),
        (&removed, "<p>Only this</p>"),
    ];
    for (description, text) in table {
        let written = blob.put_into(description);
        assert_eq!(written.matches(&section("A")).count(), 1, "{text}");
        assert_eq!(written.matches("meetup-join").count(), 1, "{text}");
        assert!(written.starts_with(text), "{text}");
        // What Exchange answers compares equal to what was meant.
        let expected =
            if description == &removed { canonical(&written) } else { canonical(&body(text, &section("A"))) };
        assert_eq!(canonical(&body("", &written)), expected, "{text}");
        assert_eq!(MeetingBlob::of(&body("", &written)).as_ref(), Some(&blob), "{text}");
    }
}

#[test]
fn text_behind_the_section_stays_there() {
    let whole = format!("<p>Before</p>{}<p>After</p>", section("A"));
    let blob = MeetingBlob::of(&whole).unwrap();
    let written = blob.put_into(&canonical(&whole.replace("After", "Later")));
    assert_eq!(written, whole.replace("After", "Later"));
}

#[test]
fn a_section_that_cannot_be_told_from_the_rest_is_not_cut() {
    let short = section("A").replace(LINE, "____");
    let one_line = section("A").replacen(LINE, "", 1);
    let inside =
        format!("<div><p>Agenda {LINE}</p><a href=\"https://teams.microsoft.com/l/meetup-join/A\">x</a>{LINE}</div>");
    let crossed = section("A").replace("<div><span>Microsoft", "<div><span><i>Microsoft");
    let huge = section("A").replace("Passcode", &"x".repeat(SECTION_MAX_BYTES));
    let linked_above = format!("<a href=\"https://teams.microsoft.com/l/meetup-join/B\">other</a>{}", section("A"));
    let table = [
        ("no meeting", "<p>Agenda</p>".to_owned()),
        ("lines alone", format!("<p>{LINE}</p><p>x</p><p>{LINE}</p>")),
        ("short lines", short),
        ("one line", one_line),
        ("text in the line", inside),
        ("crossed elements", crossed),
        ("too large", huge),
        ("a link above", linked_above),
        ("a comment", section("A").replace("<br>", "<!-- x -->")),
    ];
    for (what, section) in table {
        assert_eq!(MeetingBlob::of(&body("<p>Agenda</p>", &section)), None, "{what}");
    }
}

#[test]
fn the_links_of_a_meeting_are_never_printed() {
    let blob = MeetingBlob::of(&body("", &section("A"))).unwrap();
    assert!(!format!("{blob:?}").contains("meetup"));
}
