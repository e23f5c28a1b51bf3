//! Everything about notifications that waits for somebody else: asking
//! endpoints for a proof, and delivering. The lock on the state is never held
//! while it waits.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use tokio::task::JoinSet;

use super::model::NotificationNo;
use super::poster::Response;
use super::queue::{self, Answer, Post};
use super::validation::{self, Probe, Proof, Proofs};
use crate::graph::Microsoft;
use crate::graph::call::Call;

/// How often one call of `deliver_due` looks for more. What is delivered can
/// lead to changes that lead to notifications, without end.
const ROUNDS_MAX: usize = 16;

/// Posts on their way, which are given back if nobody waits for their outcome
/// any more.
struct UnderWay {
    microsoft: Microsoft,
    numbers: Vec<NotificationNo>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        queue::give_back(&mut self.microsoft.lock().state, &self.numbers);
    }
}

impl Microsoft {
    /// Delivers the notifications that are due by the harness's clock, and says
    /// how many were taken. Who serves over TCP uses `drive_deliveries` instead.
    pub async fn deliver_due(&self) -> usize {
        let mut taken = 0;
        for _ in 0..ROUNDS_MAX {
            let posts = self.change(queue::take_due);
            if posts.is_empty() {
                break;
            }
            let numbers = posts.iter().flat_map(|post| post.numbers.iter().copied()).collect();
            let under_way = UnderWay { microsoft: self.clone(), numbers };
            for (post, answer, took) in self.post_all(posts).await {
                taken += self.change(|state| queue::settle(state, &post, answer, took));
            }
            drop(under_way);
        }
        taken
    }

    /// Delivers notifications when they become due, until `stopped`. Sleeps
    /// while there are none.
    pub async fn drive_deliveries(&self, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        loop {
            let mut woken = pin!(self.wake.notified());
            woken.as_mut().enable();
            let next = self.next_delivery();
            let due = async {
                match next {
                    Some(at) => self.clock.reach(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut stopped => return,
                () = due => { self.deliver_due().await; }
                () = woken => {}
            }
        }
    }

    /// When something is due next, by the harness's clock.
    fn next_delivery(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        let state = &self.lock().state;
        let skew = TimeDelta::seconds(state.meta.behaviour.clock_skew_seconds.into());
        queue::next_due(state).map(|at| at - skew)
    }

    /// Sends posts, those of one address one after the other. In the order of
    /// `posts`, so that what follows from the outcomes is the same every time.
    async fn post_all(&self, posts: Vec<Post>) -> Vec<(Post, Answer, Duration)> {
        let patience = self.lock().state.meta.behaviour.subscriptions.notification_patience_milliseconds;
        let patience = Duration::from_millis(patience.into());
        let mut sending = JoinSet::new();
        let mut rest = posts.into_iter().enumerate().peekable();
        while let Some(first) = rest.next() {
            let mut of_address = vec![first];
            while let Some(next) = rest.next_if(|(_, next)| of_address.iter().all(|(_, post)| post.url == next.url)) {
                of_address.push(next);
            }
            let poster = self.poster.clone();
            sending.spawn(async move {
                let mut answered = Vec::new();
                for (place, post) in of_address {
                    let body = Bytes::from(post.body.to_string());
                    let (response, took) =
                        poster.post(&post.url, "application/json; charset=utf-8", body, patience).await;
                    answered.push((place, (post, answer_of(&response), took)));
                }
                answered
            });
        }
        let mut answered: Vec<_> = sending.join_all().await.into_iter().flatten().collect();
        answered.sort_by_key(|(place, _)| *place);
        answered.into_iter().map(|(_, answered)| answered).collect()
    }

    /// Asks the endpoints that a request names for a proof, and lets the request
    /// carry what they have proven.
    pub(crate) async fn with_proofs(&self, call: Call) -> Call {
        if !validation::may_name_endpoints(&call) {
            return call;
        }
        let probes = self.change(|state| validation::probes(state, &call));
        let mut proofs = Proofs::default();
        for probe in probes {
            let proof = self.ask(&probe).await;
            self.change(|state| validation::record(state, &probe.url, proof));
            proofs.add(probe.url, proof);
        }
        call.with_proofs(Arc::new(proofs))
    }

    async fn ask(&self, probe: &Probe) -> Proof {
        let patience = self.lock().state.meta.behaviour.subscriptions.validation_patience_milliseconds;
        let patience = Duration::from_millis(patience.into());
        let Some(target) = probe.target() else {
            return Proof::Unreachable;
        };
        let (response, _) = self.poster.post(&target, "text/plain; charset=utf-8", Bytes::new(), patience).await;
        probe.judge(&response)
    }
}

fn answer_of(response: &Response) -> Answer {
    match response {
        Response::Answer { status, .. } => Answer::Status(*status),
        Response::TimedOut => Answer::TimedOut,
        Response::Broken => Answer::Unreachable,
    }
}
