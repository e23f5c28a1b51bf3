//! The settings that a user is synchronised by, to be read where somebody has to agree to
//! what comes of them. From the component's manifest, as the pages that change them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::form::{Effective, failed_conditions};
use super::value::{for_people, source_label};
use super::{effective, notes};
use crate::app::SettingsScope;
use crate::app::types::{ConditionEffect, Field, FieldType, Page, SettingLevel};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::viewer::Viewer;

/// The settings of a section.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct SectionInEffect {
    label: String,
    settings: Vec<SettingInEffect>,
}

/// A setting.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct SettingInEffect {
    label: String,
    value: String,
    source: &'static str,
    /// What another level makes of it.
    note: Option<String>,
}

/// Those of a user, by the sections of the settings page.
///
/// # Errors
/// The component fails, or the CRM cannot be read.
pub async fn of(web: &Web, viewer: &Viewer, user: &User) -> Result<Vec<SectionInEffect>, PageError> {
    let manifest = web.app.manifest().await?;
    // The days that are synchronised are decided above the user.
    let mut of_all = effective(web, &manifest, SettingsScope::Organization(user.organization_id)).await?;
    of_all.extend(effective(web, &manifest, SettingsScope::User(user.id)).await?);
    let installation = web.app.installation().await?;
    Ok(sections(&manifest.settings, &of_all, &notes(viewer, &installation)))
}

fn sections(page: &Page, effective: &Effective, notes: &BTreeMap<&str, String>) -> Vec<SectionInEffect> {
    let setting = |field: &Field| {
        let setting = effective.get(&field.key)?;
        // A name that is not given is nothing to agree to: it is the usual one.
        if matches!(field.kind, FieldType::Text(_)) && !setting.value.is_present() {
            return None;
        }
        Some(SettingInEffect {
            label: field.label.clone(),
            value: for_people(field, &setting.value),
            source: source_label(setting.source),
            note: notes.get(field.key.as_str()).cloned(),
        })
    };
    let sections = page.groups.iter().map(|group| SectionInEffect {
        label: group.label.clone(),
        settings: group
            .fields
            .iter()
            .filter(|field| decides_about_user(field, effective))
            .filter_map(setting)
            .collect(),
    });
    sections.filter(|section| !section.settings.is_empty()).collect()
}

/// Whether a field decides something about one user, as the others are.
fn decides_about_user(field: &Field, effective: &Effective) -> bool {
    let is_setting = match field.kind {
        FieldType::Boolean | FieldType::Integer(_) | FieldType::Text(_) | FieldType::Choice(_) => true,
        FieldType::Secret(_) | FieldType::Display => false,
    };
    let failed = failed_conditions(field, |key| effective.get(key).map(|setting| setting.value.clone()));
    is_setting
        && field.levels.iter().any(|level| *level != SettingLevel::System)
        && failed.iter().all(|condition| condition.effect != ConditionEffect::Hide)
}
