-- Version 12. Which Microsoft account is connected for whom, by its identifier, so that
-- two users of one and the same mailbox are found without asking the component.

CREATE TABLE connected_account (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    account TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX connected_account_users ON connected_account (account);

-- What the component has said so far. Of everybody else it is noted when it is asked next.
INSERT INTO connected_account (user_id, account)
SELECT user_id, json_extract(standing, '$.account.id') FROM component_standing
WHERE json_valid(standing) AND json_extract(standing, '$.account.id') IS NOT NULL;
