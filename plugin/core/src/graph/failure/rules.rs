//! Which verdict follows from a status, a code and what was asked about?

use std::ops::RangeInclusive;

use super::Subject;

/// A reaction without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Retry,
    Resync,
    Reauthenticate,
    RereadItem,
    ItemGone,
    AlreadyCreated,
    SkipItem,
    ParkMailbox,
    MissingPermission,
    StopRun,
}

/// A row of the table. An empty list of subjects fits every subject, and an empty
/// list of codes every answer, also one without a code.
struct Rule {
    statuses: RangeInclusive<u16>,
    codes: &'static [&'static str],
    subjects: &'static [Subject],
    verdict: Verdict,
}

const fn rule(
    statuses: RangeInclusive<u16>,
    codes: &'static [&'static str],
    subjects: &'static [Subject],
    verdict: Verdict,
) -> Rule {
    Rule { statuses, codes, subjects, verdict }
}

/// The codes of a cursor that the service does not know any more.
const LOST_CURSOR: &[&str] = &["SyncStateNotFound", "SyncStateInvalid", "resyncRequired", "fullSyncRequired"];

/// The codes of a mailbox that Graph cannot reach: on premises, without a
/// licence, deleted, or not ready yet.
const NO_MAILBOX: &[&str] = &[
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "ResourceNotFound",
    "Request_ResourceNotFound",
    "ErrorInvalidUser",
];

/// The codes of a mailbox that is full.
pub(super) const MAILBOX_FULL: &[&str] = &["ErrorQuotaExceeded", "ErrorMailboxStoreUnavailableQuota"];

/// Any code, as Graph gives one with each of its errors.
const ANY: &[&str] = &["*"];

/// No code at all: somebody on the way has answered, and knows nothing of what was
/// asked about.
const NONE: &[&str] = &[""];

/// The table. The first row that fits decides.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    // concepts/delta-query-overview: a token is evicted, with 410 or another 4xx.
    rule(400..=499, LOST_CURSOR, &[], Verdict::Resync),
    rule(410..=410, &[], &[Subject::Round, Subject::TaskListRound], Verdict::Resync),
    // api/user-post-events, resources/event `transactionId`.
    rule(400..=409, &["ErrorDuplicateTransactionId"], &[], Verdict::AlreadyCreated),
    // concepts/errors; entra claims-challenge for the claims.
    rule(401..=401, &[], &[], Verdict::Reauthenticate),
    rule(403..=403, &["insufficient_claims"], &[], Verdict::Reauthenticate),
    // A mailbox that is full takes nothing, whatever is written.
    rule(400..=507, MAILBOX_FULL, &[], Verdict::ParkMailbox),
    rule(507..=507, &[], &[], Verdict::ParkMailbox),
    // concepts/throttling; a locked item is free again soon.
    rule(408..=408, &[], &[], Verdict::Retry),
    rule(423..=424, &[], &[], Verdict::Retry),
    rule(429..=429, &[], &[], Verdict::Retry),
    // concepts/auth/auth-concepts: consent or policy, where Graph says so. A gateway
    // knows of no permission.
    rule(403..=403, ANY, &[], Verdict::MissingPermission),
    rule(403..=403, NONE, &[], Verdict::Retry),
    // concepts/errors, resources/user: which of the codes comes varies by the hour.
    rule(404..=404, NO_MAILBOX, &[], Verdict::ParkMailbox),
    rule(404..=404, ANY, &[Subject::Item, Subject::TaskListRound, Subject::NewTask], Verdict::ItemGone),
    // api/event-delete: a second deletion of a cancelled event.
    rule(410..=410, ANY, &[Subject::Item], Verdict::ItemGone),
    // Of a gateway: no evidence that anything is gone (invariant 5), be it an item or
    // the mailbox.
    rule(404..=404, NONE, &[], Verdict::Retry),
    rule(410..=410, NONE, &[], Verdict::Retry),
    rule(404..=404, &[], &[], Verdict::ParkMailbox),
    // api/event-update: the version of `If-Match` is not the present one. Comes
    // without `If-Match`, too, when the service itself changed the item.
    rule(409..=409, &[], &[Subject::Item], Verdict::RereadItem),
    rule(412..=412, &[], &[Subject::Item], Verdict::RereadItem),
    // What is too large for one on the way stays so.
    rule(413..=413, &[], &[Subject::Item, Subject::NewItem, Subject::NewTask], Verdict::SkipItem),
    // concepts/errors: what the item holds is not accepted, where Graph says so. What a
    // gateway lets through never, is given up by its attempts.
    rule(400..=499, NONE, &[Subject::Item, Subject::NewItem, Subject::NewTask], Verdict::Retry),
    rule(400..=499, &[], &[Subject::Item, Subject::NewItem, Subject::NewTask], Verdict::SkipItem),
    // Not implemented, and versions that nobody speaks: repeating does not help.
    rule(501..=501, &[], &[], Verdict::StopRun),
    rule(505..=505, &[], &[], Verdict::StopRun),
    // concepts/errors: passing faults; a write may have been performed.
    rule(500..=599, &[], &[], Verdict::Retry),
];

/// What a status and a code mean for a request about `subject`.
pub(super) fn verdict(status: u16, codes: &[&str], subject: Subject) -> Verdict {
    let fits = |rule: &&Rule| {
        rule.statuses.contains(&status)
            && (rule.subjects.is_empty() || rule.subjects.contains(&subject))
            && (rule.codes.is_empty()
                || (rule.codes == ANY && !codes.is_empty())
                || (rule.codes == NONE && codes.is_empty())
                || rule.codes.iter().any(|known| codes.iter().any(|code| code.eq_ignore_ascii_case(known))))
    };
    // What the table does not know is not Graph as documented: a redirect, a
    // client error about no item in particular.
    RULES.iter().find(fits).map_or(Verdict::StopRun, |rule| rule.verdict)
}
