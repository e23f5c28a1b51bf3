//! What the interfaces of records, [`super::calendar`] and [`super::tasks`], do
//! alike: look records up by what may be an identifier, and make mutations of
//! which some may not be understood.

use std::str::FromStr;

use super::bindings::tandem::host::types;
use super::context::{host_error, note_stale_holder};
use super::types::HostError;
use crate::crm::CrmError;
use crate::crm::error::at_most;
use crate::crm::journal::Keyed;
use crate::crm::mutation::{ApplyError, MUTATIONS_MAX};

/// The records with these identifiers, in their order. Texts that are no
/// identifiers of this CRM name none.
pub(super) fn by_text<I: FromStr + Copy, T>(
    ids: &[String],
    find: impl FnOnce(&[I]) -> Result<Vec<Option<T>>, CrmError>,
) -> Result<Vec<Option<T>>, CrmError> {
    let parsed: Vec<Option<I>> = ids.iter().map(|id| id.parse().ok()).collect();
    let known: Vec<I> = parsed.iter().copied().flatten().collect();
    let mut found = find(&known)?.into_iter();
    Ok(parsed.into_iter().map(|id| id.and_then(|_| found.next().flatten())).collect())
}

/// Makes those mutations that can be understood, in their order; the others are
/// refused each by itself.
pub(super) fn apply_understood<W, M, A, E: From<HostError>>(
    mutations: Vec<W>,
    understood: impl Fn(W) -> Result<M, E>,
    apply: impl FnOnce(Vec<M>) -> Result<Vec<Result<A, E>>, ApplyError>,
) -> Result<Vec<Result<A, E>>, ApplyError> {
    at_most(MUTATIONS_MAX, "mutations", mutations.len())?;
    let mut accepted: Vec<M> = Vec::with_capacity(mutations.len());
    let mut refusals: Vec<Option<E>> = Vec::with_capacity(mutations.len());
    for mutation in mutations {
        match understood(mutation) {
            Ok(mutation) => {
                accepted.push(mutation);
                refusals.push(None);
            }
            Err(refusal) => refusals.push(Some(refusal)),
        }
    }
    let mut outcomes = apply(accepted)?.into_iter();
    let missing = || Err(HostError::Other("no-outcome".to_owned()).into());
    let outcome = |refusal: Option<E>| refusal.map_or_else(|| outcomes.next().unwrap_or_else(missing), Err);
    Ok(refusals.into_iter().map(outcome).collect())
}

/// What came of a whole call, as the component hears it.
pub(super) fn made_or_not<R>(made: Result<Result<R, ApplyError>, HostError>) -> Result<R, types::ApplyError> {
    match made {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(ApplyError::StaleFence)) => {
            note_stale_holder();
            Err(types::ApplyError::StaleFence)
        }
        Ok(Err(ApplyError::Crm(error))) => Err(types::ApplyError::Host(host_error(&error))),
        Err(error) => Err(types::ApplyError::Host(error)),
    }
}

/// Writes that were made, in the contract's words.
pub(super) fn applied_writes<I: ToString>(found: Vec<Option<Keyed<I>>>) -> Vec<Option<types::AppliedWrite>> {
    let write = |keyed: Keyed<I>| types::AppliedWrite { id: keyed.item.to_string(), version: keyed.version };
    found.into_iter().map(|keyed| keyed.map(write)).collect()
}
