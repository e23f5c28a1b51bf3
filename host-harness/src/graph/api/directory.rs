//! The people of the tenant and the tenant itself, as far as applications look
//! them up (api/user-list, api/user-get, api/organization-list).
//!
//! The directory has rules of its own: pages go by `$skiptoken`, and some
//! questions are answered only with `ConsistencyLevel: eventual`
//! (concepts/aad-advanced-queries). What a person looks like is in `users`.

use serde_json::{Map, Value, json};

use super::filter::{Comparable, Filter, Operand, Vocabulary, sort};
use super::list::count_only;
use super::options::Options;
use super::{not_emulated, users};
use crate::graph::call::Call;
use crate::graph::conformance;
use crate::graph::login::grants::AccessToken;
use crate::graph::model::Mailbox;
use crate::graph::names::folded;
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

const LIST: Options = Options::of(
    &["$select", "$filter", "$orderby", "$top", "$count", "$search", "$skiptoken"],
    &["$skip", "$deltatoken"],
);

/// People of a page, and the most that a page may have.
const PAGE_SIZE: usize = 100;
const PAGE_SIZE_MAX: usize = 999;

const VOCABULARY: Vocabulary = Vocabulary {
    paths: &["id", "displayname", "givenname", "surname", "mail", "userprincipalname"],
    has_extended: false,
    folds_texts: true,
    refuse: |text| {
        let begins = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
        let name = text.get(..begins).unwrap_or_default();
        if users::is_property(name) || text.get(begins..).is_some_and(|rest| rest.starts_with('(')) {
            return Refusal::not_emulated("Such a filter on people");
        }
        let message = format!("Could not find a property named '{name}' on type 'microsoft.graph.user'.");
        Refusal::new(400, "BadRequest", message)
    },
};

