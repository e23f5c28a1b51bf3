//! A host that does not keep the contract: what a component has to survive.
//!
//! The answers of the CRM are honest; what stands here makes others of them on
//! their way to the component, each in one of the ways in which a host may be
//! broken, or may not mean it well. Nothing of the CRM itself is touched. Next:
//! [`super::config`].

use super::bindings::tandem::host::{calendar, config, secrets, storage, tasks};

/// In which way the host lies, to every call until that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Changes: there is always more, behind the same place.
    CursorStandsStill,
    /// Changes: the first page, over and over, each time behind another place.
    PageForEver,
    /// Changes: always more, and never anything.
    NothingForEver,
    /// Changes: any cursor is known, and everything behind it was deleted.
    EverythingDeleted,
    /// Changes: everything is there twice.
    EverythingTwice,
    /// Changes: everything is there, and deleted in the same page.
    ThereAndDeleted,
    /// Changes: behind the present state comes an older one, a page later.
    OldBehindNew,
    /// Changes: more than were asked for.
    TooManyChanges,
    /// Changes: a cursor longer than the contract allows.
    EndlessCursor,
    /// Records by id: one answer is missing.
    AnswersMissing,
    /// Records by id: each is another one.
    OtherRecords,
    /// Records by id: none of them exists.
    NothingFound,
    /// Writes: made, and the last result is missing.
    ResultsMissing,
    /// Writes: made, and there is a result too many.
    ResultsTooMany,
    /// Writes: made, and the results are about other records.
    ResultsOfOthers,
    /// Storage: the entries are those of other keys.
    OtherKeys,
    /// Storage: one entry is missing.
    EntriesMissing,
    /// Storage: a listing begins at its beginning each time.
    ListingForEver,
    /// Storage: what was stored is not what is read.
    Garbage,
    /// Storage: what is read was written by a later version.
    LaterVersion,
    /// Storage: revisions go backwards.
    RevisionsBackwards,
    /// Settings: values of other types.
    WrongTypes,
    /// Settings: the user has an empty address.
    NoAddress,
    /// Secrets: what was stored is not what is read.
    SecretGarbage,
}

impl Lie {
    /// All there are.
    pub const ALL: [Self; 24] = [
        Self::CursorStandsStill,
        Self::PageForEver,
        Self::NothingForEver,
        Self::EverythingDeleted,
        Self::EverythingTwice,
        Self::ThereAndDeleted,
        Self::OldBehindNew,
        Self::TooManyChanges,
        Self::EndlessCursor,
        Self::AnswersMissing,
        Self::OtherRecords,
        Self::NothingFound,
        Self::ResultsMissing,
        Self::ResultsTooMany,
        Self::ResultsOfOthers,
        Self::OtherKeys,
        Self::EntriesMissing,
        Self::ListingForEver,
        Self::Garbage,
        Self::LaterVersion,
        Self::RevisionsBackwards,
        Self::WrongTypes,
        Self::NoAddress,
        Self::SecretGarbage,
    ];
}

/// The cursor of the page behind which older states come.
const BEFORE_OLD: &str = "before-old";

/// What a cursor is followed by that only says how often it was asked.
const COUNTED: &str = "counted-";

/// Bytes of a cursor that is too long.
const CURSOR_BYTES: usize = 1 << 20;

/// Something in a page of changes.
pub(super) trait Told: Clone {
    /// Which record.
    fn id(&self) -> &str;
    /// That a record is gone.
    fn tombstone(id: String) -> Self;
    /// An older state of it.
    fn older(&self) -> Self;
}

/// A page of changes: what there is, where the next one begins, whether there is
/// more.
pub(super) type Page<C> = (Vec<C>, String, bool);

/// The cursor with which the CRM is asked in place of the one that was named.
pub(super) fn cursor(lie: Option<Lie>, after: Option<String>) -> Option<String> {
    match lie {
        Some(
            Lie::CursorStandsStill
            | Lie::PageForEver
            | Lie::NothingForEver
            | Lie::EverythingDeleted
            | Lie::OldBehindNew,
        ) => None,
        _ => after,
    }
}

/// The page that is told in place of the CRM's.
pub(super) fn page<C: Told>(lie: Option<Lie>, after: Option<&str>, limit: u32, honest: Page<C>) -> Page<C> {
    let (changes, next, more) = honest;
    let counted = || {
        let before = after.and_then(|after| after.strip_prefix(COUNTED)).and_then(|number| number.parse::<u64>().ok());
        format!("{COUNTED}{}", before.unwrap_or_default() + 1)
    };
    let tombstone = |change: &C| C::tombstone(change.id().to_owned());
    match lie {
        Some(Lie::CursorStandsStill) => (changes, after.unwrap_or("still").to_owned(), true),
        Some(Lie::PageForEver) => (changes, counted(), true),
        Some(Lie::NothingForEver) => (Vec::new(), counted(), true),
        Some(Lie::EverythingDeleted) => (changes.iter().map(tombstone).collect(), next, more),
        Some(Lie::EverythingTwice) => ([changes.clone(), changes].concat(), next, more),
        Some(Lie::ThereAndDeleted) => {
            let gone: Vec<C> = changes.iter().map(tombstone).collect();
            ([changes, gone].concat(), next, more)
        }
        Some(Lie::OldBehindNew) if after == Some(BEFORE_OLD) => (changes.iter().map(C::older).collect(), next, false),
        Some(Lie::OldBehindNew) => (changes, BEFORE_OLD.to_owned(), true),
        Some(Lie::TooManyChanges) => {
            let made_up = (0..=limit).map(|number| C::tombstone(format!("made up {number}")));
            (changes.into_iter().chain(made_up).collect(), next, more)
        }
        Some(Lie::EndlessCursor) => (changes, "x".repeat(CURSOR_BYTES), more),
        _ => (changes, next, more),
    }
}

