//! The exports: decode, let the core work, encode.

use tandem_core::account::AuthFailure;
use tandem_core::model::Instant;
use tandem_core::ports::{Clock as _, Config as _, Fence};
use tandem_core::settings::EffectiveSettings;
use tandem_core::{account, run, settings};

use crate::Component;
#[cfg(not(feature = "defects"))]
use crate::adapters::Host;
use crate::bindings::exports::tandem::plugin::{
    account as account_wit, items as items_wit, manifest as manifest_wit, settings as settings_wit, sync as sync_wit,
};
use crate::bindings::tandem::host::{config, types};
use crate::convert;
#[cfg(feature = "defects")]
use crate::defective::Defective as Host;

impl manifest_wit::Guest for Component {
    fn describe(product_name: String) -> manifest_wit::Manifest {
        convert::manifest(settings::manifest(&product_name))
    }
}

impl settings_wit::Guest for Component {
    fn validate(
        level: config::SettingLevel,
        layers: config::SettingLayers,
        changes: Vec<settings_wit::FieldChange>,
    ) -> Result<settings_wit::ChangeSet, Vec<settings_wit::FieldError>> {
        let changes: Vec<settings::FieldChange> = changes.into_iter().map(convert::field_change).collect();
        settings::validate(convert::level(level), &convert::layers(&layers), &changes)
            .map(convert::change_set)
            .map_err(|errors| errors.into_iter().map(convert::field_error).collect())
    }

    fn resolve(level: config::SettingLevel, layers: config::SettingLayers) -> Vec<settings_wit::EffectiveSetting> {
        settings::resolve(convert::level(level), &convert::layers(&layers))
            .into_iter()
            .map(convert::effective_setting)
            .collect()
    }

    fn host_duties() -> Result<settings_wit::Duties, types::HostError> {
        run::host_duties(&mut Host::default()).map(convert::host_duties).map_err(convert::host_error_out)
    }
}

impl account_wit::Guest for Component {
    fn begin_connect(
        fence: u64,
        session: Option<String>,
    ) -> Result<account_wit::Authorization, account_wit::AccountError> {
        with_settings(|host, settings, now| account::begin(host, Fence(fence), settings, session.as_deref(), now))
            .map(|begun| account_wit::Authorization { url: begun.url, state: begun.state })
    }

    fn finish_connect(
        fence: u64,
        session: Option<String>,
        callback: account_wit::Callback,
    ) -> Result<account_wit::Account, account_wit::AccountError> {
        let callback = convert::callback(callback);
        with_settings(|host, settings, now| {
            account::finish(host, Fence(fence), settings, session.as_deref(), &callback, now)
        })
        .map(convert::connected_account)
    }

    fn current() -> Result<Option<account_wit::Account>, account_wit::AccountError> {
        with_settings(|host, settings, _| account::current(host, settings))
            .map(|account| account.map(convert::connected_account))
    }

    fn check_connection(fence: u64) -> Result<account_wit::ConnectionReport, account_wit::AccountError> {
        with_settings(|host, settings, now| account::check(host, Fence(fence), settings, now))
            .map(convert::connection_report)
    }

    fn renew(fence: u64) -> Result<(), account_wit::AccountError> {
        with_settings(|host, settings, now| account::renew(host, Fence(fence), settings, now).map(|_| ()))
    }

    fn forget_access_token(_fence: u64) -> Result<(), account_wit::AccountError> {
        account::forget_access_token(&mut Host::default()).map_err(convert::account_error)
    }

    fn disconnect(fence: u64) -> Result<(), account_wit::AccountError> {
        with_settings(|host, settings, _| {
            let connected = account::current(host, settings)?;
            let cursors = connected.map(|account| run::cursor_keys(&account.id)).unwrap_or_default();
            account::disconnect(host, Fence(fence), &cursors)
        })
    }
}

/// Lets the core work on the effective settings at this moment.
fn with_settings<T>(
    work: impl FnOnce(&mut Host, &EffectiveSettings, Instant) -> Result<T, AuthFailure>,
) -> Result<T, account_wit::AccountError> {
    let mut host = Host::default();
    let layers = host.layers().map_err(|error| convert::account_error(AuthFailure::Host(error)))?;
    let now = host.now();
    work(&mut host, &EffectiveSettings::of(&layers), now).map_err(convert::account_error)
}

impl sync_wit::Guest for Component {
    fn step(job: sync_wit::Job, budget: sync_wit::Budget) -> sync_wit::Report {
        convert::report(run::step(&mut Host::default(), convert::job(&job), convert::budget(budget)))
    }

    fn preview(job: sync_wit::Job, budget: sync_wit::Budget) -> Result<sync_wit::PreviewReport, sync_wit::Halt> {
        run::preview(&mut Host::default(), convert::job(&job), convert::budget(budget))
            .map(convert::preview_report)
            .map_err(|halt| convert::halt(&halt))
    }

    fn compare_again(job: sync_wit::Job) -> Result<(), sync_wit::Halt> {
        run::compare_again(&mut Host::default(), convert::job(&job)).map_err(|halt| convert::halt(&halt))
    }

    fn set_aside(resource: sync_wit::Feature, after: Option<String>) -> Result<sync_wit::SetAsidePage, sync_wit::Halt> {
        run::set_aside(&mut Host::default(), convert::resource(resource), after.as_deref())
            .map(convert::set_aside_page)
            .map_err(|halt| convert::halt(&halt))
    }

    fn standing(resource: sync_wit::Feature) -> Result<sync_wit::ResourceStanding, sync_wit::Halt> {
        run::standing(&mut Host::default(), convert::resource(resource))
            .map(convert::standing)
            .map_err(|halt| convert::halt(&halt))
    }

    fn retry(job: sync_wit::Job, keys: Option<Vec<String>>) -> Result<u32, sync_wit::Halt> {
        run::retry(&mut Host::default(), convert::job(&job), keys.as_deref()).map_err(|halt| convert::halt(&halt))
    }

    fn release(job: sync_wit::Job) -> Result<bool, sync_wit::Halt> {
        run::release(&mut Host::default(), convert::job(&job)).map_err(|halt| convert::halt(&halt))
    }

    fn preview_reversal(
        job: sync_wit::Job,
        conflict: String,
    ) -> Result<sync_wit::ReversalPreview, sync_wit::NotReversed> {
        run::preview_reversal(&mut Host::default(), convert::job(&job), &conflict)
            .map(|preview| convert::reversal_preview(&preview))
            .map_err(convert::not_reversed)
    }

    fn reverse(job: sync_wit::Job, conflict: String) -> Result<(), sync_wit::NotReversed> {
        run::reverse(&mut Host::default(), convert::job(&job), &conflict).map_err(convert::not_reversed)
    }
}

impl items_wit::Guest for Component {
    fn links_of(
        resource: items_wit::Feature,
        items: Vec<items_wit::ItemName>,
    ) -> Result<Vec<items_wit::ItemStanding>, items_wit::Halt> {
        let names: Vec<run::ItemName> = items.into_iter().map(convert::item_name).collect();
        run::links_of(&mut Host::default(), convert::resource(resource), &names)
            .map(|standings| standings.into_iter().map(convert::item_standing).collect())
            .map_err(|halt| convert::halt(&halt))
    }
}
