//! How a play has ended, as far as people can see it.
//!
//! Identifiers, and everything else that two plays of the same history may have
//! given in another order, is left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::laws::shown::{EventShown, Shown, TaskShown};
use crate::sim::play::Play;
use crate::sim::scene::{Played, done};
use crate::sim::words::entries;

/// How a play has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Each thing that can be seen, and how often.
    seen: BTreeMap<String, usize>,
}

impl End {
    /// The end of a play of which this is shown.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub(super) async fn of(play: &Play, shown: Vec<(Shown, Shown)>) -> Played<Self> {
        let mut end = Self { seen: BTreeMap::new() };
        for (crm, microsoft) in shown {
            end.note_shown("in the CRM", &crm);
            end.note_shown("at Microsoft", &microsoft);
        }
        for who in play.setup.cast {
            let path = |list: &str| format!("/api/{list}?user={}", who.login());
            let conflicts = done(&play.scene.crm.get(&path("conflicts")).await, "the conflicts of a user")?;
            end.note_all("a conflict", &conflicts, &["title", "situation", "rule", "winner", "fields", "refused"]);
            let alerts = done(&play.scene.crm.get(&path("alerts")).await, "the alerts of a user")?;
            end.note_all("an alert", &alerts, &["resource", "kind", "code"]);
        }
        let outbox = done(&play.scene.microsoft.get("/_control/outbox").await, "the mails of Microsoft")?;
        end.note_all("a mail", &outbox, &["kind", "to", "subject", "occurrence", "response"]);
        Ok(end)
    }

    fn note(&mut self, what: String) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn note_shown(&mut self, side: &str, shown: &Shown) {
        for line in &shown.lines {
            self.note(format!("{side}: {line}"));
        }
        for EventShown { title, text, reminder, guests, is_cancelled, .. } in &shown.events {
            let details = format!("{text:?}, reminder {reminder:?}, guests {guests:?}, cancelled {is_cancelled}");
            self.note(format!("{side}: event {title}: {details}"));
        }
        for TaskShown { title, text, due, weight, progress, .. } in &shown.tasks {
            self.note(format!("{side}: task {title}: {text:?}, due {due:?}, {weight}, {progress}"));
        }
    }

    fn note_all(&mut self, what: &str, list: &Value, members: &[&str]) {
        for entry in entries(list) {
            let shown: BTreeMap<&str, &Value> = members.iter().map(|member| (*member, &entry[*member])).collect();
            self.note(format!("{what}: {}", json!(shown)));
        }
    }

    /// In what it differs from the end of another play.
    pub(super) fn differs_from(&self, other: &Self) -> Vec<String> {
        let count = |of: &Self, what: &String| of.seen.get(what).copied().unwrap_or_default();
        let mut all: Vec<&String> = self.seen.keys().chain(other.seen.keys()).collect();
        all.sort();
        all.dedup();
        all.into_iter()
            .filter(|what| count(self, what) != count(other, what))
            .map(|what| {
                format!("{} times, where an undisturbed run leads to {}: {what}", count(self, what), count(other, what))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(seen: &[&str]) -> End {
        let mut end = End { seen: BTreeMap::new() };
        for what in seen {
            end.note((*what).to_owned());
        }
        end
    }

    #[test]
    fn what_is_there_twice_or_not_at_all_is_told() {
        assert!(end(&["a", "b"]).differs_from(&end(&["b", "a"])).is_empty());
        assert_eq!(
            end(&["a", "a"]).differs_from(&end(&["a", "b"])),
            ["2 times, where an undisturbed run leads to 1: a", "0 times, where an undisturbed run leads to 1: b"]
        );
    }
}
