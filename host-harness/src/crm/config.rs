//! Settings as each level stores them: raw rows per system, organization and
//! user.
//!
//! A row that is there counts, whatever its value; a row that is not lets the
//! level above through (Oro rows S10, S11). Which level wins, what a key means
//! and what it accepts is decided by the component. A secret value is stored
//! sealed, and reading a level says only that there is one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::types::Value as Column;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::component_state::Revision;
use super::error::InvalidValue;
use super::ids::{OrganizationId, UserId};
use super::secrets::{Secret, SecretBytes};
use super::stored::Millis;
use super::users::user_in;
use super::{Crm, CrmError, Scope};

/// The longest key in bytes.
const KEY_BYTES_MAX: usize = 255;

/// The largest value in bytes: far above every field of a settings page.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// What stands in the key column of the one system level.
const SYSTEM_ID: i64 = 0;

/// A level that stores settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigLevel {
    /// The whole installation.
    System,
    /// An organization.
    Organization(OrganizationId),
    /// A user.
    User(UserId),
}

impl ConfigLevel {
    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Organization(_) => "organization",
            Self::User(_) => "user",
        }
    }

    const fn number(self) -> i64 {
        match self {
            Self::System => SYSTEM_ID,
            Self::Organization(id) => id.number(),
            Self::User(id) => id.number(),
        }
    }

    /// What a sealed value of this level and key is bound to.
    fn place(self, key: &str) -> String {
        format!("config/{}/{}/{key}", self.name(), self.number())
    }
}

/// The value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigValue {
    /// A value to be read by everyone who may see the level; `null` is one.
    Plain(serde_json::Value),
    /// There is a secret; see [`Crm::config_secret`].
    Secret,
}

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRow {
    /// Its value.
    pub value: ConfigValue,
    /// When the level got a row for the key.
    pub created_at: DateTime<Utc>,
    /// When the row was written last.
    pub updated_at: DateTime<Utc>,
}

/// The rows of a level by key.
pub type ConfigRows = BTreeMap<String, ConfigRow>;

/// The rows of the levels that apply to a scope.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ConfigLayers {
    /// Of the installation.
    pub system: ConfigRows,
    /// Of the organization.
    pub organization: ConfigRows,
    /// Of the user; empty where the scope has none.
    pub user: ConfigRows,
}

/// What happens to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigAction {
    /// The row gets this value.
    Store(serde_json::Value),
    /// The row gets this value, sealed.
    StoreSecret(SecretBytes),
    /// The row goes; the level above takes effect.
    Remove,
}

/// One row of a change set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWrite {
    /// The key.
    pub key: String,
    /// What happens to its row.
    pub action: ConfigAction,
}

impl Crm {
    /// The rows of one level.
    ///
    /// # Errors
    /// The organization or user of the level does not exist.
    pub fn config_rows(&self, level: ConfigLevel) -> Result<ConfigRows, CrmError> {
        self.read(|connection| {
            check_level(connection, level)?;
            rows_in(connection, level)
        })
    }

    /// The rows of all levels that apply to a scope, as of one moment.
    ///
    /// # Errors
    /// The organization or user of the scope does not exist, or the user is of
    /// another organization.
    pub fn config_layers(&self, scope: &Scope) -> Result<ConfigLayers, CrmError> {
        self.read(|connection| {
            check_level(connection, ConfigLevel::Organization(scope.organization))?;
            if let Some(user) = scope.user
                && user_in(connection, user)?.organization_id != scope.organization
            {
                return Err(CrmError::NotFound { kind: "user of the organization", named_by: "identifier" });
            }
            let user = scope.user.map(|user| rows_in(connection, ConfigLevel::User(user))).transpose()?;
            Ok(ConfigLayers {
                system: rows_in(connection, ConfigLevel::System)?,
                organization: rows_in(connection, ConfigLevel::Organization(scope.organization))?,
                user: user.unwrap_or_default(),
            })
        })
    }

