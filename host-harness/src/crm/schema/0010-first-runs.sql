-- Version 10. First runs that a person looks at before they begin.

-- Users whose account was connected on the pages and of which nothing runs by itself
-- before somebody has confirmed it.
CREATE TABLE first_sync_wait (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    since   INTEGER NOT NULL
) WITHOUT ROWID;

-- The Microsoft accounts with which a user was synchronised: connected again, none of
-- them waits.
CREATE TABLE synchronized_account (
    user_id INTEGER NOT NULL REFERENCES user (id),
    account TEXT NOT NULL,
    PRIMARY KEY (user_id, account)
) WITHOUT ROWID;
