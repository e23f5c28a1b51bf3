//! People and their organizations.
//!
//! An organization comes into being when a user names it. Each user belongs to
//! one, and gets their default calendar with it (Oro row C1). Signing in is
//! not done here: sessions belong to the web pages. Next: [`super::event`].

use chrono_tz::Tz;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize, Serializer};

use super::error::InvalidValue;
use super::ids::{CalendarId, OrganizationId, UserId};
use super::{Crm, CrmError, Scope};

/// The longest login, name and address, in Unicode scalar values: the column
/// width that Oro gives to such texts.
pub const NAME_LENGTH_MAX: usize = 255;

/// An IANA time-zone name that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneName(pub Tz);

impl ZoneName {
    /// Looks `name` up.
    ///
    /// # Errors
    /// No zone has this name; `field` is where it was given.
    pub fn parse(name: &str, field: &'static str) -> Result<Self, InvalidValue> {
        name.parse().map(Self).map_err(|_| InvalidValue {
            field,
            code: "unknown-time-zone",
            expected: "an IANA time zone such as `Europe/Berlin`".to_owned(),
            found: "a name that no zone has".to_owned(),
            hint: "use a name of the IANA time-zone database, such as `Europe/Berlin`, `America/New_York` or `UTC`",
        })
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl Serialize for ZoneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ZoneName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name, "timeZone").map_err(serde::de::Error::custom)
    }
}

impl ToSql for ZoneName {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for ZoneName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?, "timeZone").map_err(FromSqlError::other)
    }
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its identifier.
    pub id: OrganizationId,
    /// Its name, unique in the CRM.
    pub name: String,
}

/// A person who works in the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their identifier.
    pub id: UserId,
    /// The name they sign in with, unique in the CRM.
    pub login: String,
    /// Their address, unique in the organization without regard to case.
    pub email: String,
    /// The name shown.
    pub display_name: String,
    /// The name of their organization.
    pub organization: String,
    /// The identifier of their organization.
    pub organization_id: OrganizationId,
    /// Where their clock hangs.
    pub time_zone: ZoneName,
    /// Whether they may configure the installation and other users.
    pub administrator: bool,
}

impl User {
    /// The scope in which the component acts for them.
    pub const fn scope(&self) -> Scope {
        Scope::user(self.organization_id, self.id)
    }

    /// Whether their name, login or address has a text in it, whatever its case.
    pub fn is_like(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        [&self.display_name, &self.login, &self.email].iter().any(|one| one.to_lowercase().contains(&text))
    }

    /// Whether `address` is theirs. Addresses are compared without regard to
    /// case.
    pub fn has_address(&self, address: &str) -> bool {
        self.email.to_lowercase() == address.to_lowercase()
    }
}

/// What a user is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    /// The name to sign in with.
    pub login: String,
    /// The address.
    pub email: String,
    /// The name shown.
    pub display_name: String,
    /// The name of the organization, which is made where it does not exist.
    pub organization: String,
    /// An IANA time-zone name.
    pub time_zone: String,
    /// Whether they may configure the installation and other users.
    #[serde(default)]
    pub administrator: bool,
}

const USER_QUERY: &str = "SELECT user.id, login, email, display_name, organization.name, organization_id, time_zone,
        administrator FROM user JOIN organization ON organization.id = organization_id";

