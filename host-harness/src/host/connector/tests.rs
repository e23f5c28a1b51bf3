//! Components that do not fit this host.
#![allow(clippy::unwrap_used)]

use tandem_runtime::{AllowList, ContractError};

use super::*;

fn refused(text: &str) -> LoadError {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plugin.wasm");
    std::fs::write(&path, wat::parse_str(text).unwrap()).unwrap();
    let engine = Arc::new(PluginEngine::start().unwrap());
    Connector::load(&engine, Some(&path), None, Client::new(AllowList::default(), None)).err().unwrap()
}

#[test]
fn a_component_for_another_version_of_the_contract_is_refused_with_both_versions() {
    let error = refused(r#"(component (import "tandem:host/storage@0.2.0" (instance)))"#);
    let expected = ContractError::OtherVersion {
        package: "tandem:host".to_owned(),
        supported: "0.1.0".to_owned(),
        found: "0.2.0".to_owned(),
    };
    assert!(matches!(error, LoadError::Contract(found) if found == expected));
}

#[test]
fn a_component_that_wants_sockets_is_refused() {
    let error = refused(r#"(component (import "wasi:sockets/tcp@0.2.0" (instance)))"#);
    assert!(matches!(error, LoadError::Contract(ContractError::UnknownImport { .. })), "{error}");
}

#[test]
fn a_component_that_exports_nothing_is_refused() {
    let error = refused("(component)");
    assert_eq!(
        error.to_string(),
        "expected a component that exports `tandem:plugin/manifest@0.1.0`, but found none of that name"
    );
}

#[test]
fn an_interface_of_another_shape_is_refused() {
    let instance =
        |name: &&str| format!(r#"(instance ${name}) (export "tandem:plugin/{name}@0.1.0" (instance ${name}))"#);
    let exports = EXPORTS.iter().map(instance).collect::<Vec<_>>().join(" ");
    let error = refused(&format!("(component {exports})"));
    assert!(matches!(error, LoadError::Link { .. }), "{error}");
}
