//! `$search` (concepts/search-query-parameter).

use super::*;

#[tokio::test]
async fn words_restrictions_and_their_combinations_find_messages() {
    let world = World::new();
    let mut first = letter("Pizza tonight", &[BOB]);
    first["importance"] = json!("high");
    first["attachments"] =
        json!([{ "@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.pdf", "contentBytes": "" }]);
    sent(&world, first).await;
    world.advance(86_400);
    let mut second = letter("Pasta tomorrow", &[BOB]);
    second["ccRecipients"] = json!([to(EVE)]);
    sent(&world, second).await;
    let table: [(&str, &[&str]); 18] = [
        ("\"pizza\"", &["Pizza tonight"]),
        ("pasta", &["Pasta tomorrow"]),
        ("\"about pi\"", &["Pizza tonight"]),
        ("\"alice\"", &["Pasta tomorrow", "Pizza tonight"]),
        ("\"subject:pasta\"", &["Pasta tomorrow"]),
        ("\"subject:about\"", &[]),
        ("\"body:about\"", &["Pasta tomorrow", "Pizza tonight"]),
        ("\"from:alice@contoso.example AND subject:pizza\"", &["Pizza tonight"]),
        ("\"subject:pizza OR subject:pasta\"", &["Pasta tomorrow", "Pizza tonight"]),
        ("\"from:alice NOT subject:pizza\"", &["Pasta tomorrow"]),
        ("\"cc:eve\"", &["Pasta tomorrow"]),
        ("\"participants:eve\"", &["Pasta tomorrow"]),
        ("\"to:eve\"", &[]),
        ("\"importance:high\"", &["Pizza tonight"]),
        ("\"hasAttachments:true\"", &["Pizza tonight"]),
        ("\"attachment:menu\"", &["Pizza tonight"]),
        ("\"received>=2026-03-03\"", &["Pasta tomorrow"]),
        ("\"sent:2026-03-02\"", &["Pizza tonight"]),
    ];
    for (search, expected) in table {
        let path = format!("/me/messages?$search={}", escaped(search));
        let found = mail_as(&world, BOB, "GET", &path, None).await;
        assert_eq!(found.status, 200, "{search} {}", found.text);
        assert_eq!(texts(found.items(), "subject"), expected, "{search}");
    }
    let one =
        mail_as(&world, BOB, "GET", "/me/mailFolders/inbox/messages?$search=%22alice%22&$top=1&$select=subject", None)
            .await;
    assert_eq!(texts(one.items(), "subject"), ["Pasta tomorrow"]);
}

#[tokio::test]
async fn a_search_is_neither_filtered_nor_sorted() {
    let world = World::new();
    let table = [
        ("$search=%22x%22&$orderby=receivedDateTime", 400, "SearchWithOrderBy"),
        ("$search=%22x%22&$filter=isRead%20eq%20true", 400, "SearchWithFilter"),
        ("$search=%22x%20OR%22", 400, "BadRequest"),
        ("$search=%22received:yesterday%22", 400, "BadRequest"),
        ("$search=%22size:17%22", 501, "NotImplemented"),
        ("$search=%22(x)%22", 501, "NotImplemented"),
    ];
    for (query, status, code) in table {
        let refused = mail_as(&world, BOB, "GET", &format!("/me/messages?{query}"), None).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{query}");
    }
    assert_eq!(world.read_as(BOB, "Mail.ReadBasic", "/me/messages?$search=%22x%22").await.status, 403);
}
