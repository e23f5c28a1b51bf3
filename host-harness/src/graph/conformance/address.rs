//! Is an address one of the service that was asked?

use crate::graph::call::Call;

/// What stands behind scheme and authority of such an address, which are those by
/// which the client came.
pub(super) fn here<'a>(call: &Call, address: &'a str) -> Option<&'a str> {
    let (scheme, rest) = address.split_once("://")?;
    let (authority, _) = rest.split_once('/')?;
    let (root, target) = address.split_at_checked(scheme.len() + "://".len() + authority.len())?;
    let is_root = matches!(scheme, "http" | "https") && !authority.is_empty();
    let is_here = call.origin.as_ref().is_none_or(|origin| origin == root);
    (is_root && is_here).then_some(target)
}
