//! What is wrong with a form, said beside the fields that it concerns.

use serde::Serialize;

use super::error::sentence;
use crate::app::AppError;
use crate::crm::CrmError;

/// What concerns no field of the form.
const WHOLE_FORM: &str = "";

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field, by its name in the form; empty for the form as a whole.
    pub field: &'static str,
    /// What is wrong, as a sentence.
    pub text: String,
}

/// All that is to be corrected, one for each field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// One thing about one field.
    pub fn at(field: &'static str, text: impl Into<String>) -> Self {
        Self(vec![Problem { field, text: text.into() }])
    }

    /// Notes something about a field. What was said about it first stays: the
    /// rest often follows from it.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        if !self.0.iter().any(|problem| problem.field == field) {
            self.0.push(Problem { field, text: text.into() });
        }
    }

    /// The value, or a note of what was wrong with it.
    pub fn keep<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|text| self.add(field, text)).ok()
    }

    /// The value, or a note of all that was wrong with it.
    pub fn join<T>(&mut self, read: Result<T, Self>) -> Option<T> {
        read.map_err(|others| others.0.into_iter().for_each(|problem| self.add(problem.field, problem.text))).ok()
    }

    /// Nothing, or itself as an error.
    ///
    /// # Errors
    /// There is something to correct.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Why the CRM did not take the values of a form; `field_of` says which field
    /// of the form stands for one of the CRM's.
    pub fn of_crm(error: &CrmError, field_of: fn(&str) -> Option<&'static str>) -> Self {
        let field = match error {
            CrmError::Invalid(value) => field_of(value.field),
            CrmError::NotFound { .. }
            | CrmError::Taken { .. }
            | CrmError::VersionMismatch
            | CrmError::TooMany { .. }
            | CrmError::Damaged { .. }
            | CrmError::Seal(_)
            | CrmError::Storage(_) => None,
        };
        Self::at(field.unwrap_or(WHOLE_FORM), sentence(error, error.hint()))
    }

    /// The same of what else may keep the application from storing them.
    pub fn of_app(error: &AppError, field_of: fn(&str) -> Option<&'static str>) -> Self {
        match error {
            AppError::Crm(error) => Self::of_crm(error, field_of),
            AppError::Blocked(_) | AppError::Plugin(_) | AppError::Waiting { .. } | AppError::Unavailable { .. } => {
                Self::at(WHOLE_FORM, sentence(error, error.hint()))
            }
        }
    }

    /// Whether there is nothing to correct.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_field_is_said_once_what_came_first() {
        let mut problems = Problems::default();
        assert_eq!(problems.keep("every", Ok(2)), Some(2));
        assert_eq!(problems.keep::<u32>("every", Err("First.".to_owned())), None);
        assert_eq!(problems.join::<u32>(Err(Problems::at("every", "Second."))), None);
        problems.add("count", "Third.");
        let said: Vec<(&str, &str)> = problems.0.iter().map(|one| (one.field, one.text.as_str())).collect();
        assert_eq!(said, [("every", "First."), ("count", "Third.")]);
        assert_eq!(Problems::default().check(), Ok(()));
        assert!(problems.check().is_err());
    }
}
