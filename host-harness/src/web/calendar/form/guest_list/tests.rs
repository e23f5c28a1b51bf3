#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;

fn attendee(email: Option<&str>, name: Option<&str>) -> Attendee {
    Attendee {
        email: email.map(str::to_owned),
        display_name: name.map(str::to_owned),
        status: AttendeeStatus::None,
        kind: AttendeeType::Required,
    }
}

/// Who called the meeting, and guests with answers, parts and names of every kind.
fn stored() -> Vec<Attendee> {
    let organizer =
        Attendee { kind: AttendeeType::Organizer, ..attendee(Some("anna@acme.example"), Some("Anna Example")) };
    let ben = Attendee {
        status: AttendeeStatus::Accepted,
        kind: AttendeeType::Optional,
        ..attendee(Some("Ben@Acme.example"), Some("Ben Example"))
    };
    let cleo =
        Attendee { status: AttendeeStatus::Declined, ..attendee(Some("cleo@acme.example"), Some("CLEO@acme.example")) };
    let room = Attendee { kind: AttendeeType::Resource, ..attendee(Some("room@acme.example"), None) };
    vec![
        organizer,
        ben,
        cleo,
        attendee(None, Some("The  new\r\ncolleague")),
        room,
        attendee(Some("odd@acme.example"), Some("\"Odd\" <one> , two")),
    ]
}

/// The guests after a field with this text was saved.
fn saved(text: &str, before: &[Attendee]) -> Vec<Attendee> {
    match change(&posted(text), before).unwrap() {
        Change::Keep => before.to_vec(),
        Change::Set(attendees) => attendees,
        Change::Clear => panic!("expected a list"),
    }
}

fn refused(text: &str, before: &[Attendee]) -> String {
    change(&posted(text), before).unwrap_err()
}

#[test]
fn the_field_has_the_guests_and_not_who_called_the_meeting() {
    let lines = [
        "Ben Example <Ben@Acme.example>",
        "cleo@acme.example",
        "The new colleague",
        "room@acme.example",
        "\"Odd\" <one> , two <odd@acme.example>",
    ];
    assert_eq!(shown(&stored()), lines.join("\n"));
    assert_eq!(shown(&[]), "");
}

#[test]
fn a_field_that_is_saved_as_it_is_changes_nobody() {
    let before = stored();
    let text = shown(&before);
    let blank_lines = format!("\r\n  \r\n{}\r\n\r\n", text.replace('\n', "  \r\n\r\n "));
    let turned: Vec<&str> = text.lines().rev().collect();
    for text in [text.clone(), text.replace('\n', "\r\n"), blank_lines, turned.join("\n")] {
        assert_eq!(change(&posted(&text), &before).unwrap(), Change::Keep, "{text}");
    }
    assert_eq!(change("", &[]).unwrap(), Change::Keep);
    // A name of which nothing can be shown.
    let (unseen, ben) = (attendee(None, Some("\u{1}")), attendee(Some("ben@acme.example"), None));
    for before in [vec![unseen.clone()], vec![ben.clone(), unseen.clone()], vec![unseen, ben]] {
        assert_eq!(change(&posted(&shown(&before)), &before).unwrap(), Change::Keep, "{before:?}");
    }
}

#[test]
fn of_many_wrong_lines_the_first_are_named_and_the_others_counted() {
    let column = |count: usize| (1..=count).map(|number| format!("Name {number}")).collect::<Vec<_>>().join("\n");
    let of = |count| refused(&column(count), &[]);
    assert!(of(5).ends_with("in angle brackets.") && of(5).contains("Line 5 (“Name 5”)"), "{}", of(5));
    assert!(of(6).ends_with(" One more line is wrong.") && !of(6).contains("Line 6"), "{}", of(6));
    assert!(of(300).ends_with(" 295 more lines are wrong."), "{}", of(300));
    assert!(refused("\n\nName", &[]).starts_with("Line 3 (“Name”)"), "as it is counted in the field");
}

#[test]
fn two_guests_with_one_name_are_two() {
    let before = vec![attendee(None, Some("A colleague")), attendee(None, Some("A colleague"))];
    assert_eq!(change(&shown(&before), &before).unwrap(), Change::Keep);
    assert_eq!(saved("A colleague", &before), before[..1]);
}

#[test]
fn who_stays_keeps_part_and_answer_whatever_else_becomes_of_the_list() {
    let before = stored();
    let guests = saved("dora@globex.example\nBen E. <ben@acme.example>\ncleo@acme.example", &before);
    let addresses: Vec<&str> = guests.iter().filter_map(|guest| guest.email.as_deref()).collect();
    assert_eq!(addresses, ["anna@acme.example", "Ben@Acme.example", "cleo@acme.example", "dora@globex.example"]);
    assert_eq!(guests[0], before[0], "who called the meeting");
    assert_eq!(guests[1], Attendee { display_name: Some("Ben E.".to_owned()), ..before[1].clone() });
    assert_eq!(guests[2], before[2]);
    assert_eq!(guests[3], attendee(Some("dora@globex.example"), None));
    // Whoever names the organizer as a guest adds nobody.
    let text = format!("{}\nanna@acme.example", shown(&before));
    assert_eq!(change(&text, &before).unwrap(), Change::Keep);
    assert_eq!(saved("", &before), before[..1], "no guests any more");
}

