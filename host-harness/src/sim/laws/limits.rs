//! What a run may ask and write.

use serde_json::Value;

use super::witness::Seen;
use crate::app::Resource;
use crate::sim::operation::{Direction, Side, Who};
use crate::sim::ran::Ran;
use crate::sim::words::{entries, text};

/// Requests of a run that has nothing to do: one for each collection that is
/// read. Of a calendar that is a page of its changes; of tasks the lists, and a
/// page of the changes of the one that is followed.
const fn idle_requests(resource: Resource) -> u64 {
    match resource {
        Resource::Calendar => 1,
        Resource::Tasks => 2,
        Resource::Mail => 0,
    }
}

/// Requests of a run of any kind, before anything is counted for its items.
const RUN_REQUESTS: u64 = 40;

/// Requests that one item may cost a run: read, looked for, written, its days
/// written, and once more where it changed meanwhile.
const REQUESTS_OF_ITEM: u64 = 12;

/// Whether a report says that nothing was written, and nothing is left.
pub fn is_quiet(report: &Value) -> bool {
    written(report, Side::Crm) + written(report, Side::Microsoft) == 0 && report["next"]["when"] == "idle"
}

/// How many items a run has written on a side.
fn written(report: &Value, side: Side) -> u64 {
    ["created", "updated", "deleted"].iter().filter_map(|kind| report[side.word()][*kind].as_u64()).sum()
}

/// What a run has done against the direction of its resource.
pub fn against_direction(who: Who, resource: Resource, direction: Direction, report: &Value) -> Option<String> {
    let Direction::From(source) = direction else { return None };
    let count = written(report, source);
    (count > 0).then(|| format!("{who:?}: a run of {resource} wrote {count} items to its source: {report}"))
}

/// What a further run that should have had nothing to do has done, as both sides have
/// seen it.
pub fn not_at_rest(who: Who, resource: Resource, seen: &Seen, report: &Value) -> Option<String> {
    if !is_quiet(report) {
        return Some(format!("{who:?}: a second run of {resource} is not quiet: {report}"));
    }
    if !seen.is_without_writes() {
        return Some(format!("{who:?}: an idle run of {resource} {}: {report}", seen.words()));
    }
    let requests = seen.requests;
    (requests > idle_requests(resource))
        .then(|| format!("{who:?}: an idle run of {resource} costs {requests} requests: {report}"))
}

/// What a run has written to the CRM after it lost its place to another holder. What
/// it has begun at Microsoft before, it may still end there.
pub fn wrote_without_place(who: Who, resource: Resource, seen: &Seen) -> Option<String> {
    let items = seen.to_crm;
    (items > 0).then(|| format!("{who:?}: a run of {resource} whose place was taken wrote {items} items of the CRM"))
}

/// What was refused: whoever is in step may always ask for a run.
pub fn refused(who: Who, resource: Resource, ran: &Ran) -> Option<String> {
    let Ran::Refused(code) = ran else { return None };
    Some(format!("{who:?}: a run of {resource} was refused: `{code}`"))
}

/// What a run has done whose place was taken: the first write that is refused tells
/// it so, and is to be its last.
pub fn did_not_stop(who: Who, resource: Resource, refused: usize, ran: &Ran) -> Option<String> {
    let stopped = match ran {
        Ran::Report(report) => report["blocked"] == "stale-fence",
        Ran::TornDown | Ran::Refused(_) | Ran::Failed(_) => true,
    };
    let went_on = refused > 1 || (refused == 1 && !stopped);
    went_on.then(|| {
        let what = ran.summary(who, resource);
        format!("{who:?}: a run of {resource} whose place was taken went on, with {refused} refused writes: {what}")
    })
}

/// What a run has asked too much that has to do with so many items, with so many
/// requests as Microsoft has counted them.
pub fn too_many_requests(who: Who, resource: Resource, items: usize, requests: u64) -> Option<String> {
    let most = RUN_REQUESTS + REQUESTS_OF_ITEM * u64::try_from(items).unwrap_or(u64::MAX);
    (requests > most).then(|| format!("{who:?}: a run of {resource} cost {requests} requests for {items} items"))
}

/// Requests in a record of Microsoft's, sign-ins aside; a batch is one.
pub fn asked(record: &Value) -> u64 {
    let requests = entries(&record["requests"]).iter().filter(|request| !is_login(request));
    u64::try_from(requests.count()).unwrap_or(u64::MAX)
}

fn is_login(request: &Value) -> bool {
    text(request, "path").contains("/oauth2/")
}

/// Requests in a record of Microsoft's that change something, sign-ins aside.
pub fn writes(record: &Value) -> usize {
    let changes = |request: &&Value| {
        let is_batch = text(request, "path").ends_with("$batch");
        text(request, "method") != "GET" && !is_login(request) && !is_batch
    };
    let requests = entries(&record["requests"]);
    let parts = requests.iter().flat_map(|request| entries(&request["parts"]));
    requests.iter().chain(parts).filter(changes).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_at_rest_where_both_sides_say_so_and_not_only_its_report() {
        let report = json!({
            "crm": {"created": 0}, "microsoft": {"created": 0}, "next": {"when": "idle"},
        });
        let found = |seen: Seen| not_at_rest(Who::Anna, Resource::Calendar, &seen, &report).is_some();
        assert!(!found(Seen { requests: 1, ..Seen::default() }));
        assert!(found(Seen { requests: 2, ..Seen::default() }));
        assert!(found(Seen { to_microsoft: 1, ..Seen::default() }));
        assert!(found(Seen { to_crm: 1, ..Seen::default() }));
    }

    #[test]
    fn a_run_that_comes_to_its_end_or_is_torn_down_was_not_refused() {
        let found = |ran: Ran| refused(Who::Anna, Resource::Calendar, &ran).is_some();
        assert!(found(Ran::Refused("not-found".to_owned())));
        assert!(!found(Ran::Report(json!({}))) && !found(Ran::TornDown));
    }

    #[test]
    fn a_run_whose_place_was_taken_may_end_what_it_has_begun_at_microsoft_alone() {
        let found = |seen: Seen| wrote_without_place(Who::Anna, Resource::Calendar, &seen).is_some();
        assert!(!found(Seen { to_microsoft: 1, requests: 1, ..Seen::default() }));
        assert!(found(Seen { to_crm: 1, ..Seen::default() }));
    }

    #[test]
    fn requests_and_writes_are_counted_alone_and_in_batches() {
        let record = json!({"requests": [
            {"method": "GET", "path": "/v1.0/users/1/events", "parts": []},
            {"method": "POST", "path": "/t/oauth2/v2.0/token", "parts": []},
            {"method": "POST", "path": "/v1.0/$batch", "parts": [
                {"method": "PATCH", "path": "/v1.0/users/1/events/2"}, {"method": "GET", "path": "/v1.0/users/1/events/3"},
            ]},
            {"method": "DELETE", "path": "/v1.0/users/1/events/4", "parts": []},
        ]});
        assert_eq!((writes(&record), asked(&record)), (2, 3));
    }
}
