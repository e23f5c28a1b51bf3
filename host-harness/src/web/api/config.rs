//! `/api/config/…`: one level's settings, and what is in effect for a user.
//!
//! Values go through the component's validation, as those of the pages do.
//! Secrets show as their mask; the mask sent back keeps them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ApiError, Body, Params};
use crate::app::types::{
    ChangeAction, Field, FieldChange, FieldType, FollowUp, Manifest, SettingLevel, SettingValue, ValueSource,
};
use crate::app::{SaveOutcome, SettingsScope};
use crate::web::Web;
use crate::web::settings::effective as effective_of;
use crate::web::settings::value::{mask, own_source};

/// One setting of a level.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayerValue {
    value: Value,
    use_parent: bool,
}

/// One setting in effect.
#[derive(Debug, Serialize)]
pub(super) struct EffectiveValue {
    value: Value,
    source: &'static str,
}

/// What is sent for one setting.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SentValue {
    #[serde(default)]
    value: Value,
    #[serde(default)]
    use_parent: bool,
}

/// For whom.
#[derive(Debug, Deserialize)]
pub(super) struct Of {
    user: String,
}

pub(super) async fn show(
    State(web): State<Web>,
    Path((level, id)): Path<(String, String)>,
) -> Result<Json<BTreeMap<String, LayerValue>>, ApiError> {
    let (scope, level) = scope(&web, &level, &id)?;
    let manifest = web.app.manifest().await?;
    let settings = effective_of(&web, &manifest, scope).await?;
    let layer = settings.into_iter().map(|(key, setting)| {
        let use_parent = setting.source != own_source(level);
        let value = shown(field(&manifest, &key), &setting.value);
        (key, LayerValue { value, use_parent })
    });
    Ok(Json(layer.collect()))
}

pub(super) async fn effective(
    State(web): State<Web>,
    Params(of): Params<Of>,
) -> Result<Json<BTreeMap<String, EffectiveValue>>, ApiError> {
    let user = web.app.crm().user_by_login(&of.user)?;
    let manifest = web.app.manifest().await?;
    // Fields that the user level lacks are in effect all the same, from the
    // levels that have them.
    let mut found = BTreeMap::new();
    let scopes =
        [SettingsScope::System, SettingsScope::Organization(user.organization_id), SettingsScope::User(user.id)];
    for scope in scopes {
        for (key, setting) in effective_of(&web, &manifest, scope).await? {
            let value = shown(field(&manifest, &key), &setting.value);
            found.insert(key, EffectiveValue { value, source: source_word(setting.source) });
        }
    }
    Ok(Json(found))
}

pub(super) async fn save(
    State(web): State<Web>,
    Path((level, id)): Path<(String, String)>,
    Body(sent): Body<BTreeMap<String, SentValue>>,
) -> Result<Json<Value>, ApiError> {
    let (scope, level) = scope(&web, &level, &id)?;
    let manifest = web.app.manifest().await?;
    let mut changes = Vec::new();
    for (key, sent) in sent {
        if field(&manifest, &key).is_none() {
            let message = format!(
                "expected a key of the manifest, but found `{key}`; see GET /api/config/{}/{id}",
                level_word(level)
            );
            return Err(ApiError::invalid("unknown-setting", message));
        }
        let value = read(&key, sent.value)?;
        changes.push(FieldChange { key, value, use_parent: sent.use_parent });
    }
    let outcome = web.app.save(&scope, changes).await?;
    Ok(Json(answer(&manifest, level, &outcome)))
}

fn answer(manifest: &Manifest, level: SettingLevel, outcome: &SaveOutcome) -> Value {
    let changes = outcome.changes.changes.iter().map(|change| {
        let field = field(manifest, &change.key);
        json!({
            "key": change.key,
            "action": action_word(change.action),
            "old": shown(field, &change.old),
            "new": shown(field, &change.new),
        })
    });
    let follow_ups = outcome.follow_ups.iter().map(
        |result| json!({ "user": result.login, "action": follow_up_word(result.action), "failure": result.failure }),
    );
    json!({
        "level": level_word(level),
        "changes": changes.collect::<Vec<_>>(),
        "followUps": follow_ups.collect::<Vec<_>>(),
    })
}

