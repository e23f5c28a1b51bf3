//! Identifiers and versions, each its own type so that none can be taken for
//! another.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! opaque_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it came, without interpreting it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_text! {
    /// A record's identifier in the CRM. Compared byte by byte.
    CrmId
}
opaque_text! {
    /// A CRM record's version: only equality means anything.
    CrmVersion
}
opaque_text! {
    /// An item's identifier in Graph. Case-sensitive (Graph `event` resource).
    GraphId
}
opaque_text! {
    /// A calendar's identifier in Graph. Case-sensitive (Graph `calendar`
    /// resource).
    CalendarId
}
opaque_text! {
    /// A task list's identifier in Graph. Case-sensitive (Graph `todoTaskList`
    /// resource).
    TaskListId
}
opaque_text! {
    /// An item's `@odata.etag`. A new one does not always mean new content.
    GraphVersion
}
opaque_text! {
    /// Microsoft's object id of a user (`oid`, `/me` `id`).
    AccountId
}
opaque_text! {
    /// One item on two sides. Also its correlation id: written into what we
    /// create in Microsoft, and the key that makes a create happen once.
    LinkId
}

impl LinkId {
    /// The link of an item that begins on the CRM side.
    ///
    /// Derived, not drawn: a repeat of a create that was interrupted uses the
    /// same id whatever was lost. `generation` tells a later re-creation of the
    /// same record from the first one.
    pub fn of_crm_item(account: &AccountId, item: &CrmId, generation: u32) -> Self {
        Self::derive("crm", account, item.as_str(), generation)
    }

    /// The link of a task that begins on the CRM side: the CRM may count events
    /// and tasks alike.
    pub fn of_crm_task(account: &AccountId, task: &CrmId, generation: u32) -> Self {
        Self::derive("crm-task", account, task.as_str(), generation)
    }

    /// The link of a task that begins on Microsoft's side.
    pub fn of_graph_task(account: &AccountId, task: &GraphId, generation: u32) -> Self {
        Self::derive("m365-task", account, task.as_str(), generation)
    }

    /// The link of an item that begins on Microsoft's side.
    pub fn of_graph_item(account: &AccountId, item: &GraphId, generation: u32) -> Self {
        Self::derive("m365", account, item.as_str(), generation)
    }

    /// The key by which an item is brought back once, because a person has taken
    /// back that it was deleted.
    pub fn of_reversal(account: &AccountId, decision: &str) -> Self {
        Self::derive("reversal", account, decision, 0)
    }

    /// A name-based UUID (RFC 9562, version 8), because `transactionId` and
    /// extended properties are commonly UUIDs.
    fn derive(side: &str, account: &AccountId, item: &str, generation: u32) -> Self {
        let mut hash = Sha256::new();
        for part in [side, account.as_str(), item, &generation.to_string()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut bits = digest.iter().take(16).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        bits = (bits & !(0xf_u128 << 76)) | (0x8_u128 << 76);
        bits = (bits & !(0x3_u128 << 62)) | (0x2_u128 << 62);
        let hex = format!("{bits:032x}");
        let (time_low, rest) = hex.split_at(8);
        let (time_mid, rest) = rest.split_at(4);
        let (version, rest) = rest.split_at(4);
        let (variant, node) = rest.split_at(4);
        Self(format!("{time_low}-{time_mid}-{version}-{variant}-{node}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_id_is_stable_and_distinguishes_side_item_and_generation() {
        let account = AccountId::new("account");
        let first = LinkId::of_crm_item(&account, &CrmId::new("1"), 0);
        assert_eq!(first, LinkId::of_crm_item(&account, &CrmId::new("1"), 0));
        assert_ne!(first, LinkId::of_crm_item(&account, &CrmId::new("1"), 1));
        assert_ne!(first, LinkId::of_crm_item(&account, &CrmId::new("2"), 0));
        assert_ne!(first, LinkId::of_graph_item(&account, &GraphId::new("1"), 0));
        assert_eq!(first.as_str().len(), 36);
        assert_eq!(first.as_str().chars().nth(14), Some('8'));
    }
}
