//! Everything about notifications that waits for somebody else: asking
//! endpoints for a proof, and delivering. The lock on the state is never held
//! while it waits.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use tokio::task::{self, JoinSet};

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
    posts: Vec<Post>,
}

impl UnderWay {
    fn of(microsoft: &Microsoft, posts: &[Post]) -> Self {
        Self { microsoft: microsoft.clone(), posts: posts.to_vec() }
    }

    /// Notes what came of a post. Its notifications are not ours any more:
    /// somebody else may have taken them when the rest is given back.
    fn settle(&mut self, post: &Post, answer: Answer, took: Duration) -> usize {
        self.posts.retain(|other| other.numbers != post.numbers);
        self.microsoft.change(|state| queue::settle(state, post, answer, took))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let state = &mut self.microsoft.lock().state;
        self.posts.retain(|post| queue::is_current(&state.deliveries, post));
        queue::give_back(state, self.posts.iter().flat_map(|post| &post.numbers));
    }
}

impl Microsoft {
    /// Delivers the notifications that are due by the harness's clock, and says
    /// how many were taken. Waits for every answer, so that what follows from the
    /// answers is the same every time. Who serves over TCP uses
    /// `drive_deliveries` instead.
    pub async fn deliver_due(&self) -> usize {
        let mut taken = 0;
        for _ in 0..ROUNDS_MAX {
            let posts = self.change(|state| queue::take_due(state, &BTreeSet::new()));
            if posts.is_empty() {
                break;
            }
            let mut under_way = UnderWay::of(self, &posts);
            for (post, answer, took) in self.post_all(posts).await {
                taken += under_way.settle(&post, answer, took);
            }
        }
        taken
    }

    /// Delivers notifications when they become due, until `stopped`. Sleeps
    /// while there are none. An endpoint gets one post at a time, and no endpoint
    /// waits for another one.
    pub async fn drive_deliveries(&self, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        let mut sending = JoinSet::new();
        let mut busy: BTreeMap<task::Id, String> = BTreeMap::new();
        loop {
            let mut woken = pin!(self.wake.notified());
            woken.as_mut().enable();
            let urls: BTreeSet<String> = busy.values().cloned().collect();
            let next = self.next_delivery(&urls);
            let due = async {
                match next {
                    Some(at) => self.clock.reach(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut stopped => return,
                Some(ended) = sending.join_next_with_id() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    busy.remove(&id);
                }
                () = due => {
                    let posts = self.change(|state| queue::take_due(state, &urls));
                    for (url, posts) in by_address(posts) {
                        busy.insert(sending.spawn(self.clone().deliver_to(posts)).id(), url);
                    }
                }
                () = woken => {}
            }
        }
    }

    /// Sends the posts of one address, and notes each outcome when it is known.
    async fn deliver_to(self, posts: Vec<Post>) {
        let mut under_way = UnderWay::of(&self, &posts);
        for post in posts {
            if !queue::is_current(&self.lock().state.deliveries, &post) {
                break;
            }
            let (answer, took) = self.send(&post).await;
            under_way.settle(&post, answer, took);
        }
    }

    /// When something is due next, by the harness's clock. What waits for one of
    /// the `busy` addresses is left out.
    fn next_delivery(&self, busy: &BTreeSet<String>) -> Option<chrono::DateTime<chrono::Utc>> {
        let state = &self.lock().state;
        let skew = TimeDelta::seconds(state.meta.behaviour.clock_skew_seconds.into());
        queue::next_due(state, busy).map(|at| at - skew)
    }

    /// Sends posts, those of one address one after the other. In the order of
    /// `posts`, so that what follows from the outcomes is the same every time.
    async fn post_all(&self, posts: Vec<Post>) -> Vec<(Post, Answer, Duration)> {
        let mut sending = JoinSet::new();
        for (place, (_, posts)) in by_address(posts).into_iter().enumerate() {
            let microsoft = self.clone();
            sending.spawn(async move {
                let mut answered = Vec::new();
                for post in posts {
                    let (answer, took) = microsoft.send(&post).await;
                    answered.push((post, answer, took));
                }
                (place, answered)
            });
        }
        let mut answered = sending.join_all().await;
        answered.sort_by_key(|(place, _)| *place);
        answered.into_iter().flat_map(|(_, answered)| answered).collect()
    }

    async fn send(&self, post: &Post) -> (Answer, Duration) {
        let patience = self.lock().state.meta.behaviour.subscriptions.notification_patience_milliseconds;
        let patience = Duration::from_millis(patience.into());
        let body = Bytes::from(post.body.to_string());
        let (response, took) = self.poster.post(&post.url, "application/json; charset=utf-8", body, patience).await;
        (answer_of(&response), took)
    }

    /// Asks the endpoints that a request names for a proof, and lets the request
    /// carry what they have proven. All are asked at once, and noted in the order
    /// in which the request names them.
    pub(crate) async fn with_proofs(&self, call: Call) -> Call {
        if !validation::may_name_endpoints(&call) {
            return call;
        }
        let probes = self.change(|state| validation::probes(state, &call));
        let mut asking = JoinSet::new();
        for (place, probe) in probes.into_iter().enumerate() {
            let microsoft = self.clone();
            asking.spawn(async move {
                let proof = microsoft.ask(&probe).await;
                (place, probe, proof)
            });
        }
        let mut asked = asking.join_all().await;
        asked.sort_by_key(|(place, ..)| *place);
        let mut proofs = Proofs::default();
        for (_, probe, proof) in asked {
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

/// Posts by their address, each in the order given.
fn by_address(posts: Vec<Post>) -> BTreeMap<String, Vec<Post>> {
    let mut by_address: BTreeMap<String, Vec<Post>> = BTreeMap::new();
    for post in posts {
        by_address.entry(post.url.clone()).or_default().push(post);
    }
    by_address
}

fn answer_of(response: &Response) -> Answer {
    match response {
        Response::Answer { status, .. } => Answer::Status(*status),
        Response::TimedOut => Answer::TimedOut,
        Response::Broken => Answer::Unreachable,
    }
}