impl Crm {
    /// Adds a user with their default calendar.
    ///
    /// # Errors
    /// A value is not acceptable, or the login or address is taken.
    pub fn create_user(&self, new: &NewUser) -> Result<User, CrmError> {
        let zone = ZoneName::parse(&new.time_zone, "timeZone")?;
        let login = valid_name(&new.login, "login")?;
        let email = valid_address(&new.email, "email")?;
        let display_name = valid_name(&new.display_name, "displayName")?;
        let organization = valid_name(&new.organization, "organization")?;
        self.write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO organization (name) VALUES (?1)", [organization])?;
            let organization_id: OrganizationId =
                transaction
                    .query_row("SELECT id FROM organization WHERE name = ?1", [organization], |row| row.get(0))?;
            refuse_taken(transaction, organization_id, login, email)?;
            transaction.execute(
                "INSERT INTO user (organization_id, login, email, display_name, time_zone, administrator)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![organization_id, login, email, display_name, zone, new.administrator],
            )?;
            let id = UserId::from_number(transaction.last_insert_rowid());
            transaction.execute(
                "INSERT INTO calendar (user_id, organization_id) VALUES (?1, ?2)",
                params![id, organization_id],
            )?;
            user_in(transaction, id)
        })
    }

    /// The user with this identifier.
    ///
    /// # Errors
    /// There is none.
    pub fn user(&self, id: UserId) -> Result<User, CrmError> {
        self.read(|connection| user_in(connection, id))
    }

    /// The user who signs in with this name.
    ///
    /// # Errors
    /// There is none.
    pub fn user_by_login(&self, login: &str) -> Result<User, CrmError> {
        self.read(|connection| {
            user_by_login_in(connection, login)?.ok_or(CrmError::NotFound { kind: "user", named_by: "login" })
        })
    }

    /// The user of an organization with this address, without regard to case:
    /// how guests are recognised (Oro row C8).
    pub fn user_by_email(&self, organization: OrganizationId, email: &str) -> Result<Option<User>, CrmError> {
        self.read(|connection| Ok(user_by_email_in(connection, organization, email)?))
    }

    /// The users of an organization, ordered by login.
    pub fn users_of(&self, organization: OrganizationId) -> Result<Vec<User>, CrmError> {
        self.read(|connection| {
            let sql = format!("{USER_QUERY} WHERE organization_id = ?1 ORDER BY login");
            let users =
                connection.prepare(&sql)?.query_map([organization], user_from_row)?.collect::<Result<_, _>>()?;
            Ok(users)
        })
    }

    /// The users of all organizations, ordered by login: for the scheduler and
    /// the control interface, never for a page of one organization.
    pub fn all_users(&self) -> Result<Vec<User>, CrmError> {
        self.read(|connection| {
            let sql = format!("{USER_QUERY} ORDER BY login");
            let users = connection.prepare(&sql)?.query_map([], user_from_row)?.collect::<Result<_, _>>()?;
            Ok(users)
        })
    }

    /// The organization with this identifier.
    ///
    /// # Errors
    /// There is none.
    pub fn organization(&self, id: OrganizationId) -> Result<Organization, CrmError> {
        self.read(|connection| {
            connection
                .query_row("SELECT id, name FROM organization WHERE id = ?1", [id], organization_from_row)
                .optional()?
                .ok_or(CrmError::NotFound { kind: "organization", named_by: "identifier" })
        })
    }

    /// The organization with this name.
    ///
    /// # Errors
    /// There is none.
    pub fn organization_by_name(&self, name: &str) -> Result<Organization, CrmError> {
        self.read(|connection| {
            connection
                .query_row("SELECT id, name FROM organization WHERE name = ?1", [name], organization_from_row)
                .optional()?
                .ok_or(CrmError::NotFound { kind: "organization", named_by: "name" })
        })
    }

    /// All organizations, ordered by name: for administrators of the
    /// installation.
    pub fn organizations(&self) -> Result<Vec<Organization>, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT id, name FROM organization ORDER BY name")?;
            let organizations = statement.query_map([], organization_from_row)?.collect::<Result<_, _>>()?;
            Ok(organizations)
        })
    }
}

/// Reads a user within a transaction.
pub(crate) fn user_in(connection: &Connection, id: UserId) -> Result<User, CrmError> {
    connection
        .prepare_cached(&format!("{USER_QUERY} WHERE user.id = ?1"))?
        .query_row([id], user_from_row)
        .optional()?
        .ok_or(CrmError::NotFound { kind: "user", named_by: "identifier" })
}

