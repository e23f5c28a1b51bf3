//! Who writes a property: the tables of what may be sent, from the pages of
//! the reference. The metadata does not say it.

/// Who writes a property, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The client, at any time.
    Client,
    /// The client, when the item is made.
    Creation,
    /// The service alone.
    Service,
}

/// Properties that the service alone writes, and those that are settled when
/// an item is made: type, properties of the service, properties at creation.
const PROPERTIES: [(&str, &[&str], &[&str]); 24] = [
    ("entity", &["id"], &[]),
    // resources/outlookitem
    ("outlookItem", &["changeKey", "createdDateTime", "lastModifiedDateTime"], &[]),
    // resources/event, api/user-post-events, api/event-update
    (
        "event",
        &[
            "bodyPreview",
            "cancelledOccurrences",
            "hasAttachments",
            "iCalUId",
            "isCancelled",
            "isDraft",
            "isOrganizer",
            "onlineMeeting",
            "onlineMeetingUrl",
            "organizer",
            "originalEndTimeZone",
            "originalStart",
            "originalStartTimeZone",
            "responseStatus",
            "seriesMasterId",
            "type",
            "webLink",
        ],
        &["transactionId"],
    ),
    // resources/message, api/message-update
    (
        "message",
        &[
            "bodyPreview",
            "conversationId",
            "conversationIndex",
            "hasAttachments",
            "isDraft",
            "parentFolderId",
            "receivedDateTime",
            "sentDateTime",
            "uniqueBody",
            "webLink",
        ],
        &["internetMessageHeaders"],
    ),
    // resources/eventmessage, api/eventmessage-update
    (
        "eventMessage",
        &[
            "endDateTime",
            "isAllDay",
            "isDelegated",
            "isOutOfDate",
            "location",
            "meetingMessageType",
            "recurrence",
            "startDateTime",
            "type",
        ],
        &[],
    ),
    (
        "eventMessageRequest",
        &[
            "allowNewTimeProposals",
            "meetingRequestType",
            "previousEndDateTime",
            "previousLocation",
            "previousStartDateTime",
            "responseRequested",
        ],
        &[],
    ),
    ("eventMessageResponse", &["proposedNewTime", "responseType"], &[]),
    // resources/attachment, resources/taskfileattachment
    ("attachment", &["lastModifiedDateTime"], &["size"]),
    ("attachmentBase", &["lastModifiedDateTime"], &["size"]),
    ("attachmentSession", &["expirationDateTime", "nextExpectedRanges"], &[]),
    // resources/calendar, api/calendar-update
    (
        "calendar",
        &[
            "allowedOnlineMeetingProviders",
            "canEdit",
            "canShare",
            "canViewPrivateItems",
            "changeKey",
            "hexColor",
            "isRemovable",
            "isTallyingResponses",
            "owner",
        ],
        &[],
    ),
    // resources/calendargroup
    ("calendarGroup", &["changeKey", "classId"], &[]),
    // resources/calendarpermission
    ("calendarPermission", &["allowedRoles", "isInsideOrganization", "isRemovable"], &["emailAddress"]),
    // resources/mailfolder, api/user-post-mailfolders, api/mailfolder-update
    ("mailFolder", &["childFolderCount", "parentFolderId", "totalItemCount", "unreadItemCount"], &["isHidden"]),
    ("mailSearchFolder", &["isSupported"], &[]),
    ("messageRule", &["hasError", "isReadOnly"], &[]),
    // resources/todotask, resources/todotasklist, resources/checklistitem
    ("todoTask", &["bodyLastModifiedDateTime", "createdDateTime", "hasAttachments", "lastModifiedDateTime"], &[]),
    ("todoTaskList", &["isOwner", "isShared", "wellknownListName"], &[]),
    ("checklistItem", &["createdDateTime"], &[]),
    // resources/outlookcategory: the name cannot be changed.
    ("outlookCategory", &[], &["displayName"]),
    // resources/subscription, api/subscription-update
    (
        "subscription",
        &["applicationId", "creatorId"],
        &["changeType", "clientState", "includeResourceData", "lifecycleNotificationUrl", "resource"],
    ),
    // resources/mailboxsettings, api/user-update-mailboxsettings
    ("mailboxSettings", &["archiveFolder", "userPurpose"], &[]),
    // resources/user
    ("user", &["createdDateTime", "proxyAddresses"], &[]),
    ("organization", &["createdDateTime", "tenantType", "verifiedDomains"], &[]),
];

