//! Messages in MIME format (concepts/outlook-send-mime-message,
//! concepts/outlook-get-mime-message).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

const LETTER: &str = "From: Alice Example <alice@contoso.example>\r\n\
    To: Bob Example <bob@contoso.example>, eve@elsewhere.example\r\n\
    Cc: =?utf-8?Q?J=C3=BCrgen?= <juergen@elsewhere.example>\r\n\
    Subject: =?utf-8?B?TcO8bnplbg==?=\r\nMessage-ID: <coins@contoso.example>\r\nImportance: high\r\nX-Crm-Id: 17\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    Gr=C3=BC=C3=9Fe\r\n\
    --b\r\nContent-Type: text/csv; name=\"coins.csv\"\r\nContent-Disposition: attachment; filename=\"coins.csv\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nMTsyCg==\r\n--b--\r\n";

async fn sent_as(world: &World, user: &str, path: &str, text: &str) -> Answer {
    let token = world.microsoft.issue_token(user, &["Mail.ReadWrite", "Mail.Send"]).unwrap();
    let request = Request::builder()
        .method("POST")
        .uri(format!("/v1.0{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/plain")
        .body(Body::from(text.to_owned()))
        .unwrap();
    world.send(request).await
}

#[tokio::test]
async fn a_draft_is_made_from_mime() {
    let world = World::new();
    // Lines may be broken.
    let encoded = STANDARD
        .encode(LETTER)
        .as_bytes()
        .chunks(60)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>();
    let made = sent_as(&world, ALICE, "/me/messages", &encoded.join("\r\n")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let draft = made.body;
    assert_eq!(
        (&draft["subject"], &draft["importance"], &draft["bodyPreview"]),
        (&json!("Münzen"), &json!("high"), &json!("Grüße"))
    );
    assert_eq!(
        (addresses(&draft["toRecipients"]), &draft["ccRecipients"][0]["emailAddress"]["name"]),
        (vec![BOB, EVE], &json!("Jürgen"))
    );
    assert_eq!((&draft["internetMessageId"], &draft["isDraft"]), (&json!("<coins@contoso.example>"), &json!(true)));
    let files = mail_as(&world, ALICE, "GET", &format!("{}/attachments", path_of(&draft)), None).await;
    assert_eq!(
        (&files.items()[0]["name"], &files.items()[0]["contentBytes"]),
        (&json!("coins.csv"), &json!("MTsyCg=="))
    );
    let headers = format!("{}?$select=internetMessageHeaders", path_of(&draft));
    let headers = mail_as(&world, ALICE, "GET", &headers, None).await.body;
    assert_eq!(headers["internetMessageHeaders"], json!([{ "name": "X-Crm-Id", "value": "17" }]));
}

#[tokio::test]
async fn mime_is_sent_and_answers_in_it() {
    let world = World::new();
    let encoded = STANDARD.encode(LETTER);
    let sent = sent_as(&world, ALICE, "/me/sendMail", &encoded).await;
    assert_eq!((sent.status, sent.text.as_str()), (202, ""));
    let received = inbox(&world, BOB).await.remove(0);
    assert_eq!((&received["subject"], &received["hasAttachments"]), (&json!("Münzen"), &json!(true)));
    let answer = STANDARD.encode("To: alice@contoso.example\r\nSubject: Answer\r\n\r\nYes\r\n");
    let draft = sent_as(&world, BOB, &format!("{}/createReply", path_of(&received)), &answer).await;
    assert_eq!((draft.status, &draft.body["subject"]), (201, &json!("Answer")));
    assert_eq!(draft.body["conversationId"], received["conversationId"]);
    let replied = sent_as(&world, BOB, &format!("{}/reply", path_of(&received)), &answer).await;
    assert_eq!(replied.status, 202, "{}", replied.text);
    assert_eq!(inbox(&world, ALICE).await[0]["subject"], "Answer");
}

#[tokio::test]
async fn what_is_no_mime_is_refused() {
    let world = World::new();
    sent(&world, letter("Lunch", &[BOB])).await;
    let received = inbox(&world, BOB).await.remove(0);
    let reply = format!("{}/createReply", path_of(&received));
    for path in ["/me/messages", "/me/sendMail", &reply] {
        for text in ["no base64 !!", ""] {
            let refused = sent_as(&world, BOB, path, text).await;
            assert_eq!((refused.status, refused.code()), (400, "ErrorMimeContentInvalidBase64String"), "{path}");
            assert_eq!(refused.body["error"]["message"], "Invalid base64 string for MIME content.");
        }
    }
}

#[tokio::test]
async fn a_message_is_read_as_mime_and_reads_the_same_again() {
    let world = World::new();
    sent_as(&world, ALICE, "/me/sendMail", &STANDARD.encode(LETTER)).await;
    let received = inbox(&world, BOB).await.remove(0);
    let value = mail_as(&world, BOB, "GET", &format!("{}/$value", path_of(&received)), None).await;
    assert_eq!((value.status, value.header("content-type")), (200, "text/plain"));
    for text in [
        "From: \"Alice Example\" <alice@contoso.example>\r\n",
        "Message-ID: <coins@contoso.example>\r\n",
        "X-Crm-Id: 17\r\n",
    ] {
        assert!(value.text.contains(text), "{}", value.text);
    }
    assert!(value.text.lines().all(|line| line.len() < 200) && value.text.is_ascii());
    let again = sent_as(&world, ALICE, "/me/messages", &STANDARD.encode(&value.text)).await.body;
    for name in
        ["subject", "importance", "internetMessageId", "toRecipients", "ccRecipients", "bodyPreview", "hasAttachments"]
    {
        assert_eq!(again[name], received[name], "{name}");
    }
    let twice = mail_as(&world, BOB, "GET", &format!("{}/$value", path_of(&received)), None).await;
    assert_eq!(twice.text, value.text);
    assert_eq!(world.read_as(BOB, "Mail.ReadBasic", &format!("{}/$value", path_of(&received))).await.status, 403);
}

#[tokio::test]
async fn lists_of_people_are_folded_and_other_text_stays_as_it_is() {
    let world = World::new();
    let mut message = letter("Lunch, Friday", &[BOB, EVE]);
    message["toRecipients"][0]["emailAddress"]["name"] = json!("Example, Bob");
    message["internetMessageHeaders"] = json!([{ "name": "x-places", "value": "one, two" }]);
    let made = draft(&world, message).await;
    let value = mail_as(&world, ALICE, "GET", &format!("{}/$value", path_of(&made)), None).await.text;
    for text in [
        "\r\nSubject: Lunch, Friday\r\n",
        "\r\nx-places: one, two\r\n",
        "\r\nTo: \"Example, Bob\" <bob@contoso.example>,\r\n <eve@elsewhere.example>\r\n",
    ] {
        assert!(value.contains(text), "{text}: {value}");
    }
}

#[tokio::test]
async fn what_is_written_into_a_header_makes_no_other() {
    let world = World::new();
    let with = |name: &str, given: Value| {
        let mut message = letter("Lunch", &[BOB]);
        message[name] = given;
        message
    };
    let person = |name: &str, address: &str| json!([{ "emailAddress": { "name": name, "address": address } }]);
    let cases = [
        with("subject", json!("Lunch\r\nX-Evil: 1")),
        with("internetMessageId", json!("<a@contoso.example>\r\nX-Evil: 1")),
        with("toRecipients", person("", "bob@contoso.example>\r\nX-Evil: 1")),
        with("ccRecipients", person("Bob\nX-Evil: 1", BOB)),
        with("replyTo", person("Jürgen\rX-Evil: 1", BOB)),
        with("internetMessageHeaders", json!([{ "name": "x-a: 1\r\nX-Evil", "value": "1" }])),
        with("internetMessageHeaders", json!([{ "name": "x-a", "value": "1\r\nX-Evil: 1" }])),
    ];
    for message in cases {
        let made = draft(&world, message.clone()).await;
        let value = mail_as(&world, ALICE, "GET", &format!("{}/$value", path_of(&made)), None).await.text;
        let is_evil = value.split(['\r', '\n']).any(|line| line.starts_with("X-Evil"));
        assert!(value.contains("\r\nSubject: Lunch") && !is_evil, "{message}: {value}");
    }
}
