//! Which items are left as they are, and why: what reports name, what is set aside,
//! and what alerts are about has to have a reason in what people did.

use serde_json::Value;

use super::course::Course;
use crate::app::Resource;
use crate::sim::operation::Who;
use crate::sim::people::default_list;
use crate::sim::scene::{Played, Scene, all_pages, done};
use crate::sim::words::{entries, item_of, text};

impl Course {
    /// Notes which items a report names; where nothing was made to go wrong, each
    /// has to have a reason. What names no item that is still there has one only where
    /// it says why the whole run was stopped.
    pub async fn read_report(&mut self, scene: &Scene, who: Who, report: &Value, is_calm: bool) -> Played<()> {
        let resource = text(report, "resource");
        let created = &self.created;
        let is_other = |item: u32| created.get(&item).is_some_and(|known| known.resource.as_str() != resource);
        self.put_off.retain(|(of, item)| *of != who || is_other(*item));
        for issue in entries(&report["issues"]) {
            let Some(item) = item_named(scene, who, resource, issue).await? else {
                if is_calm && text(report, "blocked").is_empty() {
                    self.violations.push(format!("{who:?}: an issue about no item that is there: {issue}"));
                }
                continue;
            };
            // What is only put off, because something went wrong, is made up for.
            if self.has_reason(who, item, issue) {
                self.left.insert((who, item), text(issue, "code").to_owned());
            } else if !is_calm {
                self.put_off.insert((who, item));
            } else {
                self.violations.push(format!("an issue that the item has no reason for: {issue}"));
            }
        }
        Ok(())
    }

    /// Notes which items are set aside: a run that was torn down before its report
    /// has said it there.
    pub async fn read_set_aside(&mut self, scene: &Scene, who: Who) -> Played<()> {
        let listed = done(&scene.crm.get(&format!("/api/set-aside?user={}", who.login())).await, "what is set aside")?;
        for line in entries(&listed) {
            let Some(item) = item_named(scene, who, text(line, "resource"), line).await? else { continue };
            if self.has_reason(who, item, line) {
                // What a report has said of it since is the better reason.
                self.left.entry((who, item)).or_insert_with(|| text(line, "code").to_owned());
            } else {
                self.violations.push(format!("{who:?}: E{item} is set aside without a reason: {line}"));
            }
        }
        Ok(())
    }

    /// Nothing of a resource is excused any more that is set aside now: it is to be
    /// tried once more.
    pub async fn forget_set_aside(&mut self, scene: &Scene, who: Who, resource: Resource) -> Played<()> {
        let listed = done(&scene.crm.get(&format!("/api/set-aside?user={}", who.login())).await, "what is set aside")?;
        for line in entries(&listed).iter().filter(|line| text(line, "resource") == resource.as_str()) {
            if let Some(item) = item_named(scene, who, resource.as_str(), line).await? {
                // What was reported of it since for another reason is not tried by that.
                if self.left.get(&(who, item)).is_some_and(|code| code == text(line, "code")) {
                    self.left.remove(&(who, item));
                }
            }
        }
        Ok(())
    }

    /// Every alert that is open is about something that still is as it says.
    pub async fn check_alerts(&mut self, scene: &Scene, who: Who) -> Played<()> {
        let open = done(&scene.crm.get(&format!("/api/alerts?user={}", who.login())).await, "the open alerts")?;
        for alert in entries(&open) {
            let item = item_named(scene, who, text(alert, "resource"), alert).await?;
            if !item.is_some_and(|item| self.is_left(who, item)) {
                self.violations.push(format!("{who:?}: an alert is open about what is over: {alert}"));
            }
        }
        Ok(())
    }

    fn is_owned_by(&self, who: Who, item: u32) -> bool {
        self.created.get(&item).is_some_and(|known| known.owner == who)
    }

    fn has_reason(&self, who: Who, item: u32, issue: &Value) -> bool {
        let (is_series, is_meeting) = (self.series.contains(&item), self.meetings.contains(&item));
        match text(issue, "code") {
            "recurrence-not-supported" => is_series,
            "occurrence-crossing" => self.with_moves.contains(&item),
            // A rule may leave nothing of its series, and other days may leave out
            // one that the other side has changed.
            "not-mappable" => {
                let message = text(issue, "message");
                let is_empty = message.contains("at least one occurrence, but found none");
                let is_left_out = message.contains("is not in the series in Microsoft 365");
                let has_lost_days = self.with_exceptions.contains(&item) && self.reshaped.contains(&item);
                (is_series && is_empty) || (has_lost_days && is_left_out)
            }
            "would-notify" => is_meeting,
            // A cancelled occurrence has no way back, and a guest does not write what is
            // the organiser's.
            "not-writable" => self.with_cancellations.contains(&item) || (is_meeting && !self.is_owned_by(who, item)),
            // The CRM has made the copy, and told the guest, by itself.
            "not-invited" => who == Who::Ben && self.told_by_crm.contains(&item),
            // Nothing here is for a side to refuse, or unknown to it.
            _ => false,
        }
    }
}

/// The item that an issue is about, if it still exists.
async fn item_named(scene: &Scene, who: Who, resource: &str, issue: &Value) -> Played<Option<u32>> {
    let is_task = resource == Resource::Tasks.as_str();
    let (path, name) = if is_task { ("tasks", "subject") } else { ("calendar-events", "title") };
    let id = text(issue, "itemId");
    if !id.is_empty() {
        let answer = scene.crm.get(&format!("/api/{path}/{id}")).await;
        if answer.is_success() {
            return Ok(item_of(text(&answer.json(), name)));
        }
    }
    let id = text(issue, "externalId");
    if id.is_empty() {
        return Ok(None);
    }
    let graph = scene.graph(who).await?;
    if is_task {
        let tasks = all_pages(&graph, &format!("{}?$top=100", default_list(&graph).await?)).await?;
        let task = tasks.iter().find(|task| text(task, "id") == id);
        return Ok(task.and_then(|task| item_of(text(task, "title"))));
    }
    let answer = graph.get(&format!("/v1.0/me/events/{id}")).await;
    Ok(item_of(text(&answer.json(), "subject")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::course::Known;
    use super::*;
    use crate::sim::operation::{EventAct, OccurrenceAct, Side};

    /// Who has a reason to leave a meeting of Anna's with this code, of which somebody
    /// has changed a day.
    fn excused(code: &str, act: OccurrenceAct) -> Vec<Who> {
        let known = Known { owner: Who::Anna, resource: Resource::Calendar, side: Side::Crm };
        let one = BTreeSet::from([1]);
        let mut course =
            Course { created: [(1, known)].into(), series: one.clone(), meetings: one, ..Course::default() };
        course.note_event((Side::Crm, Who::Anna, 1), &EventAct::Occurrence(0, act), true);
        let people = [Who::Anna, Who::Ben].into_iter();
        people.filter(|who| course.has_reason(*who, 1, &json!({"code": code}))).collect()
    }

    #[test]
    fn what_is_left_has_its_reason_in_what_people_did() {
        let (moved, cancelled) = (OccurrenceAct::Move(30), OccurrenceAct::Cancel);
        assert_eq!(excused("occurrence-crossing", moved), [Who::Anna, Who::Ben]);
        assert_eq!(excused("occurrence-crossing", cancelled), []);
        assert_eq!(excused("not-writable", cancelled), [Who::Anna, Who::Ben]);
        assert_eq!(excused("not-writable", moved), [Who::Ben], "his copy is not his to write");
    }
}
