//! A host that does not keep the contract: what a component has to survive.
//!
//! The answers of the CRM are honest; what stands here makes others of them on
//! their way to the component, each in one of the ways in which a host may be
//! broken, or may not mean it well. Nothing of the CRM itself is touched. Next:
//! [`super::config`].

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// Storage and secrets: revisions go backwards.
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

/// Who tells a lie, if any, and in how many answers so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Liar {
    lie: Option<Lie>,
    told: Arc<AtomicU64>,
}

impl Liar {
    /// Tells this lie in every answer that it is about.
    pub(crate) fn of(lie: Option<Lie>) -> Self {
        Self { lie, told: Arc::default() }
    }

    /// How many answers were other than the truth.
    pub(crate) fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    /// What is said in place of `honest`. Counted by what came out, so that a lie
    /// about nothing is none.
    fn say<T: Debug>(&self, honest: T, instead: impl FnOnce(Lie, T) -> T) -> T {
        let Some(lie) = self.lie else { return honest };
        let truth = format!("{honest:?}");
        let said = instead(lie, honest);
        if format!("{said:?}") != truth {
            self.told.fetch_add(1, Ordering::Relaxed);
        }
        said
    }
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

impl Liar {
    /// The cursor with which the CRM is asked in place of the one that was named.
    pub(super) fn cursor(&self, after: Option<String>) -> Option<String> {
        match self.lie {
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
    pub(super) fn page<C: Told + Debug>(&self, after: Option<&str>, limit: u32, honest: Page<C>) -> Page<C> {
        self.say(honest, |lie, honest| page(lie, after, limit, honest))
    }

    /// The answers about records, or writes, in place of the CRM's; `other` makes one
    /// about another record of one.
    pub(super) fn answers<T: Debug>(&self, honest: Vec<Option<T>>, other: impl Fn(&mut T)) -> Vec<Option<T>> {
        self.say(honest, |lie, mut answers| {
            match lie {
                Lie::AnswersMissing => {
                    answers.pop();
                }
                Lie::OtherRecords => answers.iter_mut().flatten().for_each(other),
                Lie::NothingFound => answers.iter_mut().for_each(|answer| *answer = None),
                _ => {}
            }
            answers
        })
    }

    /// The results of writes in place of the CRM's.
    pub(super) fn results<T: Clone + Debug>(&self, honest: Vec<T>, other: impl Fn(&mut T)) -> Vec<T> {
        self.say(honest, |lie, mut results| {
            match lie {
                Lie::ResultsMissing => {
                    results.pop();
                }
                Lie::ResultsTooMany => results.extend(results.last().cloned()),
                Lie::ResultsOfOthers => results.iter_mut().for_each(other),
                _ => {}
            }
            results
        })
    }

    /// The entries of storage in place of those that were asked for.
    pub(super) fn entries(&self, honest: Vec<Option<storage::Entry>>) -> Vec<Option<storage::Entry>> {
        self.say(honest, |lie, mut entries| {
            match lie {
                Lie::EntriesMissing => {
                    entries.pop();
                }
                Lie::OtherKeys => entries.iter_mut().flatten().for_each(|entry| entry.key.push('x')),
                _ => entries.iter_mut().flatten().for_each(|entry| value(lie, entry)),
            }
            entries
        })
    }

    /// Where a listing begins in place of where it was to begin.
    pub(super) fn listing(&self, after: Option<String>) -> Option<String> {
        after.filter(|_| self.lie != Some(Lie::ListingForEver))
    }

    /// A page of a listing in place of the CRM's.
    pub(super) fn listed(&self, honest: storage::EntryPage) -> storage::EntryPage {
        self.say(honest, |lie, mut page| {
            match lie {
                Lie::ListingForEver => page.more = true,
                Lie::OtherKeys => page.entries.iter_mut().for_each(|entry| entry.key.insert(0, 'x')),
                _ => page.entries.iter_mut().for_each(|entry| value(lie, entry)),
            }
            page
        })
    }

    /// The settings in place of those that are stored.
    pub(super) fn layers(&self, honest: config::SettingLayers) -> config::SettingLayers {
        self.say(honest, |lie, mut layers| {
            if lie == Lie::WrongTypes {
                let levels = [&mut layers.system, &mut layers.organization, &mut layers.user];
                levels.into_iter().flatten().for_each(|entry| entry.value = of_another_type(&entry.value));
            }
            layers
        })
    }

    /// What the CRM says of itself, in place of the truth.
    pub(super) fn profile(&self, honest: config::HostProfile) -> config::HostProfile {
        self.say(honest, |lie, mut profile| {
            if lie == Lie::NoAddress {
                profile.user_address = Some(String::new());
            }
            profile
        })
    }

    /// A secret in place of the one that was stored.
    pub(super) fn secret(&self, honest: secrets::Secret) -> secrets::Secret {
        self.say(honest, |lie, mut secret| {
            match lie {
                Lie::SecretGarbage => secret.value = b"\xffnot what was stored".to_vec(),
                Lie::RevisionsBackwards => secret.revision = secret.revision.saturating_sub(1),
                _ => {}
            }
            secret
        })
    }
}

fn page<C: Told>(lie: Lie, after: Option<&str>, limit: u32, (changes, next, more): Page<C>) -> Page<C> {
    let counted = || {
        let before = after.and_then(|after| after.strip_prefix(COUNTED)).and_then(|number| number.parse::<u64>().ok());
        format!("{COUNTED}{}", before.unwrap_or_default() + 1)
    };
    let tombstone = |change: &C| C::tombstone(change.id().to_owned());
    match lie {
        Lie::CursorStandsStill => (changes, after.unwrap_or("still").to_owned(), true),
        Lie::PageForEver => (changes, counted(), true),
        Lie::NothingForEver => (Vec::new(), counted(), true),
        Lie::EverythingDeleted => (changes.iter().map(tombstone).collect(), next, more),
        Lie::EverythingTwice => ([changes.clone(), changes].concat(), next, more),
        Lie::ThereAndDeleted => {
            let gone: Vec<C> = changes.iter().map(tombstone).collect();
            ([changes, gone].concat(), next, more)
        }
        Lie::OldBehindNew if after == Some(BEFORE_OLD) => (changes.iter().map(C::older).collect(), next, false),
        Lie::OldBehindNew => (changes, BEFORE_OLD.to_owned(), true),
        Lie::TooManyChanges => {
            let made_up = (0..=limit).map(|number| C::tombstone(format!("made up {number}")));
            (changes.into_iter().chain(made_up).collect(), next, more)
        }
        Lie::EndlessCursor => (changes, "x".repeat(CURSOR_BYTES), more),
        _ => (changes, next, more),
    }
}

fn value(lie: Lie, entry: &mut storage::Entry) {
    match lie {
        Lie::Garbage => entry.value = b"\xff{not what was stored".to_vec(),
        Lie::LaterVersion => entry.value = br#"{"format": 4000000000, "later": [1, 2]}"#.to_vec(),
        Lie::RevisionsBackwards => entry.revision = entry.revision.saturating_sub(1),
        _ => {}
    }
}

fn of_another_type(value: &config::SettingValue) -> config::SettingValue {
    match value {
        config::SettingValue::Boolean(_) => config::SettingValue::Text("perhaps".to_owned()),
        config::SettingValue::Integer(_) => config::SettingValue::Boolean(true),
        config::SettingValue::Text(_) | config::SettingValue::None => config::SettingValue::Integer(i64::MIN),
    }
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
