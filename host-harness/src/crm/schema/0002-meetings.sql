-- Version 2. What ties the events of several calendars into one meeting, and
-- the mails that the CRM would have sent about it.

-- The iCalendar UID that the meeting has in Microsoft 365: longer than `uid`
-- can be, and the same in the calendars of all who take part.
ALTER TABLE calendar_event ADD COLUMN meeting_uid TEXT;
-- The organiser's event, of which this one is a copy.
ALTER TABLE calendar_event ADD COLUMN parent_event_id INTEGER REFERENCES calendar_event (id) ON DELETE SET NULL;
-- Whether the CRM has made the copy; otherwise it came from elsewhere and was
-- joined.
ALTER TABLE calendar_event ADD COLUMN is_guest_copy INTEGER NOT NULL DEFAULT 0;

CREATE INDEX calendar_event_by_uid ON calendar_event (uid);
CREATE INDEX calendar_event_by_meeting_uid ON calendar_event (meeting_uid) WHERE meeting_uid IS NOT NULL;
CREATE INDEX calendar_event_by_parent ON calendar_event (parent_event_id) WHERE parent_event_id IS NOT NULL;

-- The event may be gone while its cancellation is still here.
CREATE TABLE meeting_mail (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    from_address TEXT NOT NULL,
    to_address   TEXT NOT NULL,
    event_id     INTEGER NOT NULL,
    title        TEXT NOT NULL,
    written_at   INTEGER NOT NULL
);
