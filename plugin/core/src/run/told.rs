//! What people are told about items, and that it is over.
//!
//! What is noted here goes out with the next commit ([`super::commit`]): into the
//! report, into the list of what is set aside, and as an alert where somebody has
//! to act.

use crate::model::{CrmId, FieldGroup, GraphId};
use crate::ports::{Alert, AlertFilter, Ports};
use crate::sync::{Issue, IssueCode, Link, Side};

use super::notice;
use super::report::Halt;
use super::resource::{Resource, ResourceStatus as _};
use super::stage::body_left;
use super::step::Step;

/// Issues in one report; the rest is counted by the items that stay behind.
const ISSUES_MAX: usize = 200;

/// Items about which an alert is remembered as open.
const ALERTED_ITEMS_MAX: usize = 500;

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Notes that something is left as it is, and raises an alert where
    /// somebody has to act.
    pub(super) fn issue(&mut self, code: IssueCode, crm: Option<CrmId>, m365: Option<GraphId>, message: &str) {
        self.issue_about(Issue { code, crm, m365, message: message.to_owned() }, None, None);
    }

    /// The same; where a write was refused, `towards` is the side that did, and
    /// `print` what both sides were.
    pub(super) fn issue_about(&mut self, issue: Issue, towards: Option<Side>, print: Option<String>) {
        let alert = notice::item_alert(R::ALERTS, &issue, towards);
        if alert.is_some() {
            self.remember(&issue, alert, print);
        }
        self.say(issue);
    }

    /// Notes that nothing can be made of what `side` shows of an item, which is left as
    /// it is, with an alert: somebody has to correct it there.
    pub(super) fn unreadable(&mut self, side: Side, crm: Option<CrmId>, m365: Option<GraphId>, message: &str) {
        let keys = self.aside_keys(crm.as_ref(), m365.as_ref());
        self.issue(IssueCode::NotMappable, crm, m365, message);
        self.not_taken(side, &keys);
    }

    /// Notes that an item, or something of it, waits for a person although nobody has
    /// made a mistake: it is listed with what is set aside, without an alert.
    pub(super) fn left_open(&mut self, code: IssueCode, crm: Option<CrmId>, m365: Option<GraphId>, message: &str) {
        let issue = Issue { code, crm, m365, message: message.to_owned() };
        self.remember(&issue, None, None);
        self.say(issue);
    }

    /// Resolves what was said about an item that is in step by now. Where a description
    /// of it is too large to be compared, it is listed: that the rest is in step does
    /// not shorten it. What a report says of that, whoever reads the description says.
    pub(super) fn in_step(&mut self, link: &Link) -> Result<(), Halt> {
        if self.aside.has_outlasted(&link.m365.id) {
            return Ok(());
        }
        self.resolve_item(Some(&link.crm.id), Some(&link.m365.id))?;
        let ends = [(Side::Crm, &link.crm.state), (Side::M365, &link.m365.state)];
        let holds = |side| side == Side::M365 || R::holds(&self.capabilities).contains(FieldGroup::Body);
        let unread = ends.into_iter().find(|(side, state)| holds(*side) && state.leaves_body_unread());
        if let Some((side, _)) = unread {
            let (crm, m365) = (Some(link.crm.id.clone()), Some(link.m365.id.clone()));
            let issue = Issue { code: IssueCode::TooLarge, crm, m365, message: body_left(side) };
            self.remember(&issue, None, None);
        }
        Ok(())
    }

    fn remember(&mut self, issue: &Issue, alert: Option<Alert>, print: Option<String>) {
        let health = self.status.health_mut();
        let (crm, m365) = (issue.crm.as_ref().map(CrmId::as_str), issue.m365.as_ref().map(GraphId::as_str));
        for id in crm.into_iter().chain(m365) {
            if health.alerted_items.len() < ALERTED_ITEMS_MAX {
                health.alerted_items.insert(id.to_owned());
            } else if !health.alerted_items.contains(id) {
                health.told_of_more = true;
            }
        }
        self.alerts.extend(alert);
        self.note_aside(issue, print);
    }

    /// Puts an issue into the report.
    pub(super) fn say(&mut self, issue: Issue) {
        if self.report.issues.len() < ISSUES_MAX && !self.report.issues.contains(&issue) {
            self.report.issues.push(issue);
        }
    }

    /// Raises an alert about the run as a whole when the step ends.
    pub(super) fn alert(&mut self, alert: Alert) {
        self.status.health_mut().alerted = true;
        self.alerts.push(alert);
    }

    /// Resolves what was said about an item that is in step, or gone, by now;
    /// alerts of this step about it that are not out yet included.
    pub(super) fn resolve_item(&mut self, crm: Option<&CrmId>, m365: Option<&GraphId>) -> Result<(), Halt> {
        let any = || AlertFilter { resource: Some(R::ALERTS), ..AlertFilter::default() };
        if let Some(id) = crm.map(CrmId::as_str) {
            let filter = AlertFilter { item_id: Some(id.to_owned()), ..any() };
            self.resolve_alerts(id, filter, (crm, None))?;
        }
        if let Some(id) = m365.map(GraphId::as_str) {
            let filter = AlertFilter { external_id: Some(id.to_owned()), ..any() };
            self.resolve_alerts(id, filter, (None, m365))?;
        }
        Ok(())
    }

    fn resolve_alerts(
        &mut self,
        id: &str,
        filter: AlertFilter,
        (crm, m365): (Option<&CrmId>, Option<&GraphId>),
    ) -> Result<(), Halt> {
        if self.is_told_of(&[id], (crm, m365))? {
            let concerns = |named: &Option<String>| named.as_deref() == Some(id);
            self.alerts.retain(|alert| !concerns(&alert.item_id) && !concerns(&alert.external_id));
            self.ports.resolve(filter).map_err(Halt::Host)?;
            self.status.health_mut().alerted_items.remove(id);
            self.forget_aside(crm, m365);
        }
        Ok(())
    }
}
