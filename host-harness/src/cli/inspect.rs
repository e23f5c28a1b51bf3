//! `tandem inspect`: what a component is, what it asks for, and which
//! interfaces it uses and offers.
//!
//! Loads it as any other command would, so that whatever is wrong with the file
//! is said in the same words, and asks it for its manifest. Next:
//! [`super::import`].

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tandem_runtime::{LoadError, Surface};

use super::args::InspectArgs;
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::Table;
use crate::app::types::{Feature, Field, FieldType, Manifest, SettingLevel, SettingValue};
use crate::app::{App, AppOptions, PluginSource, StartError};
use crate::clock::HarnessClock;

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspection {
    file: String,
    size_bytes: u64,
    sha256: String,
    name: String,
    title: String,
    version: String,
    contract_version: String,
    permissions: Vec<PermissionView>,
    hosts: Vec<String>,
    settings: SettingsView,
    imports: Vec<String>,
    exports: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PermissionView {
    name: String,
    feature: Option<&'static str>,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsView {
    path: Vec<String>,
    groups: Vec<GroupView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupView {
    key: String,
    label: String,
    fields: Vec<FieldView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldView {
    key: String,
    label: String,
    #[serde(rename = "type")]
    kind: String,
    unit: Option<String>,
    default: serde_json::Value,
    levels: Vec<&'static str>,
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read, is no component, or targets another contract.
pub async fn run<W: Write>(args: &InspectArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    progress.say("compiling the component");
    // Nothing is random about a manifest, so any seed will do.
    let mut options = AppOptions::in_memory(HarnessClock::running(), 0);
    options.plugin = PluginSource::File(args.file.clone());
    let app = App::start(options).await?;
    let manifest = app.manifest().await?;
    let inspection = inspect(&args.file, manifest).map_err(|error| CommandError::Start(StartError::Plugin(error)))?;
    if args.json {
        out.json(&inspection)?;
    } else {
        out.text(&text(&inspection))?;
    }
    Ok(())
}

fn inspect(file: &Path, manifest: Manifest) -> Result<Inspection, LoadError> {
    let bytes = std::fs::read(file).map_err(|source| LoadError::Read { path: file.to_owned(), source })?;
    let surface = Surface::read(&bytes).map_err(|reason| LoadError::Damaged { reason })?;
    let permissions = manifest.permissions.into_iter().map(|permission| PermissionView {
        name: permission.name,
        feature: permission.feature.map(feature_word),
        reason: permission.reason,
    });
    let groups = manifest.settings.groups.into_iter().map(|group| GroupView {
        key: group.key,
        label: group.label,
        fields: group.fields.into_iter().map(field_view).collect(),
    });
    Ok(Inspection {
        file: file.display().to_string(),
        size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
        name: manifest.name,
        title: manifest.title,
        version: manifest.version,
        contract_version: manifest.contract_version,
        permissions: permissions.collect(),
        hosts: manifest.hosts,
        settings: SettingsView { path: manifest.settings.path, groups: groups.collect() },
        imports: surface.imports,
        exports: surface.exports,
    })
}

fn feature_word(feature: Feature) -> &'static str {
    match feature {
        Feature::Calendar => "calendar",
        Feature::Tasks => "tasks",
        Feature::Mail => "mail",
    }
}

fn field_view(field: Field) -> FieldView {
    let level = |level: &SettingLevel| match level {
        SettingLevel::System => "system",
        SettingLevel::Organization => "organization",
        SettingLevel::User => "user",
    };
    FieldView {
        key: field.key,
        label: field.label,
        kind: kind_text(&field.kind),
        unit: field.unit,
        default: match field.default {
            SettingValue::Boolean(on) => on.into(),
            SettingValue::Integer(number) => number.into(),
            SettingValue::Text(text) => text.into(),
            SettingValue::None => serde_json::Value::Null,
        },
        levels: field.levels.iter().map(level).collect(),
    }
}

fn kind_text(kind: &FieldType) -> String {
    match kind {
        FieldType::Boolean => "boolean".to_owned(),
        FieldType::Integer(range) => format!("integer {}..{}", range.min, range.max),
        FieldType::Text(length_max) => format!("text up to {length_max}"),
        FieldType::Choice(options) => {
            let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            format!("one of {}", values.join(", "))
        }
        FieldType::Secret(length_max) => format!("secret up to {length_max}"),
        FieldType::Display => "display".to_owned(),
    }
}

fn text(inspection: &Inspection) -> String {
    let Inspection { title, name, version, settings, .. } = inspection;
    let mut facts = Table::plain();
    let kibibytes = inspection.size_bytes.div_ceil(1024);
    for (label, value) in [
        ("File", inspection.file.clone()),
        ("Size", format!("{kibibytes} KiB ({} bytes)", inspection.size_bytes)),
        ("SHA-256", inspection.sha256.clone()),
        ("Contract", inspection.contract_version.clone()),
        ("Hosts", inspection.hosts.join(", ")),
    ] {
        facts.row([label.to_owned(), value]);
    }
    let mut permissions = Table::plain();
    for permission in &inspection.permissions {
        permissions.row([
            permission.name.clone(),
            permission.feature.unwrap_or("always").to_owned(),
            permission.reason.clone(),
        ]);
    }
    let mut text = format!("{title} ({name} {version})\n{}", facts.render("  "));
    let _ = write!(text, "\nPermissions\n{}", permissions.render("  "));
    let _ = writeln!(text, "\nSettings: {}", settings.path.join(" / "));
    for group in &settings.groups {
        let _ = writeln!(text, "  {}", group.label);
        let mut fields = Table::plain();
        for field in &group.fields {
            let kind = field.unit.as_ref().map_or_else(|| field.kind.clone(), |unit| format!("{} {unit}", field.kind));
            fields.row([field.label.clone(), field.key.clone(), kind, field.levels.join(", ")]);
        }
        text += &fields.render("    ");
    }
    for (label, names) in [("Imports", &inspection.imports), ("Exports", &inspection.exports)] {
        let _ = writeln!(text, "\n{label}");
        text.extend(names.iter().map(|name| format!("  {name}\n")));
    }
    text
}

#[cfg(test)]
mod tests;