/// The answers about records, or writes, in place of the CRM's; `other` makes one
/// about another record of one.
pub(super) fn answers<T>(lie: Option<Lie>, mut honest: Vec<Option<T>>, other: impl Fn(&mut T)) -> Vec<Option<T>> {
    match lie {
        Some(Lie::AnswersMissing) => {
            honest.pop();
        }
        Some(Lie::OtherRecords) => honest.iter_mut().flatten().for_each(other),
        Some(Lie::NothingFound) => honest.iter_mut().for_each(|answer| *answer = None),
        _ => {}
    }
    honest
}

/// The results of writes in place of the CRM's.
pub(super) fn results<T: Clone>(lie: Option<Lie>, mut honest: Vec<T>, other: impl Fn(&mut T)) -> Vec<T> {
    match lie {
        Some(Lie::ResultsMissing) => {
            honest.pop();
        }
        Some(Lie::ResultsTooMany) => honest.extend(honest.last().cloned()),
        Some(Lie::ResultsOfOthers) => honest.iter_mut().for_each(other),
        _ => {}
    }
    honest
}

/// The entries of storage in place of those that were asked for.
pub(super) fn entries(lie: Option<Lie>, mut honest: Vec<Option<storage::Entry>>) -> Vec<Option<storage::Entry>> {
    match lie {
        Some(Lie::EntriesMissing) => {
            honest.pop();
        }
        Some(Lie::OtherKeys) => honest.iter_mut().flatten().for_each(|entry| entry.key.push('x')),
        _ => honest.iter_mut().flatten().for_each(|entry| value(lie, entry)),
    }
    honest
}

/// Where a listing begins in place of where it was to begin.
pub(super) fn listing(lie: Option<Lie>, after: Option<String>) -> Option<String> {
    after.filter(|_| lie != Some(Lie::ListingForEver))
}

/// A page of a listing in place of the CRM's.
pub(super) fn listed(lie: Option<Lie>, mut honest: storage::EntryPage) -> storage::EntryPage {
    match lie {
        Some(Lie::ListingForEver) => honest.more = true,
        Some(Lie::OtherKeys) => honest.entries.iter_mut().for_each(|entry| entry.key.insert(0, 'x')),
        _ => honest.entries.iter_mut().for_each(|entry| value(lie, entry)),
    }
    honest
}

fn value(lie: Option<Lie>, entry: &mut storage::Entry) {
    match lie {
        Some(Lie::Garbage) => entry.value = b"\xff{not what was stored".to_vec(),
        Some(Lie::LaterVersion) => entry.value = br#"{"format": 4000000000, "later": [1, 2]}"#.to_vec(),
        Some(Lie::RevisionsBackwards) => entry.revision = entry.revision.saturating_sub(1),
        _ => {}
    }
}

/// The settings in place of those that are stored.
pub(super) fn layers(lie: Option<Lie>, mut honest: config::SettingLayers) -> config::SettingLayers {
    if lie == Some(Lie::WrongTypes) {
        let levels = [&mut honest.system, &mut honest.organization, &mut honest.user];
        for entry in levels.into_iter().flatten() {
            entry.value = match &entry.value {
                config::SettingValue::Boolean(_) => config::SettingValue::Text("perhaps".to_owned()),
                config::SettingValue::Integer(_) => config::SettingValue::Boolean(true),
                config::SettingValue::Text(_) | config::SettingValue::None => config::SettingValue::Integer(i64::MIN),
            };
        }
    }
    honest
}

/// What the CRM says of itself, in place of the truth.
pub(super) fn profile(lie: Option<Lie>, mut honest: config::HostProfile) -> config::HostProfile {
    if lie == Some(Lie::NoAddress) {
        honest.user_address = Some(String::new());
    }
    honest
}

/// A secret in place of the one that was stored.
pub(super) fn secret(lie: Option<Lie>, mut honest: secrets::Secret) -> secrets::Secret {
    if lie == Some(Lie::SecretGarbage) {
        honest.value = b"\xffnot what was stored".to_vec();
    }
    honest
}

impl Told for calendar::Change {
    fn id(&self) -> &str {
        match self {
            Self::Upserted(event) => &event.id,
            Self::Deleted(gone) => &gone.id,
        }
    }

    fn tombstone(id: String) -> Self {
        Self::Deleted(calendar::DeletedEvent { id, announcement: calendar::Announcement::Due })
    }

    fn older(&self) -> Self {
        let mut older = self.clone();
        if let Self::Upserted(event) = &mut older {
            "older".clone_into(&mut event.version);
            event.fields.title = Some("An older title".to_owned());
        }
        older
    }
}

impl Told for tasks::Change {
    fn id(&self) -> &str {
        match self {
            Self::Upserted(task) => &task.id,
            Self::Deleted(id) => id,
        }
    }

    fn tombstone(id: String) -> Self {
        Self::Deleted(id)
    }

    fn older(&self) -> Self {
        let mut older = self.clone();
        if let Self::Upserted(task) = &mut older {
            "older".clone_into(&mut task.version);
            task.fields.title = Some("An older title".to_owned());
        }
        older
    }
}
