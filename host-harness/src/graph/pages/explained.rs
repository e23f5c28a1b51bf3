//! What each switch does, in a line for people.

/// By the name of the switch, in its order on the page.
const LINES: [(&str, &str); 39] = [
    ("changeKeyBumpSeconds", "The change key of something new moves by itself after so many seconds."),
    ("clockSkewSeconds", "How far Microsoft's clock is ahead of everybody else's; behind where negative."),
    ("cloud", "The national cloud that is played, with what it lacks."),
    ("concurrencyMax", "Requests of one application at one time; one more is answered 429."),
    ("deltaLagSeconds", "Changes show in delta rounds only after so many seconds."),
    ("duplicateSubscriptions", "A second subscription to the same changes is made instead of refused with 409."),
    ("emptyPages", "One page in three of a delta round has no items."),
    ("filteredDeltaMax", "Messages that a delta round with a filter lists at most."),
    ("goneWithoutLocation", "410 on a token does not say where a new round begins."),
    ("keepDeclined", "What a guest declines stays in the calendar, shown as free."),
    ("mailboxConcurrencyMax", "Requests of one application in one mailbox at one time; one more is answered 429."),
    ("mastersInDelta", "Delta rounds of a view contain the masters of series, as observed and not documented."),
    ("notificationBatchMax", "Notifications in one post at most."),
    ("notificationDroppedPercent", "From so many slow answers of a hundred on, notifications are dropped."),
    ("notificationDuplicates", "One notification in five is sent twice."),
    ("notificationJudgedFrom", "So many answers of an endpoint are awaited before it is called slow."),
    ("notificationLatePercent", "From so many slow answers of a hundred on, notifications wait."),
    ("notificationLateSeconds", "How long the notifications of a slow endpoint wait."),
    ("notificationLatencySeconds", "Seconds between a change and its notification."),
    ("notificationLoss", "One notification in five is lost: silently, or told of as missed."),
    ("notificationPatienceMilliseconds", "How long an endpoint may take to answer a notification."),
    ("notificationShuffle", "Notifications that are due together are sent in any order."),
    ("notificationSlowMilliseconds", "An endpoint that takes longer counts as slow."),
    ("occurrenceKeysMoveDaily", "The change keys of occurrences move with every day that passes."),
    ("pageSizeMax", "Items of a page at most, whatever the client asks for."),
    ("reauthorizeWithToken", "The authorization of a subscription ends with the token that gave it."),
    ("refreshRotationStrict", "A refresh token ends with its first use."),
    ("replay", "One delta page in two repeats an item."),
    ("requireImmutableId", "Requests on items without Prefer: IdType=\"ImmutableId\" are refused."),
    ("richSubscriptionMinutesMax", "How long a subscription with data in its notifications may live."),
    ("sentItemsLagSeconds", "What is sent lies in the Outbox for so many seconds before it is in Sent Items."),
    ("subscriptionMinutesMax", "How long a subscription to events, calendars or messages may live."),
    ("subscriptionsPerMailboxMax", "Subscriptions of all applications to one mailbox."),
    ("taskSubscriptionMinutesMax", "How long a subscription to tasks may live."),
    ("todoIfMatch", "Writes to tasks with an outdated If-Match are refused with 412."),
    ("todoSpawn", "What keeps the id when a recurring task is completed: the finished task, or the next one."),
    ("uploadBytesMax", "Bytes of the largest file that Outlook makes an upload session for."),
    ("uploadBytesMin", "Bytes of the smallest file that Outlook makes an upload session for."),
    ("validationPatienceMilliseconds", "How long an endpoint may take to prove itself."),
];

/// What a switch does; nothing of one that is not listed.
pub(crate) fn line(switch: &str) -> &'static str {
    LINES.iter().find(|(name, _)| *name == switch).map_or("", |(_, line)| line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::behaviour::Behaviour;
    use crate::graph::pages::switches;

    #[test]
    fn every_switch_is_explained_and_nothing_else() {
        let switches: Vec<String> =
            switches::all(&Behaviour::default()).into_iter().map(|switch| switch.name).collect();
        let explained: Vec<&str> = LINES.iter().map(|(name, _)| *name).collect();
        assert_eq!(switches, explained);
    }
}