    /// The secret that a level stores under `key`, or none where it stores
    /// none.
    ///
    /// # Errors
    /// The row does not open with the key.
    pub fn config_secret(&self, level: ConfigLevel, key: &str) -> Result<Option<Secret>, CrmError> {
        let row: Option<(Option<Vec<u8>>, i64)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT sealed, revision FROM config_value WHERE level = ?1 AND level_id = ?2 AND key = ?3",
                )?
                .query_row(params![level.name(), level.number(), key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        let Some((Some(sealed), revision)) = row else {
            return Ok(None);
        };
        let value = self.key().open(&level.place(key), &sealed)?;
        Ok(Some(Secret { value, revision: Revision::from_number(revision) }))
    }

    /// Writes a change set, all of it or nothing.
    ///
    /// # Errors
    /// The level does not exist, or a key or value is too large.
    pub fn put_config(&self, level: ConfigLevel, writes: &[ConfigWrite]) -> Result<(), CrmError> {
        self.write(|transaction| {
            check_level(transaction, level)?;
            writes.iter().try_for_each(|write| self.put_config_row(transaction, level, write))
        })
    }

    fn put_config_row(&self, connection: &Connection, level: ConfigLevel, write: &ConfigWrite) -> Result<(), CrmError> {
        within("key", KEY_BYTES_MAX, write.key.len())?;
        let (value, sealed) = match &write.action {
            ConfigAction::Remove => {
                connection
                    .prepare_cached("DELETE FROM config_value WHERE level = ?1 AND level_id = ?2 AND key = ?3")?
                    .execute(params![level.name(), level.number(), write.key])?;
                return Ok(());
            }
            ConfigAction::Store(value) => {
                let text = value.to_string();
                within("value", VALUE_BYTES_MAX, text.len())?;
                (Column::Text(text), Column::Null)
            }
            ConfigAction::StoreSecret(secret) => {
                within("value", VALUE_BYTES_MAX, secret.expose().len())?;
                let sealed = self.key().seal(&level.place(&write.key), secret.expose())?;
                (Column::Null, Column::Blob(sealed))
            }
        };
        connection
            .prepare_cached(
                "INSERT INTO config_value (level, level_id, key, value, sealed, revision, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)
                 ON CONFLICT DO UPDATE SET value = excluded.value, sealed = excluded.sealed,
                    revision = revision + 1, updated_at = excluded.updated_at",
            )?
            .execute(params![level.name(), level.number(), write.key, value, sealed, Millis(self.now())])?;
        Ok(())
    }
}

fn rows_in(connection: &Connection, level: ConfigLevel) -> Result<ConfigRows, CrmError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, value, created_at, updated_at FROM config_value WHERE level = ?1 AND level_id = ?2 ORDER BY key",
    )?;
    let mut rows = statement.query(params![level.name(), level.number()])?;
    let mut found = ConfigRows::new();
    while let Some(row) = rows.next()? {
        found.insert(row.get(0)?, value_of_row(row, 1)?);
    }
    Ok(found)
}

/// The columns `value, created_at, updated_at`, of which the first is at `column`.
pub(super) fn value_of_row(row: &Row<'_>, column: usize) -> Result<ConfigRow, CrmError> {
    let value = match row.get::<_, Option<String>>(column)? {
        Some(text) => {
            let value = serde_json::from_str(&text).map_err(|_| CrmError::Damaged { what: "setting" })?;
            ConfigValue::Plain(value)
        }
        None => ConfigValue::Secret,
    };
    let instant = |column| row.get::<_, Millis>(column).map(|instant| instant.0);
    Ok(ConfigRow { value, created_at: instant(column + 1)?, updated_at: instant(column + 2)? })
}

fn check_level(connection: &Connection, level: ConfigLevel) -> Result<(), CrmError> {
    match level {
        ConfigLevel::System => Ok(()),
        ConfigLevel::User(user) => user_in(connection, user).map(|_| ()),
        ConfigLevel::Organization(organization) => connection
            .query_row("SELECT 1 FROM organization WHERE id = ?1", [organization], |_| Ok(()))
            .optional()?
            .ok_or(CrmError::NotFound { kind: "organization", named_by: "identifier" }),
    }
}

fn within(field: &'static str, max: usize, found: usize) -> Result<(), InvalidValue> {
    if (1..=max).contains(&found) || (field == "value" && found == 0) {
        return Ok(());
    }
    Err(InvalidValue {
        field,
        code: "setting-too-large",
        expected: format!("1 to {max} bytes"),
        found: found.to_string(),
        hint: "shorten it",
    })
}

#[cfg(test)]
mod tests;
