//! Asking Graph: one budget, one token, one place for what a failure means to
//! a run.

use std::time::Duration;

use crate::account::{self, AccessToken, AuthFailure};
use crate::graph::failure::Cause;
use crate::graph::request::{BATCH_PARTS_MAX, RequestError};
use crate::graph::{Failure, Reaction, Requests, RetryAfter, Subject, response, retry};
use crate::ports::{HttpRequest, HttpResponse, Ports, TransportFailure};
use crate::sync::Side;

use super::notice;
use super::report::{Blocked, Halt, Wait, WaitReason};
use super::resource::{Resource, ResourceStatus as _, WaitUntil};
use super::step::Step;

/// What came back for one request: an answer of any status, or no answer.
pub(super) type Answer = Result<HttpResponse, Failure>;

/// How long a mailbox that does not exist (yet) is left alone: licences take up
/// to a quarter of an hour to arrive, and removed ones seldom come back.
const PARKED_MAILBOX_WAIT: Duration = Duration::from_hours(1);

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Sends one request, with a fresh token where Graph asks for one.
    pub(super) fn ask(
        &mut self,
        subject: Subject,
        build: impl Fn(&Requests<'_>, &str) -> Result<HttpRequest, RequestError>,
    ) -> Result<Answer, Halt> {
        let mut renewed = false;
        loop {
            let token = self.token()?;
            let id = self.request_id();
            let text = token.secret().expose_text().unwrap_or_default();
            let request = match build(&Requests::new(&self.base, text), &id) {
                Ok(request) => request,
                Err(RequestError::ForeignLink) => return Ok(Err(Failure::foreign_link())),
                Err(error) => return Err(self.stop(&error.to_string())),
            };
            self.spend_request()?;
            let answer = self.send(request);
            match answer {
                Ok(answer) => {
                    let Some(Challenge { claims }) = challenge(&answer, subject).filter(|_| !renewed) else {
                        self.heard |= (200..=299).contains(&answer.status);
                        return Ok(Ok(answer));
                    };
                    renewed = true;
                    self.renew_token(&token, claims.as_deref())?;
                }
                Err(failure) => return Ok(Err(Failure::of_transport(failure, subject))),
            }
        }
    }

    /// Sends requests that do not depend on each other, in as few round trips
    /// as batches allow, and answers in their order. Where the step has to end
    /// in between, the answers are fewer than the requests: what was answered is
    /// worth more than an early end, and what was not sent was not refused.
    pub(super) fn ask_many(
        &mut self,
        subject: Subject,
        count: usize,
        build: impl Fn(&Requests<'_>, usize, &str) -> HttpRequest,
    ) -> (Vec<Answer>, Option<Halt>) {
        if count == 1 {
            return match self.ask(subject, |requests, id| Ok(build(requests, 0, id))) {
                Ok(answer) => (vec![answer], None),
                Err(halt) => (Vec::new(), Some(halt)),
            };
        }
        let mut answers = Vec::new();
        let indices: Vec<usize> = (0..count).collect();
        for part in indices.chunks(BATCH_PARTS_MAX) {
            let (part, halted) = self.ask_batch(subject, part, &build);
            answers.extend(part);
            if halted.is_some() {
                return (answers, halted);
            }
        }
        (answers, None)
    }

    /// Sends one batch. Parts that want another token did nothing; they are sent
    /// once more with one.
    fn ask_batch(
        &mut self,
        subject: Subject,
        indices: &[usize],
        build: &impl Fn(&Requests<'_>, usize, &str) -> HttpRequest,
    ) -> (Vec<Answer>, Option<Halt>) {
        let mut answers = match self.ask_parts(indices, build) {
            Ok(answers) => answers,
            Err(halt) => return (Vec::new(), Some(halt)),
        };
        let challenged = |answer: &Answer| answer.as_ref().ok().and_then(|answer| challenge(answer, subject));
        let refused: Vec<usize> =
            (0..answers.len()).filter(|at| answers.get(*at).and_then(challenged).is_some()).collect();
        let (Some(Challenge { claims }), Some(token)) = (answers.iter().find_map(challenged), self.token.clone())
        else {
            return (answers, None);
        };
        let again: Vec<usize> = refused.iter().filter_map(|at| indices.get(*at).copied()).collect();
        let second = self.renew_token(&token, claims.as_deref()).and_then(|()| self.ask_parts(&again, build));
        // What has been answered has been done: it is not given up for the rest.
        let second = match second {
            Ok(second) => second,
            Err(halt) => return (answers, Some(halt)),
        };
        for (at, answer) in refused.into_iter().zip(second) {
            if let Some(slot) = answers.get_mut(at) {
                *slot = answer;
            }
        }
        (answers, None)
    }

    fn ask_parts(
        &mut self,
        indices: &[usize],
        build: &impl Fn(&Requests<'_>, usize, &str) -> HttpRequest,
    ) -> Result<Vec<Answer>, Halt> {
        let batch = self.ask(Subject::Mailbox, |requests, id| {
            let parts: Vec<HttpRequest> =
                indices.iter().map(|index| build(requests, *index, &format!("{id}-{index}"))).collect();
            requests.batch(&parts, id)
        })?;
        Ok(match batch.and_then(|answer| response::read_batch(&answer, indices.len())) {
            Ok(parts) => parts,
            // The batch as a whole failed: so did each of its parts.
            Err(failure) => indices.iter().map(|_| Err(failure.clone())).collect(),
        })
    }

    /// What several failures mean for the run: one attempt that failed, however
    /// many parts it had, and a wait that satisfies them all. None where nothing
    /// failed.
    pub(super) fn halt_for(&mut self, failures: &[Failure]) -> Option<Halt> {
        let now = self.ports.now();
        let weight = |failure: &&Failure| match &failure.reaction {
            Reaction::Retry { after } => (false, after.map(|after| after.from(now))),
            Reaction::Reauthenticate { .. }
            | Reaction::MissingPermission
            | Reaction::ParkMailbox
            | Reaction::StopRun
            | Reaction::Resync { .. }
            | Reaction::RereadItem
            | Reaction::ItemGone
            | Reaction::AlreadyCreated { .. }
            | Reaction::SkipItem => (true, None),
        };
        let gravest = failures.iter().max_by_key(weight)?;
        Some(self.halt(gravest))
    }

    /// What a failure means for the run, where nobody can go on without the
    /// answer. Remembers waits and raises alerts.
    pub(super) fn halt(&mut self, failure: &Failure) -> Halt {
        match &failure.reaction {
            Reaction::Retry { after } => self.back_off(*after, failure, wait_reason(failure)),
            Reaction::Reauthenticate { .. } => self.stop("Microsoft refuses a token that it has just renewed"),
            Reaction::MissingPermission => {
                self.alert(notice::missing_permission(R::ALERTS, failure));
                Halt::Blocked(Blocked::MissingPermission)
            }
            Reaction::ParkMailbox => {
                self.alert(notice::mailbox(R::ALERTS, failure));
                self.wait(PARKED_MAILBOX_WAIT, WaitReason::MailboxUnavailable)
            }
            Reaction::StopRun
            | Reaction::Resync { .. }
            | Reaction::RereadItem
            | Reaction::ItemGone
            | Reaction::AlreadyCreated { .. }
            | Reaction::SkipItem => self.stop(&notice::chain(failure)),
        }
    }

    /// What a refused sign-in means for the run.
    pub(super) fn halt_auth(&mut self, failure: &AuthFailure) -> Halt {
        match failure {
            AuthFailure::NotConfigured(_) => Halt::Blocked(Blocked::NotConfigured),
            AuthFailure::NotConnected | AuthFailure::InvalidState | AuthFailure::Cancelled => {
                Halt::Blocked(Blocked::NotConnected)
            }
            AuthFailure::MissingPermissions(_) => Halt::Blocked(Blocked::MissingPermission),
            AuthFailure::Refused(_)
            | AuthFailure::ApplicationRefused(_)
            | AuthFailure::WrongTenant(_)
            | AuthFailure::AdminConsentNeeded(_) => Halt::Blocked(Blocked::Parked),
            AuthFailure::StaleFence => Halt::Blocked(Blocked::StaleFence),
            AuthFailure::Unavailable(after) => self.sign_in_later(*after, failure, WaitReason::MicrosoftUnavailable),
            AuthFailure::Throttled(after) => self.sign_in_later(*after, failure, WaitReason::Throttled),
            AuthFailure::Host(error) => Halt::Host(error.clone()),
        }
    }

    /// Waits for the sign-in, as long as it asks for.
    fn sign_in_later(&mut self, asked: Option<Duration>, failure: &AuthFailure, reason: WaitReason) -> Halt {
        let after = RetryAfter::For(asked.unwrap_or(account::RETRY_DELAY));
        self.back_off(Some(after), failure, reason)
    }

    /// Waits as long as Microsoft asks for, or longer after each failure, and
    /// says so to people when it does not pass.
    fn back_off(&mut self, asked: Option<RetryAfter>, failure: &dyn std::error::Error, reason: WaitReason) -> Halt {
        let wait = self.delay(asked);
        self.status.health_mut().failures = self.status.health_mut().failures.saturating_add(1);
        if !retry::stays_quiet(self.status.health_mut().failures) {
            self.alert(notice::unavailable(R::ALERTS, failure));
        }
        self.wait(wait, reason)
    }

    /// How long to wait after as many failures as there were.
    fn delay(&mut self, asked: Option<RetryAfter>) -> Duration {
        let bits = u64::from_le_bytes(random_word(self.ports));
        let now = self.ports.now();
        retry::delay(self.status.health().failures, asked, now, bits)
    }

    /// Ends the run with an alert: something of Microsoft is not as it can be.
    pub(super) fn stop(&mut self, reason: &str) -> Halt {
        self.stop_for(Side::M365, reason)
    }

    /// The same of the CRM, where it is not the contract that tells.
    pub(super) fn crm_does_not_end(&mut self) -> Halt {
        self.stop_for(Side::Crm, "the CRM's list of changes did not end")
    }

    fn stop_for(&mut self, side: Side, reason: &str) -> Halt {
        self.alert(notice::stopped(R::ALERTS, side, reason));
        self.status.health_mut().failures = self.status.health_mut().failures.saturating_add(1);
        let wait = self.delay(None);
        self.wait(wait, WaitReason::Stopped)
    }

    /// Remembers not to ask before `time` is over.
    fn wait(&mut self, time: Duration, reason: WaitReason) -> Halt {
        let wait = Wait { time, reason };
        let until = WaitUntil::from(self.ports.now(), wait);
        self.status.health_mut().wait = Some(until);
        self.throttled = match reason {
            WaitReason::Throttled => Some(until),
            WaitReason::MicrosoftUnavailable
            | WaitReason::MailboxUnavailable
            | WaitReason::Stopped
            | WaitReason::HostUnavailable => self.throttled,
        };
        Halt::Wait(wait)
    }

    fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportFailure> {
        let missing = || TransportFailure::Broken("the host gave no answer".to_owned());
        self.ports.send(vec![request]).pop().unwrap_or_else(|| Err(missing()))
    }

    /// The token of this step, obtained when it is needed first.
    fn token(&mut self) -> Result<AccessToken, Halt> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        let (fence, now) = (self.store.fence(), self.ports.now());
        match account::access_token_for(self.ports, fence, &self.settings, R::FEATURE, now) {
            Ok(token) => Ok(self.token.insert(token).clone()),
            Err(failure) => Err(self.halt_auth(&failure)),
        }
    }

    /// Asks for another token after Graph refused `rejected`.
    fn renew_token(&mut self, rejected: &AccessToken, claims: Option<&str>) -> Result<(), Halt> {
        let (fence, now) = (self.store.fence(), self.ports.now());
        match account::force_refresh(self.ports, fence, &self.settings, (rejected, claims), now) {
            Ok(token) => {
                self.token = Some(token);
                Ok(())
            }
            Err(failure) => Err(self.halt_auth(&failure)),
        }
    }

    fn spend_request(&mut self) -> Result<(), Halt> {
        self.check_time()?;
        if self.report.counts.requests >= self.budget.requests {
            return Err(Halt::BudgetSpent);
        }
        self.report.counts.requests += 1;
        Ok(())
    }

    /// Names a request in Microsoft's logs and ours.
    fn request_id(&mut self) -> String {
        let run = &self.run_id;
        format!("{run}-{:04}", self.report.counts.requests)
    }
}

/// An answer asks for another token.
struct Challenge {
    /// What it has to prove, where that is anything in particular.
    claims: Option<String>,
}

fn challenge(answer: &HttpResponse, subject: Subject) -> Option<Challenge> {
    if !matches!(answer.status, 401 | 403) {
        return None;
    }
    match Failure::of_status(answer, subject).reaction {
        Reaction::Reauthenticate { claims } => Some(Challenge { claims }),
        Reaction::Retry { .. }
        | Reaction::Resync { .. }
        | Reaction::RereadItem
        | Reaction::ItemGone
        | Reaction::AlreadyCreated { .. }
        | Reaction::SkipItem
        | Reaction::ParkMailbox
        | Reaction::MissingPermission
        | Reaction::StopRun => None,
    }
}

/// What is waited for after a failure that may pass. A service that names a time
/// is over a limit, whatever the status: Exchange says so with 503, too.
const fn wait_reason(failure: &Failure) -> WaitReason {
    match (&failure.cause, &failure.reaction) {
        (Cause::Status(429), _) | (_, Reaction::Retry { after: Some(_) }) => WaitReason::Throttled,
        (
            Cause::Status(_) | Cause::Unreadable { .. } | Cause::MissingPart | Cause::ForeignLink | Cause::Transport(_),
            _,
        ) => WaitReason::MicrosoftUnavailable,
    }
}

/// Eight random bytes.
pub(super) fn random_word(ports: &mut impl Ports) -> [u8; 8] {
    let mut word = [0; 8];
    for (slot, byte) in word.iter_mut().zip(ports.random_bytes(8)) {
        *slot = byte;
    }
    word
}
