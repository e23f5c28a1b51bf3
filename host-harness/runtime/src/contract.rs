//! Which contract a component targets, read from its binary before anything is
//! compiled.
//!
//! Compiling would find a missing interface too, but late and in words about
//! types. Here the answer names the package and both versions. Interfaces that
//! follow semantic versions themselves (WASI) are left to the linker. Next:
//! [`super::component`].

use std::collections::BTreeMap;

use wasmparser::{Parser, Payload};

/// What a host links and expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Packages that the host offers, such as `tandem:host`, each with the one
    /// version that it has.
    pub offered: BTreeMap<String, String>,
    /// Packages that the host's runtime offers in every compatible version,
    /// such as `wasi:http`.
    pub standard: Vec<String>,
    /// Interfaces that a component has to export, such as
    /// `tandem:plugin/sync@0.1.0`.
    pub required: Vec<String>,
}

/// The names at a component's surface, ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// What it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
}

/// Why a component does not fit the host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// It was built for another version.
    #[error("expected a component for {package} {supported}, but found one for {package} {found}")]
    OtherVersion {
        /// The package.
        package: String,
        /// The host's version.
        supported: String,
        /// The component's version.
        found: String,
    },
    /// It imports something that the host does not have.
    #[error("expected a component that needs only what this host offers, but found that it imports `{import}`")]
    UnknownImport {
        /// The import.
        import: String,
    },
    /// It does not export something that the host calls.
    #[error("expected a component that exports `{export}`, but found none of that name")]
    MissingExport {
        /// The export.
        export: String,
    },
}

impl Surface {
    /// Reads the outermost imports and exports of a component.
    ///
    /// # Errors
    /// The parser's sentence where the bytes are damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut surface = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(|error| error.message().to_owned())? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        let import = import.map_err(|error| error.message().to_owned())?;
                        surface.imports.push(import.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        let export = export.map_err(|error| error.message().to_owned())?;
                        surface.exports.push(export.name.name.to_owned());
                    }
                }
                // Everything else is inside of the component.
                _ => {}
            }
        }
        surface.imports.sort();
        surface.exports.sort();
        Ok(surface)
    }

    /// Whether a host with this contract can run the component.
    ///
    /// # Errors
    /// The first thing that does not fit; versions before missing names,
    /// because they explain them.
    pub fn check(&self, contract: &Contract) -> Result<(), ContractError> {
        for import in &self.imports {
            contract.check_import(import)?;
        }
        for required in &contract.required {
            self.check_export(required)?;
        }
        Ok(())
    }

    fn check_export(&self, required: &str) -> Result<(), ContractError> {
        if self.exports.iter().any(|export| export == required) {
            return Ok(());
        }
        let wanted = Name::of(required);
        let other = self.exports.iter().map(|export| Name::of(export)).find(|name| name.path == wanted.path);
        Err(match other {
            Some(name) => ContractError::OtherVersion {
                package: wanted.package().to_owned(),
                supported: wanted.version.to_owned(),
                found: name.version.to_owned(),
            },
            None => ContractError::MissingExport { export: required.to_owned() },
        })
    }
}

impl Contract {
    fn check_import(&self, import: &str) -> Result<(), ContractError> {
        let name = Name::of(import);
        if self.standard.iter().any(|package| package == name.package()) {
            return Ok(());
        }
        match self.offered.get(name.package()) {
            Some(version) if version == name.version => Ok(()),
            Some(version) => Err(ContractError::OtherVersion {
                package: name.package().to_owned(),
                supported: version.clone(),
                found: name.version.to_owned(),
            }),
            None => Err(ContractError::UnknownImport { import: import.to_owned() }),
        }
    }
}

/// `namespace:package/interface@version`, taken apart.
struct Name<'a> {
    path: &'a str,
    version: &'a str,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Self {
        let (path, version) = name.split_once('@').unwrap_or((name, "none"));
        Self { path, version }
    }

    fn package(&self) -> &'a str {
        self.path.split_once('/').map_or(self.path, |(package, _)| package)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn contract() -> Contract {
        Contract {
            offered: BTreeMap::from([("acme:host".to_owned(), "0.1.0".to_owned())]),
            standard: vec!["wasi:io".to_owned()],
            required: vec!["acme:plugin/run@0.1.0".to_owned()],
        }
    }

    fn surface(imports: &[&str], exports: &[&str]) -> Surface {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Surface { imports: owned(imports), exports: owned(exports) }
    }

    fn check(imports: &[&str], exports: &[&str], expected: Result<(), &str>) {
        let found = surface(imports, exports).check(&contract()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn versions_are_compared_before_anything_is_compiled() {
        let run = "acme:plugin/run@0.1.0";
        check(&["acme:host/store@0.1.0", "wasi:io/poll@0.2.3"], &[run], Ok(()));
        check(
            &["acme:host/store@0.2.0"],
            &[run],
            Err("expected a component for acme:host 0.1.0, but found one for acme:host 0.2.0"),
        );
        check(
            &[],
            &["acme:plugin/run@0.3.0"],
            Err("expected a component for acme:plugin 0.1.0, but found one for acme:plugin 0.3.0"),
        );
        check(&[], &[], Err("expected a component that exports `acme:plugin/run@0.1.0`, but found none of that name"));
        check(
            &["acme:spy/look@0.1.0"],
            &[run],
            Err(
                "expected a component that needs only what this host offers, but found that it imports `acme:spy/look@0.1.0`",
            ),
        );
    }

    #[test]
    fn only_the_outermost_names_are_read() {
        let text = r#"(component
            (component (import "inner:thing/x@9.9.9" (instance)))
            (import "acme:host/store@0.1.0" (instance))
            (core module (func (export "hidden"))))"#;
        let found = Surface::read(&wat::parse_str(text).unwrap()).unwrap();
        assert_eq!(found, surface(&["acme:host/store@0.1.0"], &[]));
    }
}
