#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::clock::HarnessClock;
use crate::crm::fixtures::{crm, crm_with_clock, new_user, noon, person};
use crate::crm::users::NewUser;

fn store(key: &str, value: serde_json::Value) -> ConfigWrite {
    ConfigWrite { key: key.to_owned(), action: ConfigAction::Store(value) }
}

fn remove(key: &str) -> ConfigWrite {
    ConfigWrite { key: key.to_owned(), action: ConfigAction::Remove }
}

#[test]
fn levels_are_stored_apart_and_null_is_a_value() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let levels = [ConfigLevel::System, ConfigLevel::Organization(alice.organization_id), ConfigLevel::User(alice.id)];
    for (level, value) in levels.into_iter().zip([json!(10), json!("text"), json!(null)]) {
        crm.put_config(level, &[store("k", value)]).unwrap();
    }
    let layers = crm.config_layers(&alice.scope()).unwrap();
    assert_eq!(layers.system["k"].value, ConfigValue::Plain(json!(10)));
    assert_eq!(layers.organization["k"].value, ConfigValue::Plain(json!("text")));
    assert_eq!(layers.user["k"].value, ConfigValue::Plain(json!(null)));
    crm.put_config(ConfigLevel::User(alice.id), &[remove("k"), remove("never there")]).unwrap();
    assert!(crm.config_layers(&alice.scope()).unwrap().user.is_empty());
}

#[test]
fn a_user_gets_no_layer_of_somebody_else() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    crm.put_config(ConfigLevel::Organization(olga.organization_id), &[store("k", json!(1))]).unwrap();
    crm.put_config(ConfigLevel::User(olga.id), &[store("k", json!(1))]).unwrap();
    assert_eq!(crm.config_layers(&alice.scope()).unwrap(), ConfigLayers::default());
    let mixed = Scope::user(alice.organization_id, olga.id);
    assert!(matches!(crm.config_layers(&mixed), Err(CrmError::NotFound { .. })));
}

#[test]
fn a_change_set_is_all_or_nothing() {
    let crm = crm();
    let long = "k".repeat(256);
    let refused = crm.put_config(ConfigLevel::System, &[store("a", json!(1)), store(&long, json!(1))]);
    assert_eq!(refused.unwrap_err().code(), "setting-too-large");
    assert!(crm.config_rows(ConfigLevel::System).unwrap().is_empty());
    let nobody = ConfigLevel::User(UserId::from_number(99));
    assert!(matches!(crm.put_config(nobody, &[]), Err(CrmError::NotFound { .. })));
}

#[test]
fn a_secret_is_only_said_to_be_there() {
    let crm = crm();
    let secret = SecretBytes::new(b"hush".to_vec());
    let write = ConfigWrite { key: "s".into(), action: ConfigAction::StoreSecret(secret.clone()) };
    crm.put_config(ConfigLevel::System, &[write, store("plain", json!("p"))]).unwrap();
    let rows = crm.config_rows(ConfigLevel::System).unwrap();
    assert_eq!(rows["s"].value, ConfigValue::Secret);
    assert_eq!(crm.config_secret(ConfigLevel::System, "s").unwrap().unwrap().value, secret);
    assert_eq!(crm.config_secret(ConfigLevel::System, "plain").unwrap(), None);
    let sealed: Vec<u8> =
        crm.lock().query_row("SELECT sealed FROM config_value WHERE key = 's'", [], |row| row.get(0)).unwrap();
    assert!(!sealed.windows(4).any(|window| window == b"hush"));
}

#[test]
fn a_row_remembers_when_it_was_made_and_written() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    crm.put_config(ConfigLevel::System, &[store("k", json!(1))]).unwrap();
    clock.advance(TimeDelta::minutes(1));
    crm.put_config(ConfigLevel::System, &[store("k", json!(2))]).unwrap();
    let row = crm.config_rows(ConfigLevel::System).unwrap()["k"].clone();
    assert_eq!((row.created_at, row.updated_at), (noon(), noon() + TimeDelta::minutes(1)));
}
