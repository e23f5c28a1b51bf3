//! Why a write was not made: something about it is refused, or the CRM could
//! not do its work.
//!
//! What can be refused of a record beside its values, and which groups of fields
//! it has, the records say: [`super::event::validate`], [`super::task::validate`].

use rusqlite::Savepoint;

use super::error::{CrmError, InvalidValue};

/// A value that is not accepted, and the group of fields it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused<G> {
    pub(crate) group: G,
    pub(crate) value: InvalidValue,
}

/// Makes a refusal of a value of this group.
pub(crate) fn in_group<G: Copy>(group: G) -> impl Fn(InvalidValue) -> Refused<G> {
    move |value| Refused { group, value }
}

/// Why a write was not made; `R` is what can be refused of it.
#[derive(Debug)]
pub(crate) enum Failure<R> {
    /// This write is not acceptable. Others of the same call may be.
    Refused(R),
    /// The whole call fails.
    Crm(CrmError),
}

impl<R> Failure<R> {
    /// The same failure, with the refusal in the words of another caller.
    pub(crate) fn map<S>(self, convert: impl FnOnce(R) -> S) -> Failure<S> {
        match self {
            Self::Refused(refused) => Failure::Refused(convert(refused)),
            Self::Crm(error) => Failure::Crm(error),
        }
    }
}

impl<G> From<Refused<G>> for Failure<Refused<G>> {
    fn from(refused: Refused<G>) -> Self {
        Self::Refused(refused)
    }
}

impl<R> From<CrmError> for Failure<R> {
    fn from(error: CrmError) -> Self {
        Self::Crm(error)
    }
}

impl<R> From<rusqlite::Error> for Failure<R> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

impl<G> From<Refused<G>> for CrmError {
    fn from(refused: Refused<G>) -> Self {
        refused.value.into()
    }
}

impl<R: Into<Self>> From<Failure<R>> for CrmError {
    fn from(failure: Failure<R>) -> Self {
        match failure {
            Failure::Refused(refused) => refused.into(),
            Failure::Crm(error) => error,
        }
    }
}

/// Makes one write of several: what it has begun is taken back where it is
/// refused, and what was written before stands.
///
/// # Errors
/// The whole call fails.
pub(crate) fn or_taken_back<T, R>(
    mut savepoint: Savepoint<'_>,
    write: impl FnOnce(&mut Savepoint<'_>) -> Result<T, Failure<R>>,
) -> Result<Result<T, R>, CrmError> {
    match write(&mut savepoint) {
        Ok(written) => {
            savepoint.commit()?;
            Ok(Ok(written))
        }
        // Dropping the savepoint rolls back to it.
        Err(Failure::Refused(refused)) => Ok(Err(refused)),
        Err(Failure::Crm(error)) => Err(error),
    }
}