impl Comparable for Mailbox {
    fn operand(&self, path: &str) -> Option<Operand> {
        let written = users::whole(self);
        let (_, value) = written.iter().find(|(name, _)| name.eq_ignore_ascii_case(path))?;
        value.as_str().map(|text| Operand::Text(folded(text)))
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// `…/users`, `…/users/$count` and `…/organization`; `None` for any other path.
pub(super) fn answer(state: &State, call: &Call, token: &AccessToken) -> Option<Result<Reply, Refusal>> {
    let words = call.words();
    routes!(match (call.method.as_str(), words.get(1..).unwrap_or_default()) {
        ("GET", ["users"]) => Some(list(state, call, token)),
        ("GET", ["users", "$count"]) => Some(count(state, call, token)),
        ("GET", ["organization"]) => Some(organization(state, call, token)),
        (_, ["users"]) => Some(Err(not_emulated(call))),
        (_, _) => None,
    })
}

/// The refusal of a caller without the permission.
fn denied() -> Refusal {
    Refusal::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

fn is_eventual(call: &Call) -> bool {
    call.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
}

fn unsupported(message: &str) -> Refusal {
    Refusal::new(400, "Request_UnsupportedQuery", message)
}

/// The people that a request asks for.
fn found<'a>(state: &'a State, call: &Call) -> Result<Vec<&'a Mailbox>, Refusal> {
    let filter = Filter::parse(call.query.get("$filter"), &VOCABULARY)?;
    if filter.looks_inside() {
        return Err(unsupported("Unsupported Query."));
    }
    let orders = call.query.get("$orderby").is_some() && call.query.get("$filter").is_some();
    if (!filter.is_plain() || orders) && !(is_eventual(call) && counts(call)) {
        return Err(unsupported(
            "Operator is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header.",
        ));
    }
    let wanted = call.query.get("$search").map(|search| term(call, search)).transpose()?;
    let mut people: Vec<&Mailbox> = state.mailboxes.values().filter(|mailbox| filter.accepts(*mailbox)).collect();
    people.retain(|mailbox| wanted.as_ref().is_none_or(|(path, term)| has_word(mailbox, path, term)));
    sort(&mut people, call.query.get("$orderby"), &VOCABULARY, "people")?;
    Ok(people)
}

fn counts(call: &Call) -> bool {
    call.query.get("$count").is_some_and(|count| count.eq_ignore_ascii_case("true"))
        || call.words().last() == Some(&"$count")
}

/// Property and word of `"property:word"`.
fn term(call: &Call, search: &str) -> Result<(String, String), Refusal> {
    if !is_eventual(call) {
        return Err(unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    let inner = search.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let pair = inner.filter(|inner| !inner.contains('"')).and_then(|inner| inner.split_once(':'));
    let Some((path, word)) = pair else {
        return if search.contains('"') && search.matches('"').count() > 2 {
            Err(Refusal::not_emulated("A search for several words"))
        } else {
            Err(Refusal::new(400, "Request_BadRequest", "Syntax error in the value of $search."))
        };
    };
    let path = path.trim().to_ascii_lowercase();
    if !VOCABULARY.paths.contains(&path.as_str()) {
        return Err(unsupported("A property in $search is not searchable."));
    }
    Ok((path, folded(word.trim())))
}

/// Whether a word of a property begins with what is looked for.
fn has_word(mailbox: &Mailbox, path: &str, wanted: &str) -> bool {
    match mailbox.operand(path) {
        Some(Operand::Text(text)) => {
            text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.starts_with(wanted))
                || text.starts_with(wanted)
        }
        Some(Operand::Flag(_) | Operand::At(_)) | None => false,
    }
}

fn list(state: &State, call: &Call, token: &AccessToken) -> Result<Reply, Refusal> {
    if !token.may(Access::ReadPeople) {
        return Err(denied());
    }
    LIST.check_call(call, "people")?;
    let people = found(state, call)?;
    let size = match call.query.get("$top") {
        None => PAGE_SIZE,
        Some(text) => text.parse().ok().filter(|size| (1..=PAGE_SIZE_MAX).contains(size)).ok_or_else(|| {
            let message = format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.");
            Refusal::new(400, "Request_BadRequest", message)
        })?,
    };
    let skip = match call.query.get("$skiptoken") {
        None => 0,
        Some(token) => usize::from_str_radix(token, 16).map_err(|_| {
            Refusal::new(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        })?,
    };
    let select = users::Selection::read(call.query.get("$select"))?;
    let value: Vec<Value> =
        people.iter().skip(skip).take(size).map(|mailbox| Value::Object(select.write(mailbox))).collect();
    let said = conformance::context(call, "").unwrap_or_default();
    let metadata = format!("{}/v1.0/$metadata#{said}", state.base_url);
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(metadata));
    // Without the header, the service leaves the count out and says nothing.
    if counts(call) && is_eventual(call) {
        body.insert("@odata.count".to_owned(), json!(people.len()));
    }
    let next = skip.saturating_add(size);
    if next < people.len() {
        let mut query = call.query.to_map();
        query.insert("$skiptoken".to_owned(), format!("{next:x}"));
        let pairs =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish().replace("%24", "$");
        body.insert("@odata.nextLink".to_owned(), json!(format!("{}{}?{pairs}", state.base_url, call.path)));
    }
    body.insert("value".to_owned(), Value::Array(value));
    Ok(Reply::json(200, Value::Object(body)))
}

fn count(state: &State, call: &Call, token: &AccessToken) -> Result<Reply, Refusal> {
    if !token.may(Access::ReadPeople) {
        return Err(denied());
    }
    LIST.check_call(call, "the count of people")?;
    if !is_eventual(call) {
        return Err(Refusal::new(400, "Request_BadRequest", "$count is not currently supported."));
    }
    found(state, call).map(|people| count_only(people.len()))
}

/// The one tenant that there is.
fn organization(state: &State, call: &Call, token: &AccessToken) -> Result<Reply, Refusal> {
    if !token.may(Access::ReadOrganization) {
        return Err(denied());
    }
    Options::only(&[]).check_call(call, "the organization")?;
    let tenant = &state.meta.tenant;
    let domains: Vec<&String> = tenant.names.iter().filter(|name| name.contains('.')).collect();
    let verified: Vec<Value> = domains
        .iter()
        .enumerate()
        .map(|(at, name)| json!({ "capabilities": "Email", "isDefault": at == 0, "isInitial": at == 0, "name": name, "type": "Managed" }))
        .collect();
    let name = domains.first().map_or("", |name| name.as_str());
    let organization = json!({
        "id": tenant.id, "displayName": name, "verifiedDomains": verified, "businessPhones": [],
        "technicalNotificationMails": [], "city": null, "country": null, "countryLetterCode": null, "postalCode": null,
        "preferredLanguage": null, "state": null, "street": null, "tenantType": "AAD", "createdDateTime": null,
    });
    let metadata = format!("{}/v1.0/$metadata#organization", state.base_url);
    Ok(Reply::json(200, json!({ "@odata.context": metadata, "value": [organization] })))
}
