//! What searches compare: texts without the difference of small and capital
//! letters, of every alphabet.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

/// A text as it is compared.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Lets statements of this connection say `folded(text)`.
pub(super) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("folded", 1, flags, |context: &mut Context<'_>| {
        Ok(folded(context.get_raw(0).as_str()?))
    })
}