fn scope(web: &Web, level: &str, id: &str) -> Result<(SettingsScope, SettingLevel), ApiError> {
    let crm = web.app.crm();
    match level {
        "system" => Ok((SettingsScope::System, SettingLevel::System)),
        "organization" => {
            // A name can consist of digits, and then it is meant.
            let organization = match (crm.organization_by_name(id), id.parse()) {
                (Ok(organization), _) => organization,
                (Err(_), Ok(id)) => crm.organization(id)?,
                (Err(error), Err(_)) => return Err(error.into()),
            };
            Ok((SettingsScope::Organization(organization.id), SettingLevel::Organization))
        }
        "user" => {
            // A login can consist of digits, and then it is meant.
            let user = match (crm.user_by_login(id), id.parse()) {
                (Ok(user), _) => user,
                (Err(_), Ok(id)) => crm.user(id)?,
                (Err(error), Err(_)) => return Err(error.into()),
            };
            Ok((SettingsScope::User(user.id), SettingLevel::User))
        }
        _ => Err(ApiError::not_found("expected `system`, `organization` or `user` as level")),
    }
}

fn field<'a>(manifest: &'a Manifest, key: &str) -> Option<&'a Field> {
    manifest.settings.groups.iter().flat_map(|group| &group.fields).find(|field| field.key == key)
}

fn read(key: &str, value: Value) -> Result<SettingValue, ApiError> {
    match value {
        Value::Null => Ok(SettingValue::None),
        Value::Bool(on) => Ok(SettingValue::Boolean(on)),
        Value::String(text) => Ok(SettingValue::Text(text)),
        Value::Number(number) => number
            .as_i64()
            .map(SettingValue::Integer)
            .ok_or_else(|| ill_typed(key, "a fraction or a number out of range")),
        Value::Array(_) => Err(ill_typed(key, "an array")),
        Value::Object(_) => Err(ill_typed(key, "an object")),
    }
}

fn ill_typed(key: &str, found: &str) -> ApiError {
    ApiError::invalid(
        "invalid-settings",
        format!("expected `{key}` to be a text, a whole number, true, false or null, but found {found}"),
    )
}

/// A value in JSON; a secret as its mask, whatever the component answers.
fn shown(field: Option<&Field>, value: &SettingValue) -> Value {
    if field.is_some_and(|field| matches!(field.kind, FieldType::Secret(_))) {
        let mask = mask(value);
        return if mask.is_empty() { Value::Null } else { Value::String(mask) };
    }
    match value {
        SettingValue::Boolean(on) => Value::Bool(*on),
        SettingValue::Integer(number) => Value::from(*number),
        SettingValue::Text(text) => Value::String(text.clone()),
        SettingValue::None => Value::Null,
    }
}

fn source_word(source: ValueSource) -> &'static str {
    match source {
        ValueSource::User => "user",
        ValueSource::Organization => "organization",
        ValueSource::System => "system",
        ValueSource::Default => "default",
    }
}

fn level_word(level: SettingLevel) -> &'static str {
    match level {
        SettingLevel::System => "system",
        SettingLevel::Organization => "organization",
        SettingLevel::User => "user",
    }
}

fn action_word(action: ChangeAction) -> &'static str {
    match action {
        ChangeAction::Create => "create",
        ChangeAction::Update => "update",
        ChangeAction::Remove => "remove",
    }
}

fn follow_up_word(action: FollowUp) -> &'static str {
    match action {
        FollowUp::RenewTokens => "renew-tokens",
        FollowUp::ForgetAccessTokens => "forget-access-tokens",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    fn secret() -> Field {
        Field {
            key: "secret".to_owned(),
            label: "Client Secret".to_owned(),
            tooltip: None,
            unit: None,
            kind: FieldType::Secret(100),
            default: SettingValue::None,
            levels: vec![SettingLevel::System],
            resettable: true,
            conditions: Vec::new(),
        }
    }

    #[test]
    fn a_secret_is_never_answered() {
        let field = secret();
        let answered = shown(Some(&field), &SettingValue::Text("s3cr3t".to_owned()));
        assert!(answered.as_str().unwrap().chars().all(|character| character == '*'));
        assert_eq!(shown(Some(&field), &SettingValue::Text("***".to_owned())), json!("***"));
        assert_eq!(shown(Some(&field), &SettingValue::None), Value::Null);
    }

    #[test]
    fn what_no_setting_can_hold_is_refused_with_its_key() {
        for (value, found) in [(json!(1.5), "fraction"), (json!([1]), "array"), (json!({}), "object")] {
            let error = serde_json::to_string(&read("sync.interval", value).unwrap_err()).unwrap();
            assert!(error.contains("sync.interval") && error.contains(found), "{error}");
        }
        assert_eq!(read("key", json!(7)).unwrap(), SettingValue::Integer(7));
        assert_eq!(read("key", Value::Null).unwrap(), SettingValue::None);
    }
}
