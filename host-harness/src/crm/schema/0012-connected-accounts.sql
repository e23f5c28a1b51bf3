-- Version 12. Which Microsoft account is connected for whom, by its identifier, so that
-- two users of one and the same mailbox are found without asking the component.

CREATE TABLE connected_account (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    account TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX connected_account_users ON connected_account (account);

-- What the component has said so far, where it has stored nothing since. Of everybody else it is noted when it is asked next.
INSERT INTO connected_account (user_id, account)
SELECT user.id, json_extract(component_standing.standing, '$.account.id') FROM component_standing
JOIN user ON user.id = component_standing.user_id
LEFT JOIN component_fence
    ON component_fence.organization_id = user.organization_id AND component_fence.user_id = user.id
WHERE component_standing.commits = coalesce(component_fence.commits, 0)
    AND json_valid(component_standing.standing)
    AND json_extract(component_standing.standing, '$.account.id') IS NOT NULL;
