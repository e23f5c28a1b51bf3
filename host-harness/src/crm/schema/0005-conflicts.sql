-- A conflict says by which title people know its item, how it came about, and
-- whether it can be, is to be, or was taken back. Those recorded before cannot.
ALTER TABLE conflict ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN situation TEXT NOT NULL DEFAULT 'both-edited';
ALTER TABLE conflict ADD COLUMN reverses TEXT;
ALTER TABLE conflict ADD COLUMN reversible_until INTEGER;
ALTER TABLE conflict ADD COLUMN asked_at INTEGER;
ALTER TABLE conflict ADD COLUMN refused TEXT;
