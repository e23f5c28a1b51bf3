//! What can the CRM hold of a record?
//!
//! A value that is projected the same way every time compares equal to what the
//! CRM gives back, so a title that was cut is no change. Whether a group may be
//! written is another question, answered by the CRM's capabilities.

use thiserror::Error;

use crate::model::{FieldGroup, FieldValue, Record};
use crate::ports::CrmCapabilities;

/// What was lost on the way, for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FitIssue {
    /// The title was cut.
    #[error("expected a title of at most {kept} characters, but found {length}")]
    TitleCut {
        /// Its length, in Unicode scalar values.
        length: usize,
        /// What is left of it.
        kept: usize,
    },
    /// The description was left out: half of one would come back as an edit.
    #[error("expected a description of at most {limit_bytes} bytes, but found {bytes}")]
    BodyLeftOut {
        /// Its size.
        bytes: usize,
        /// The CRM's limit.
        limit_bytes: usize,
    },
}

impl FitIssue {
    /// The name in reports; never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TitleCut { .. } => "title-cut",
            Self::BodyLeftOut { .. } => "body-left-out",
        }
    }

    /// The group it is about.
    pub const fn group(self) -> FieldGroup {
        match self {
            Self::TitleCut { .. } => FieldGroup::Title,
            Self::BodyLeftOut { .. } => FieldGroup::Body,
        }
    }
}

/// The part of `record` that the CRM can hold. Groups that it does not store
/// are left out without an issue: that is so for every record.
pub fn fit_for_crm(record: &Record, capabilities: &CrmCapabilities) -> (Record, Vec<FitIssue>) {
    let mut fitted = record.only(capabilities.holds);
    let mut issues = Vec::new();
    if let Some(FieldValue::Title(title)) = fitted.get(FieldGroup::Title) {
        let kept = limit(capabilities.title_length_max);
        let length = title.chars().count();
        if length > kept {
            let cut = title.chars().take(kept).collect();
            issues.push(FitIssue::TitleCut { length, kept });
            fitted.set(FieldValue::Title(cut));
        }
    }
    if let Some(FieldValue::Body(body)) = fitted.get(FieldGroup::Body) {
        let limit_bytes = limit(capabilities.body_size_max);
        let bytes = body.as_str().len();
        if bytes > limit_bytes {
            issues.push(FitIssue::BodyLeftOut { bytes, limit_bytes });
            fitted.remove(FieldGroup::Body);
        }
    }
    (fitted, issues)
}

fn limit(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::model::{FieldSet, Html, Reminder};

    fn capabilities(holds: FieldSet, title_length_max: u32, body_size_max: u32) -> CrmCapabilities {
        CrmCapabilities { holds, writes: holds, title_length_max, body_size_max }
    }

    fn record(title: &str, body: &str) -> Record {
        [
            FieldValue::Title(title.to_owned()),
            FieldValue::Body(Html::from_canonical(body.to_owned())),
            FieldValue::Reminder(Reminder::MinutesBefore(15)),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn what_fits_is_unchanged_and_without_issue() {
        let whole = record("Kick-off", "<p>Agenda</p>");
        let (fitted, issues) = fit_for_crm(&whole, &capabilities(FieldSet::all(), 8, 13));
        assert_eq!(fitted, whole);
        assert_eq!(issues, []);
    }

    #[test]
    fn a_title_is_cut_between_scalar_values() {
        let (fitted, issues) = fit_for_crm(&record("Grüße 🎉 an alle", ""), &capabilities(FieldSet::all(), 7, 10));
        assert_eq!(fitted.title(), "Grüße 🎉");
        assert_eq!(issues, [FitIssue::TitleCut { length: 15, kept: 7 }]);
    }

    #[test]
    fn a_cut_title_is_not_cut_again() {
        let limits = capabilities(FieldSet::all(), 5, 10);
        let (once, _) = fit_for_crm(&record("Kick-off", ""), &limits);
        let (twice, issues) = fit_for_crm(&once, &limits);
        assert_eq!(once, twice);
        assert_eq!(issues, []);
    }

    #[test]
    fn a_body_over_the_limit_is_left_out_whole() {
        let (fitted, issues) =
            fit_for_crm(&record("Kick-off", "<p>Agenda</p>"), &capabilities(FieldSet::all(), 50, 12));
        assert_eq!(fitted.get(FieldGroup::Body), None);
        assert_eq!(issues, [FitIssue::BodyLeftOut { bytes: 13, limit_bytes: 12 }]);
        assert_eq!((issues[0].code(), issues[0].group()), ("body-left-out", FieldGroup::Body));
    }

    #[test]
    fn a_group_that_the_crm_does_not_store_goes_silently() {
        let holds = [FieldGroup::Title, FieldGroup::Body].into_iter().collect();
        let (fitted, issues) = fit_for_crm(&record("Kick-off", ""), &capabilities(holds, 50, 50));
        assert_eq!(fitted.groups(), holds);
        assert_eq!(issues, []);
    }
}
