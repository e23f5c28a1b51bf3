//! A person wants a decision taken back: the wish is noted here, and a step makes
//! it true. What that will write, and whom Microsoft will tell, can be asked first.

use std::time::Duration;

use crate::ports::Ports;
use crate::settings::Feature;
use crate::sync::Unfit;

use super::asked::{AskedAnswer, NOT_KEPT};
use super::overlay::Overlay;
use super::pair::Item;
use super::report::{Blocked, Budget, Halt, Job, NotReversed, ReversalPreview};
use super::resource::{Calendar, Resource};
use super::step::{Step, begin};
use super::store::Batch;
use super::tasks::Tasks;

/// Time for noting a wish, or for looking at what it would do: a few reads.
const WISH_TIME_MAX: Duration = Duration::from_secs(20);

/// Notes that the decision with this key is to be taken back. The next steps do
/// it, or say why not. May be repeated.
///
/// # Errors
/// It is known now that it will not be.
pub fn reverse(ports: &mut impl Ports, job: Job, key: &str) -> Result<(), NotReversed> {
    match job.resource {
        Feature::Calendar => reverse_in::<_, Calendar>(ports, job, key),
        Feature::Tasks => reverse_in::<_, Tasks>(ports, job, key),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled).into()),
    }
}

/// What [`reverse`] would lead to, by what is known of the item now. Asks
/// Microsoft nothing and writes nothing.
///
/// # Errors
/// As of [`reverse`].
pub fn preview_reversal(ports: &mut impl Ports, job: Job, key: &str) -> Result<ReversalPreview, NotReversed> {
    match job.resource {
        Feature::Calendar => preview_in::<_, Calendar>(ports, job, key),
        Feature::Tasks => preview_in::<_, Tasks>(ports, job, key),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled).into()),
    }
}

fn reverse_in<P: Ports, R: Resource>(ports: &mut P, job: Job, key: &str) -> Result<(), NotReversed> {
    let mut step = begin::<_, R>(ports, job, nothing_but_time())?;
    step.find_wanted(key)?;
    let mut batch = Batch::default();
    batch.put(step.store.keys.asked(key), &());
    step.store.commit(step.ports, batch).map_err(Halt::from)?;
    Ok(())
}

fn preview_in<P: Ports, R: Resource>(ports: &mut P, job: Job, key: &str) -> Result<ReversalPreview, NotReversed> {
    let mut overlay = Overlay::new(ports);
    let mut step = begin::<_, R>(&mut overlay, job, nothing_but_time())?;
    let item = step.find_wanted(key)?;
    let work = step.plan(std::slice::from_ref(&item))?.pop();
    let Some(work) = work else { return Err(NotReversed::Refused(Unfit::Left.sentence())) };
    match work.asked.as_ref().map(|asked| &asked.answer) {
        Some(AskedAnswer::Refused(reason)) => Err(NotReversed::Refused(reason.clone())),
        Some(AskedAnswer::Planned(kept)) => Ok(step.reversal_preview(&kept.undo.clone(), &work)),
        // What it would do is not known before that.
        Some(AskedAnswer::Waits) => Ok(ReversalPreview { waits: true, ..ReversalPreview::default() }),
        Some(AskedAnswer::Done(_)) | None => Ok(ReversalPreview::default()),
    }
}

/// Nothing is asked, and one item decided about.
const fn nothing_but_time() -> Budget {
    Budget { requests: 0, items: 1, time: WISH_TIME_MAX }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// The item of a decision that can still be taken back.
    fn find_wanted(&mut self, key: &str) -> Result<Item, NotReversed> {
        match self.kept(key)? {
            None => return Err(NotReversed::Refused(NOT_KEPT.to_owned())),
            Some(kept) if kept.reversed_at.is_some() => return Err(NotReversed::Already),
            Some(_) => {}
        }
        Ok(self.item_asked_about(key)?)
    }
}
