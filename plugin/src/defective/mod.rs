//! Deliberate defects, in a test build alone (feature `defects`).
//!
//! Each is a mistake that somebody could make in this component. The simulation
//! has to find every one of them: a law that no mistake can break says nothing.
//! They are made at the ports, between the core and the host, so that no line of
//! the core is there for their sake. Which one is made, storage says under
//! [`KEY`] for each user; without it, none is.
//!
//! Next: [`state`], [`records`], [`http`], which do what their ports are asked
//! for, each with the mistakes that can be made there.

mod http;
mod records;
mod state;

use tandem_core::ports::{Entropy as _, Storage as _};

use crate::adapters::Host;

/// Where the name of the defect stands.
const KEY: &str = "defect";

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    /// Forgets what both sides had agreed on.
    DropBase,
    /// Creates and changes without writing down before that it is about to.
    SkipIntent,
    /// Writes over what has changed in Microsoft meanwhile.
    IgnoreConflict,
    /// Writes over what has changed in the CRM meanwhile.
    IgnoreVersion,
    /// Takes what is not shown any more for deleted, and does not look.
    MissingIsDeleted,
    /// Takes what cannot be read for deleted.
    UnreadableIsDeleted,
    /// Goes on although another holder has the mailbox.
    ForgetFence,
    /// Decides between two edits, and tells nobody.
    SkipRecord,
    /// Keeps the cursor behind what it has seen, and not what it has seen.
    CursorFirst,
    /// Writes in both directions, whatever the settings say.
    IgnoreDirection,
    /// Takes every record of the CRM for an edit that somebody has just made.
    EverythingIsNew,
    /// Gives each attempt of a write to the CRM a key of its own.
    NewKeyEachTime,
    /// Sends again what got no answer, without a look at what became of it.
    RepeatBlindly,
    /// Writes the token of its requests into the log.
    LogToken,
    /// Keeps the token of its requests where everything is kept.
    KeepToken,
    /// Asks everything twice.
    AskTwice,
    /// Has the side win that the settings let lose.
    WrongWinner,
    /// Forgets what Microsoft's side had agreed on.
    HalfABase,
    /// Takes what Microsoft shows of a task for an edit, and tells nobody of what it
    /// meets.
    DropAnEdit,
    /// Measures what it is about to delete by more links than there are.
    MiscountLinks,
    /// Shows somebody else what nobody was invited to.
    InviteAColleague,
    /// Takes the clock of a new event for that of another zone.
    ForgetZone,
}

impl Defect {
    /// All of them by name.
    const NAMED: [(&str, Self); 22] = [
        ("drop-base", Self::DropBase),
        ("skip-intent", Self::SkipIntent),
        ("ignore-conflict", Self::IgnoreConflict),
        ("ignore-version", Self::IgnoreVersion),
        ("missing-is-deleted", Self::MissingIsDeleted),
        ("unreadable-is-deleted", Self::UnreadableIsDeleted),
        ("forget-fence", Self::ForgetFence),
        ("skip-record", Self::SkipRecord),
        ("cursor-first", Self::CursorFirst),
        ("ignore-direction", Self::IgnoreDirection),
        ("everything-is-new", Self::EverythingIsNew),
        ("new-key-each-time", Self::NewKeyEachTime),
        ("repeat-blindly", Self::RepeatBlindly),
        ("log-token", Self::LogToken),
        ("keep-token", Self::KeepToken),
        ("ask-twice", Self::AskTwice),
        ("wrong-winner", Self::WrongWinner),
        ("half-a-base", Self::HalfABase),
        ("drop-an-edit", Self::DropAnEdit),
        ("miscount-links", Self::MiscountLinks),
        ("invite-a-colleague", Self::InviteAColleague),
        ("forget-zone", Self::ForgetZone),
    ];

    fn named(name: &[u8]) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, defect)| *defect)
    }
}

/// The host, with a mistake between it and the core.
#[derive(Debug)]
pub struct Defective {
    host: Host,
    defect: Option<Defect>,
    /// The token of the latest request, for who keeps it.
    token: Option<String>,
}

impl Default for Defective {
    /// The host with the mistake that its storage names.
    fn default() -> Self {
        let mut host = Host::default();
        let found = host.get_many(&[KEY.to_owned()]).ok().and_then(|mut entries| entries.pop().flatten());
        let defect = found.and_then(|entry| Defect::named(&entry.value));
        Self { host, defect, token: None }
    }
}

impl Defective {
    fn makes(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    /// A key that no write has had before.
    fn new_key(&mut self) -> String {
        self.host.random_bytes(16).iter().fold(String::new(), |key, byte| format!("{key}{byte:02x}"))
    }
}
