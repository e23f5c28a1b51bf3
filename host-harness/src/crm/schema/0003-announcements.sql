-- Whether people have still to be told of a change: `due` or `settled`. Nobody
-- knows it of older changes, and a mail that came twice is not taken back.
ALTER TABLE calendar_event_journal ADD COLUMN announcement TEXT NOT NULL DEFAULT 'settled';