#[test]
fn a_line_is_read_as_mails_write_a_guest() {
    let table = [
        ("ben@acme.example", None),
        ("<ben@acme.example>", None),
        ("BEN@acme.example <ben@acme.example>", None),
        ("  Ben   Example  < ben@acme.example > ", Some("Ben Example")),
        ("\"Example, Ben\" <ben@acme.example>", Some("Example, Ben")),
        ("Example, Ben <ben@acme.example>", Some("Example, Ben")),
        ("Ben @ Acme <ben@acme.example>", Some("Ben @ Acme")),
        ("\"ben@home.example\" <ben@acme.example>", Some("ben@home.example")),
    ];
    for (line, name) in table {
        let guests = saved(line, &[]);
        assert_eq!(guests.len(), 1, "{line}");
        assert_eq!(guests[0].email.as_deref().map(str::to_lowercase).as_deref(), Some("ben@acme.example"), "{line}");
        assert_eq!(guests[0].display_name.as_deref(), name, "{line}");
        assert_eq!((guests[0].status, guests[0].kind), (AttendeeStatus::None, AttendeeType::Required));
    }
}

#[test]
fn each_line_that_is_no_guest_is_named() {
    let lines = [
        "Ben",
        "ben@",
        "@acme.example",
        "ben acme@acme.example",
        "ben@acme.example,cleo@acme.example",
        "ben@acme.example; cleo@acme.example",
        "Ben <ben@acme.example",
        "Ben ben@acme.example>",
        "Ben <>",
        "ben@acme@example",
    ];
    for line in lines {
        let said = refused(&format!("dora@globex.example\n\n{line}\nben@globex.example"), &[]);
        assert_eq!(
            said,
            format!("Line 3 (“{line}”) is neither an e-mail address nor a name with one in angle brackets.")
        );
    }
    for line in ["Ben <ben@acme.example>, Cleo <cleo@acme.example>", "ben@acme.example, Cleo <cleo@acme.example>"] {
        assert_eq!(refused(line, &[]), format!("Line 1 (“{line}”) {MORE_THAN_ONE}"));
    }
    let long = format!("{} <ben@acme.example>", "ä".repeat(NAME_LENGTH_MAX + 1));
    let said = refused(&long, &[]);
    assert_eq!(said, format!("Line 1 (“{}…”) has a name of more than 255 characters. Shorten it.", "ä".repeat(60)));
    let too_long = format!("{}@acme.example", "a".repeat(NAME_LENGTH_MAX));
    assert!(refused(&too_long, &[]).contains("is neither an e-mail address"));
    let said = refused("ben\nBen <ben@acme.example>\ncleo@acme.example\nBEN@acme.example\ncleo", &[]);
    let named: Vec<&str> = said.matches("Line ").collect();
    assert_eq!(named.len(), 3, "{said}");
    assert!(said.contains("Line 4 (“BEN@acme.example”) names a guest of an earlier line."), "{said}");
    assert!(said.contains("Line 1 (“ben”)") && said.contains("Line 5 (“cleo”)"), "{said}");
    // Also where one of the two was there before.
    let before = stored();
    let said = refused(&format!("{}\nben@acme.example", shown(&before)), &before);
    assert!(said.starts_with("Line 6 (“ben@acme.example”) names a guest"), "{said}");
    // A name alone is only what is there already.
    assert!(refused("The new colleague\nThe new colleague", &before).starts_with("Line 2 (“The new colleague”)"));
}

#[test]
fn as_many_guests_are_taken_as_the_crm_takes() {
    let list =
        |count: usize| (0..count).map(|number| format!("guest{number}@acme.example")).collect::<Vec<_>>().join("\n");
    assert_eq!(saved(&list(ATTENDEES_MAX), &[]).len(), ATTENDEES_MAX);
    for count in [ATTENDEES_MAX + 1, ATTENDEES_MAX * 10] {
        assert_eq!(
            refused(&list(count), &[]),
            format!("These are {count} guests, and an event takes {ATTENDEES_MAX} at most. Remove some.")
        );
    }
    // Who called the meeting is one of them for the CRM.
    let organizer = &stored()[..1];
    assert_eq!(saved(&list(ATTENDEES_MAX - 1), organizer).len(), ATTENDEES_MAX);
    assert!(refused(&list(ATTENDEES_MAX), organizer).contains("500 guests, and an event takes 499 at most"));
}
