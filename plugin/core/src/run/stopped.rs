//! A step that could not even begin, because the host cannot be trusted or what is
//! stored cannot be read.
//!
//! There may be no status then to remember an alert in, so a word of its own says
//! that there is one; the next step that begins takes it over.

use crate::ports::{Fence, HostError, LogLevel, Ports};
use crate::settings::Feature;
use crate::sync::Issue;

use super::notice;
use super::report::Halt;
use super::resource::Resource;
use super::store::{Batch, commit};

/// Under which key it is noted. Whose account it is may be what cannot be read.
pub(super) fn key<R: Resource>() -> String {
    let resource = match R::FEATURE {
        Feature::Calendar => "calendar",
        Feature::Tasks => "tasks",
        Feature::Mail => "mail",
    };
    format!("stopped/{resource}")
}

/// Has people told why the step did not begin; what its report says. None where the
/// reason is nobody's fault.
pub(super) fn tell<R: Resource>(ports: &mut impl Ports, fence: Fence, halt: &Halt) -> Option<Issue> {
    let issue = notice::of_host(halt)?;
    let mut batch = Batch::default();
    batch.put(key::<R>(), &());
    // Remembered first: an alert that nothing ever ends would be worse than none.
    let told = commit(ports, fence, batch).map_err(|error| error.to_string()).and_then(|()| {
        ports.raise(vec![notice::broken(R::ALERTS, &issue)]).map_err(|error: HostError| error.to_string())
    });
    if let Err(reason) = told {
        ports.log(LogLevel::Error, "nobody could be told why the step did not begin", &[("reason", reason)]);
    }
    Some(issue)
}