/// The users of an organization, or one user, or all where a number is 0, ordered
/// by login.
pub(super) fn users_in(connection: &Connection, (organization, user): (i64, i64)) -> rusqlite::Result<Vec<User>> {
    let sql =
        format!("{USER_QUERY} WHERE (?1 = 0 OR organization_id = ?1) AND (?2 = 0 OR user.id = ?2) ORDER BY login");
    connection.prepare_cached(&sql)?.query_map([organization, user], user_from_row)?.collect()
}

/// The user who signs in with this name, within a transaction.
pub(crate) fn user_by_login_in(connection: &Connection, login: &str) -> rusqlite::Result<Option<User>> {
    connection.prepare_cached(&format!("{USER_QUERY} WHERE login = ?1"))?.query_row([login], user_from_row).optional()
}

/// The user of an organization with this address, within a transaction.
pub(crate) fn user_by_email_in(
    connection: &Connection,
    organization: OrganizationId,
    email: &str,
) -> rusqlite::Result<Option<User>> {
    connection
        .prepare_cached(&format!("{USER_QUERY} WHERE organization_id = ?1 AND email = ?2"))?
        .query_row(params![organization, email], user_from_row)
        .optional()
}

/// The default calendar of a user in their organization.
pub(crate) fn default_calendar_in(connection: &Connection, user: &User) -> Result<CalendarId, CrmError> {
    connection
        .prepare_cached("SELECT id FROM calendar WHERE user_id = ?1 AND organization_id = ?2")?
        .query_row(params![user.id, user.organization_id], |row| row.get(0))
        .optional()?
        .ok_or(CrmError::NotFound { kind: "calendar", named_by: "user" })
}

/// A user with their default calendar.
pub(crate) fn user_and_calendar_in(connection: &Connection, id: UserId) -> Result<(User, CalendarId), CrmError> {
    let user = user_in(connection, id)?;
    let calendar = default_calendar_in(connection, &user)?;
    Ok((user, calendar))
}

fn refuse_taken(
    connection: &Connection,
    organization: OrganizationId,
    login: &str,
    email: &str,
) -> Result<(), CrmError> {
    if connection.query_row("SELECT EXISTS (SELECT 1 FROM user WHERE login = ?1)", [login], |row| row.get(0))? {
        return Err(CrmError::Taken { field: "login" });
    }
    let address_taken = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM user WHERE organization_id = ?1 AND email = ?2)",
        params![organization, email],
        |row| row.get(0),
    )?;
    if address_taken { Err(CrmError::Taken { field: "email" }) } else { Ok(()) }
}

fn user_from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        login: row.get(1)?,
        email: row.get(2)?,
        display_name: row.get(3)?,
        organization: row.get(4)?,
        organization_id: row.get(5)?,
        time_zone: row.get(6)?,
        administrator: row.get(7)?,
    })
}

fn organization_from_row(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization { id: row.get(0)?, name: row.get(1)? })
}

fn valid_name<'a>(text: &'a str, field: &'static str) -> Result<&'a str, InvalidValue> {
    let name = text.trim();
    let length = name.chars().count();
    if (1..=NAME_LENGTH_MAX).contains(&length) && !name.contains(char::is_control) {
        return Ok(name);
    }
    Err(InvalidValue {
        field,
        code: "invalid-name",
        expected: format!("one line of 1 to {NAME_LENGTH_MAX} characters"),
        found: format!("{length}, or a line break"),
        hint: "shorten it or fill it in",
    })
}

/// Checks that `text` looks like a mail address: something, `@`, something,
/// without spaces. Whether it exists is nobody's guess here.
pub(crate) fn valid_address<'a>(text: &'a str, field: &'static str) -> Result<&'a str, InvalidValue> {
    let address = text.trim();
    let parts = address.rsplit_once('@');
    let shaped = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if shaped && address.chars().count() <= NAME_LENGTH_MAX && !address.contains(char::is_whitespace) {
        return Ok(address);
    }
    Err(InvalidValue {
        field,
        code: "invalid-address",
        expected: format!("a mail address of at most {NAME_LENGTH_MAX} characters"),
        found: "a text that is none".to_owned(),
        hint: "write it like `name@example.org`",
    })
}

#[cfg(test)]
mod tests;
