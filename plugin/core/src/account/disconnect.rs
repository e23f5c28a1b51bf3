//! Letting go of an account.
//!
//! Forgets what gives access and where reading stopped. Records and links stay,
//! so that connecting the same account again goes on where it was. Microsoft has
//! no endpoint at which an application could revoke its own tokens; the user can
//! withdraw the consent.

use crate::ports::{AlertFilter, Expectation, Fence, Notices, SecretName, Secrets, Storage, Write};

use super::AuthFailure;
use super::pending::{self, PENDING_KEY};
use super::state::ACCOUNT_KEY;

/// Keys in one commit: half of what the contract allows.
const COMMIT_WRITES_MAX: usize = 500;

/// Forgets the account, a sign-in that is being made, the tokens, and the values
/// under `cursor_keys`. Without an account it clears what may be left of one.
pub fn disconnect(
    ports: &mut (impl Storage + Secrets + Notices),
    fence: Fence,
    cursor_keys: &[String],
) -> Result<(), AuthFailure> {
    // The account goes first: without it nothing else counts, wherever this is
    // interrupted.
    let keys: Vec<String> =
        [ACCOUNT_KEY, PENDING_KEY].into_iter().map(str::to_owned).chain(cursor_keys.iter().cloned()).collect();
    for part in keys.chunks(COMMIT_WRITES_MAX) {
        let writes = part.iter().map(|key| Write { key: key.clone(), value: None, expect: Expectation::Any }).collect();
        ports.commit(fence, writes).map_err(AuthFailure::of_commit)?;
    }
    ports.put_secret(SecretName::AccountTokens, None, Expectation::Any).map_err(AuthFailure::of_secret)?;
    pending::forget_verifier(ports)?;
    // Nothing is synchronised any more that an alert could be about; what still is
    // as it was, the next connection finds again.
    ports.resolve(AlertFilter::default()).map_err(AuthFailure::Host)
}
