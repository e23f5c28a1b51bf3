//! Policies as values, each described by what can be lost under it.
//!
//! Chosen on the settings pages (Oro rows S6 to S8), obeyed by
//! [`crate::sync`]. Nothing is decided here.

/// Which sides may be the source of a change (Oro row S6, "Sync Direction").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncMode {
    /// The CRM is the source and is never written. An edit made in Microsoft is
    /// lost once the CRM changes the same group of fields.
    CrmToM365,
    /// Microsoft is the source and is never written. An edit made in the CRM is
    /// lost once Microsoft changes the same group of fields.
    M365ToCrm,
    /// Both are sources. Nothing is lost as long as people change different
    /// groups of fields; where they change the same one, the
    /// [`ConflictRule`] says whose edit gives way.
    #[default]
    Bidirectional,
}

impl SyncMode {
    /// All, in the order in which people choose from them.
    pub const ALL: [Self; 3] = [Self::CrmToM365, Self::M365ToCrm, Self::Bidirectional];

    /// The stored text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::CrmToM365 => "crm-to-microsoft",
            Self::M365ToCrm => "microsoft-to-crm",
            Self::Bidirectional => "bidirectional",
        }
    }

    /// What people read; `product` is the CRM's own name.
    pub fn label(self, product: &str) -> String {
        match self {
            Self::CrmToM365 => format!("{product} to Microsoft"),
            Self::M365ToCrm => format!("Microsoft to {product}"),
            Self::Bidirectional => "Bidirectional".to_owned(),
        }
    }

    /// The mode of a stored text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.key() == key)
    }
}

/// Whose version is kept where both sides changed the same group of fields to
/// different values (Oro rows S7 and S8, "Conflict Resolution"). The version
/// that gives way is recorded first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictRule {
    /// The CRM's version is kept; Microsoft's edit of that group gives way.
    #[default]
    CrmWins,
    /// Microsoft's version is kept; the CRM's edit of that group gives way.
    M365Wins,
}

impl ConflictRule {
    /// All, in the order in which people choose from them.
    pub const ALL: [Self; 2] = [Self::CrmWins, Self::M365Wins];

    /// The stored text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::CrmWins => "crm-wins",
            Self::M365Wins => "microsoft-wins",
        }
    }

    /// What people read; `product` is the CRM's own name.
    pub fn label(self, product: &str) -> String {
        match self {
            Self::CrmWins => format!("{product} always wins"),
            Self::M365Wins => "Microsoft always wins".to_owned(),
        }
    }

    /// The rule of a stored text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.key() == key)
    }
}
