//! What people ask about items that are set aside: which there are, and that they
//! are tried once more.

use std::time::Duration;

use crate::ports::Ports;
use crate::settings::Feature;

use super::aside::SetAside;
use super::report::{Blocked, Budget, Halt, Job};
use super::resource::{Calendar, Resource};
use super::step::begin;
use super::store::{self, Batch, decode};
use super::tasks::Tasks;

/// Records in one page of a list.
const PER_PAGE: u32 = 100;

/// Items that are set aside, a page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAsidePage {
    /// Each with what names it in [`retry`].
    pub items: Vec<(String, SetAside)>,
    /// Where the next page begins; none where there is none.
    pub next: Option<String>,
}

/// What is set aside of a kind of item, a page of it. Asks Microsoft nothing, so that
/// it is told of an account that waits for its user, too.
pub fn set_aside(ports: &mut impl Ports, resource: Feature, after: Option<&str>) -> Result<SetAsidePage, Halt> {
    match resource {
        Feature::Calendar => set_aside_of::<Calendar>(ports, after),
        Feature::Tasks => set_aside_of::<Tasks>(ports, after),
        Feature::Mail => Ok(SetAsidePage::default()),
    }
}

/// Has the next step try these once more, or all. How many there were. Asks
/// Microsoft nothing.
pub fn retry(ports: &mut impl Ports, job: Job, keys: Option<&[String]>) -> Result<u32, Halt> {
    match job.resource {
        Feature::Calendar => retry_of::<Calendar>(ports, job, keys),
        Feature::Tasks => retry_of::<Tasks>(ports, job, keys),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled)),
    }
}

fn set_aside_of<R: Resource>(ports: &mut impl Ports, after: Option<&str>) -> Result<SetAsidePage, Halt> {
    let account = super::step::connected_account(ports)?;
    let prefix = R::keys(&account).aside();
    let after = after.map(|after| format!("{prefix}{after}"));
    let (entries, more) = store::page(ports, &prefix, after.as_deref(), PER_PAGE)?;
    let name = |key: &str| key.strip_prefix(&prefix).unwrap_or(key).to_owned();
    let next = entries.last().filter(|_| more).map(|entry| name(&entry.key));
    let items: Result<Vec<_>, _> = entries.iter().map(|entry| Ok((name(&entry.key), decode(entry)?))).collect();
    Ok(SetAsidePage { items: items.map_err(|error: store::StateError| Halt::from(error))?, next })
}

fn retry_of<R: Resource>(ports: &mut impl Ports, job: Job, keys: Option<&[String]>) -> Result<u32, Halt> {
    /// Reading a few records of the CRM.
    const TIME_MAX: Duration = Duration::from_secs(20);
    let budget = Budget { requests: 0, items: 0, time: TIME_MAX };
    let mut step = begin::<_, R>(ports, job, budget)?;
    let prefix = step.store.keys.aside();
    let (mut tried, mut after) = (0_u32, None::<String>);
    for _ in 0..store::PARTS_MAX {
        step.check_time()?;
        let (entries, more) = store::page(step.ports, &prefix, after.as_deref(), PER_PAGE)?;
        let mut batch = Batch::default();
        let mut chosen = Vec::new();
        for entry in &entries {
            let name = entry.key.strip_prefix(&prefix).unwrap_or(&entry.key);
            if keys.is_none_or(|keys| keys.iter().any(|key| key == name)) {
                let record: SetAside = decode(entry)?;
                batch.put(entry.key.clone(), &record.to_be_tried());
                chosen.push(record);
            }
        }
        tried = tried.saturating_add(u32::try_from(chosen.len()).unwrap_or(u32::MAX));
        R::try_again(&mut step, &chosen, &mut batch)?;
        step.commit_with_status(batch)?;
        match entries.last().filter(|_| more) {
            Some(last) => after = Some(last.key.clone()),
            None => return Ok(tried),
        }
    }
    Err(store::without_end().into())
}