/// Types whose `id` the client chooses (resources/singlevaluelegacyextendedproperty,
/// resources/multivaluelegacyextendedproperty).
const CHOOSES_ID: [&str; 2] = ["singleValueLegacyExtendedProperty", "multiValueLegacyExtendedProperty"];

/// Relations that can be written together with the item: type, relation, when
/// (api/user-post-events, api/user-post-messages, api/todotasklist-post-tasks,
/// api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties,
/// api/opentypeextension-post-opentypeextension, api/message-post-attachments).
/// Every other one has requests of its own, or belongs to the service.
const RELATIONS: [(&str, &str, Access); 17] = [
    ("event", "attachments", Access::Creation),
    ("event", "extensions", Access::Creation),
    ("event", "singleValueExtendedProperties", Access::Client),
    ("event", "multiValueExtendedProperties", Access::Client),
    ("message", "attachments", Access::Creation),
    ("message", "extensions", Access::Creation),
    ("message", "singleValueExtendedProperties", Access::Client),
    ("message", "multiValueExtendedProperties", Access::Client),
    ("calendar", "singleValueExtendedProperties", Access::Client),
    ("calendar", "multiValueExtendedProperties", Access::Client),
    ("mailFolder", "singleValueExtendedProperties", Access::Client),
    ("mailFolder", "multiValueExtendedProperties", Access::Client),
    ("todoTask", "checklistItems", Access::Creation),
    ("todoTask", "extensions", Access::Creation),
    ("todoTask", "linkedResources", Access::Creation),
    ("todoTaskList", "extensions", Access::Creation),
    ("itemAttachment", "item", Access::Creation),
];

/// Parameters without which an action has nothing to do, although the metadata
/// lets them be null: action, the type that it is bound to, parameters in lower
/// case, page of the reference.
const NEEDED: [(&str, &str, &[&str], &str); 10] = [
    ("getSchedule", "calendar", &["schedules", "starttime", "endtime"], "api/calendar-getschedule"),
    ("forward", "event", &["torecipients"], "api/event-forward"),
    ("snoozeReminder", "event", &["newremindertime"], "api/event-snoozereminder"),
    ("createUploadSession", "attachment", &["attachmentitem"], "api/attachment-createuploadsession"),
    ("createUploadSession", "attachmentBase", &["attachmentinfo"], "api/taskfileattachment-createuploadsession"),
    ("sendMail", "user", &["message"], "api/user-sendmail"),
    ("copy", "message", &["destinationid"], "api/message-copy"),
    ("move", "message", &["destinationid"], "api/message-move"),
    ("copy", "mailFolder", &["destinationid"], "api/mailfolder-copy"),
    ("move", "mailFolder", &["destinationid"], "api/mailfolder-move"),
];

/// What a client has to send with an action.
pub(super) fn needed_by(action: &str, on: &str) -> &'static [&'static str] {
    let known = NEEDED.iter().find(|(name, owner, ..)| *name == action && *owner == on);
    known.map_or(&[], |(_, _, parameters, _)| parameters)
}

/// The actions in the table with their parameters, for a test that they exist.
#[cfg(test)]
pub(super) fn needing() -> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])> {
    NEEDED.iter().map(|(action, on, parameters, _)| (*action, *on, *parameters))
}

/// Who writes a property that `owner` declares, of a type `of` that is the
/// owner or extends it.
pub(super) fn of_property(owner: &str, of: &str, property: &str) -> Access {
    if property == "id" && CHOOSES_ID.contains(&of) {
        return Access::Client;
    }
    let Some((_, service, creation)) = PROPERTIES.iter().find(|(known, _, _)| *known == owner) else {
        return Access::Client;
    };
    if service.contains(&property) {
        Access::Service
    } else if creation.contains(&property) {
        Access::Creation
    } else {
        Access::Client
    }
}

/// Who writes a relation that `owner` declares.
pub(super) fn of_relation(owner: &str, relation: &str) -> Access {
    let known = RELATIONS.iter().find(|(known, name, _)| *known == owner && *name == relation);
    known.map_or(Access::Service, |(_, _, access)| *access)
}

/// The names in the tables, for a test that they exist.
#[cfg(test)]
pub(super) fn named() -> Vec<(&'static str, &'static str)> {
    let of_properties = PROPERTIES
        .iter()
        .flat_map(|(owner, service, creation)| service.iter().chain(*creation).map(|name| (*owner, *name)));
    let of_relations = RELATIONS.iter().map(|(owner, name, _)| (*owner, *name));
    of_properties.chain(of_relations).chain(CHOOSES_ID.map(|owner| (owner, "id"))).collect()
}
