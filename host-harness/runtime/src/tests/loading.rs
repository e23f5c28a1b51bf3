//! Files that are no component of this contract, and the cache.

use std::path::Path;

use super::*;
use crate::{CacheError, CompiledCache, LoadError, load_file};

fn refused(bytes: &[u8]) -> LoadError {
    let engine = PluginEngine::start().unwrap();
    load(&engine, bytes, &contract(), None).err().expect("the file is not a component of the contract")
}

fn check(bytes: &[u8], message: &str) {
    let error = refused(bytes);
    assert_eq!(error.to_string(), message);
    assert!(!error.hint().is_empty());
}

#[test]
fn a_file_of_another_kind_is_named() {
    check(b"", "expected a WebAssembly component, but found a file of another kind");
    check(b"BEGIN:VCALENDAR", "expected a WebAssembly component, but found a file of another kind");
    check(b" (component)", "expected a WebAssembly component, but found WebAssembly text");
    let module = wat::parse_str("(module)").unwrap();
    check(&module, "expected a WebAssembly component, but found a core WebAssembly module");
}

#[test]
fn a_damaged_component_is_refused() {
    let whole = component("");
    let half = &whole[..whole.len() / 2];
    assert!(matches!(refused(half), LoadError::Damaged { .. }), "{}", refused(half));
    let strange = [b"\0asm".as_slice(), &[0xff, 0xff, 0xff, 0xff]].concat();
    assert!(matches!(refused(&strange), LoadError::Damaged { .. }));
}

#[test]
fn a_component_of_another_contract_is_refused_with_both_versions() {
    let text = r#"(component (import "acme:host/store@2.0.0" (instance)))"#;
    let acme = Contract { offered: [("acme:host".to_owned(), "1.0.0".to_owned())].into(), ..contract() };
    let engine = PluginEngine::start().unwrap();
    let error = load(&engine, &wat::parse_str(text).unwrap(), &acme, None).err().unwrap();
    assert_eq!(error.to_string(), "expected a component for acme:host 1.0.0, but found one for acme:host 2.0.0");
    check(
        &wat::parse_str("(component)").unwrap(),
        "expected a component that exports `run`, but found none of that name",
    );
}

#[test]
fn a_missing_file_is_named() {
    let engine = PluginEngine::start().unwrap();
    let error = load_file(&engine, Path::new("no-such.wasm"), &contract(), None).err().unwrap();
    assert!(error.to_string().starts_with("the plugin file `no-such.wasm` cannot be read"), "{error}");
}

fn entries(directory: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_compiled_component_is_taken_from_the_cache() {
    let directory = tempfile::tempdir().unwrap();
    let engine = PluginEngine::start().unwrap();
    let cache = CompiledCache::open(&directory.path().join("compiled")).unwrap();
    let from_cache = |bytes: &[u8]| load(&engine, bytes, &contract(), Some(&cache)).unwrap().from_cache;
    assert!(!from_cache(&component("")));
    assert!(from_cache(&component("")));
    assert!(!from_cache(&component("(call $tick)")), "another component has another key");
    assert_eq!(entries(&directory.path().join("compiled")).len(), 2);
}

#[test]
fn a_damaged_entry_is_compiled_anew() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("compiled");
    let engine = PluginEngine::start().unwrap();
    let cache = CompiledCache::open(&place).unwrap();
    let from_cache = || load(&engine, &component(""), &contract(), Some(&cache)).unwrap().from_cache;
    assert!(!from_cache());
    let entry = entries(&place).remove(0);
    let mut stored = std::fs::read(&entry).unwrap();
    *stored.last_mut().unwrap() ^= 1;
    std::fs::write(&entry, stored).unwrap();
    assert!(!from_cache());
    assert!(from_cache(), "the damaged entry was replaced");
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_can_write_is_no_cache() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("compiled");
    let cache = CompiledCache::open(&place).unwrap();
    assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);

    let engine = PluginEngine::start().unwrap();
    load(&engine, &component(""), &contract(), Some(&cache)).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(CompiledCache::open(&place), Err(CacheError::NotPrivate { .. })));
    let loaded = load(&engine, &component(""), &contract(), Some(&cache)).unwrap();
    assert!(!loaded.from_cache, "a cache that was opened before is not trusted either");
}
