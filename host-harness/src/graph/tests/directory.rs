//! People and the tenant, looked up.

use super::*;

const EVENTUAL: [(&str, &str); 1] = [("consistencylevel", "eventual")];

struct Directory {
    world: World,
    token: String,
}

impl Directory {
    fn new() -> Self {
        let world = World::new();
        world.microsoft.create_mailbox(mailbox("carol@contoso.example", "Carol Bobson")).unwrap();
        let token = world.microsoft.issue_token(ALICE, &["User.Read.All"]).unwrap();
        Self { world, token }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.world.graph_as(&self.token, "GET", path, headers, None).await
    }

    async fn names(&self, query: &str, headers: &[(&str, &str)]) -> Vec<String> {
        let answer = self.get(&format!("/users?{query}"), headers).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.items().iter().map(|user| user["displayName"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn people_are_listed_filtered_searched_and_counted() {
    let directory = Directory::new();
    let filter = |filter: &str| format!("$filter={}", escaped(filter));
    let plain = [
        (String::new(), vec!["Alice Example", "Bob Example", "Carol Bobson"]),
        (filter("userPrincipalName eq 'BOB@contoso.example'"), vec!["Bob Example"]),
        (
            filter("mail eq 'alice@contoso.example' or startswith(displayName,'car')"),
            vec!["Alice Example", "Carol Bobson"],
        ),
        ("$orderby=surname".to_owned(), vec!["Carol Bobson", "Alice Example", "Bob Example"]),
    ];
    for (query, names) in plain {
        assert_eq!(directory.names(&query, &[]).await, names, "{query}");
    }
    let advanced = [
        (format!("$search={}", escaped("\"displayName:bob\"")), vec!["Bob Example", "Carol Bobson"]),
        (format!("{}&$count=true", filter("endswith(displayName,'example')")), vec!["Alice Example", "Bob Example"]),
        (format!("{}&$count=true", filter("surname ne 'Example'")), vec!["Carol Bobson"]),
    ];
    for (query, names) in advanced {
        assert_eq!(directory.names(&query, &EVENTUAL).await, names, "{query}");
        let refused = directory.get(&format!("/users?{query}"), &[]).await;
        assert_eq!((refused.status, refused.code()), (400, "Request_UnsupportedQuery"), "{query}");
    }
    assert_eq!(directory.get("/users/$count", &EVENTUAL).await.text, "3");
    assert_eq!(directory.get("/users/$count", &[]).await.status, 400);
    assert_eq!(directory.get("/users?$count=true", &EVENTUAL).await.body["@odata.count"], 3);
    assert!(directory.get("/users?$count=true", &[]).await.body.get("@odata.count").is_none());
}

#[tokio::test]
async fn people_come_in_pages_with_a_token() {
    let directory = Directory::new();
    let first = directory.get("/users?$top=2&$select=mail", &[]).await;
    assert_eq!(first.items()[0], json!({ "mail": ALICE }));
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    assert!(next.contains("$skiptoken=") && !next.contains("$skip="), "{next}");
    let last = directory.get(next, &[]).await;
    assert_eq!((last.items().len(), last.body.get("@odata.nextLink")), (1, None));
    for far in ["ff", "ffffffffffffffff"] {
        let behind = directory.get(&format!("/users?$skiptoken={far}"), &[]).await;
        assert_eq!((behind.status, behind.items().len(), behind.body.get("@odata.nextLink")), (200, 0, None), "{far}");
    }
}

#[tokio::test]
async fn what_the_directory_does_not_answer_is_refused() {
    let directory = Directory::new();
    let cases = [
        ("/users?$skip=1", 400),
        ("/users?$top=0", 400),
        ("/users?$top=1000", 400),
        ("/users?$select=shade", 400),
        ("/users?$select=mailboxSettings", 501),
        ("/users?$filter=shade%20eq%20'a'", 400),
        ("/users?$filter=contains(displayName,'a')", 400),
        ("/users?$expand=manager", 501),
        ("/users?$skiptoken=nothing", 400),
        ("/users/nobody", 404),
        ("/me/photo", 501),
    ];
    for (path, status) in cases {
        assert_eq!(directory.get(path, &[]).await.status, status, "{path}");
    }
    let unquoted = directory.get("/users?$search=displayName:bob", &EVENTUAL).await;
    assert_eq!((unquoted.status, unquoted.code()), (400, "Request_BadRequest"));
    let world = &directory.world;
    for path in ["/users", "/users/$count", "/organization"] {
        let token = world.microsoft.issue_token(ALICE, &["Calendars.Read"]).unwrap();
        let refused = world.graph_as(&token, "GET", path, &EVENTUAL, None).await;
        assert_eq!((refused.status, refused.code()), (403, "Authorization_RequestDenied"), "{path}");
        assert_eq!(world.graph_as(&token, "DELETE", "/organization", &[], None).await.status, 405);
    }
    assert_eq!(world.get(&format!("/users/{BOB}")).await.status, 403);
}

#[tokio::test]
async fn a_person_is_read_with_what_was_selected() {
    let directory = Directory::new();
    let bob = directory.get(&format!("/users/{BOB}"), &[]).await.body;
    assert_eq!((&bob["displayName"], bob.as_object().unwrap().len()), (&json!("Bob Example"), 12));
    let selected = directory.get(&format!("/users('{BOB}')?$select=userType,proxyAddresses"), &[]).await.body;
    assert_eq!(selected["proxyAddresses"], json!([format!("SMTP:{BOB}")]));
    assert!(selected.get("id").is_none() && selected["userType"] == "Member");
    let me = directory.world.get("/me?$select=displayName,mail,mailboxSettings,userPrincipalName").await.body;
    assert_eq!(me["mailboxSettings"]["timeZone"], "W. Europe Standard Time");
    assert_eq!(directory.world.get("/me?$top=1").await.status, 400);
}

#[tokio::test]
async fn the_settings_of_a_mailbox_are_shown_to_its_owner_and_to_applications() {
    let directory = Directory::new();
    let world = &directory.world;
    let scopes = ["User.Read.All", "MailboxSettings.Read"];
    let path = |user: &str| format!("/users/{user}?$select=mailboxSettings");
    let of_alice = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let own = world.graph_as(&of_alice, "GET", &path(ALICE), &[], None).await;
    assert_eq!(own.body["mailboxSettings"]["timeZone"], "W. Europe Standard Time");
    let foreign = world.graph_as(&of_alice, "GET", &path(BOB), &[], None).await;
    assert_eq!((foreign.status, foreign.code()), (403, "ErrorAccessDenied"));
    let plain = world.graph_as(&of_alice, "GET", &format!("/users/{BOB}?$select=displayName"), &[], None).await;
    assert_eq!(plain.body["displayName"], "Bob Example");
    let permissions = scopes.map(str::to_owned).to_vec();
    world.microsoft.register_app(NewApp { permissions, ..app() }).unwrap();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let granted = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    let of_app = granted.body["access_token"].as_str().unwrap();
    let read = world.graph_as(of_app, "GET", &path(BOB), &[], None).await;
    assert_eq!(read.body["mailboxSettings"]["timeZone"], "W. Europe Standard Time");
}

#[tokio::test]
async fn an_account_is_enabled_unless_it_may_not_sign_in() {
    let directory = Directory::new();
    let path = format!("/users/{BOB}?$select=accountEnabled");
    for (state, is_enabled) in [("disabled", false), ("mfaRequired", true), ("blockedByPolicy", true), ("normal", true)]
    {
        let body = json!({ "userPrincipalName": BOB, "state": state });
        assert_eq!(directory.world.control("POST", "signIn", Some(body)).await.status, 204);
        assert_eq!(directory.get(&path, &[]).await.body["accountEnabled"], is_enabled, "{state}");
    }
}

#[tokio::test]
async fn the_organisation_is_the_tenant() {
    let directory = Directory::new();
    let answer = directory.world.read_as(ALICE, "User.Read", "/organization").await;
    let tenant = &answer.items()[0];
    assert_eq!(tenant["id"], directory.world.microsoft.tenant_id());
    assert_eq!(tenant["verifiedDomains"][0]["name"], "contoso.example");
}

#[tokio::test]
async fn a_question_is_advanced_by_what_it_asks_and_not_by_its_letters() {
    let directory = Directory::new();
    let filters = [
        ("displayName eq 'A ne B'", true),
        ("displayName eq 'not contains(x,endswith('", true),
        ("startswith(displayName,'BOB')", true),
        ("displayName ne 'x'", false),
        ("NOT(startswith(displayName,'a'))", false),
        ("not startswith(displayName,'a')", false),
        ("mail eq 'x' or ENDSWITH(mail,'example')", false),
    ];
    for (filter, is_plain) in filters {
        let path = format!("/users?$filter={}", escaped(filter));
        let answer = directory.get(&path, &[]).await;
        let expected = if is_plain { (200, "") } else { (400, "Request_UnsupportedQuery") };
        assert_eq!((answer.status, answer.code()), expected, "{filter}");
        let counted = directory.get(&format!("{path}&$count=true"), &EVENTUAL).await;
        assert_eq!(counted.status, 200, "{filter}: {}", counted.text);
        let number = directory.get(&path.replace("/users?", "/users/$count?"), &EVENTUAL).await;
        assert_eq!(number.status, 200, "{filter}: {}", number.text);
    }
}
