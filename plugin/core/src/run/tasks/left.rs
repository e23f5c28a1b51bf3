//! What of a task is left as it is, told to people once, with the next step to
//! take.

use crate::model::{FieldGroup, FieldSet};
use crate::ports::Ports;
use crate::run::left::is_body_unread;
use crate::run::stage::body_left;
use crate::run::work::Work;
use crate::sync::{Decision, IssueCode, Side};

use super::TaskStep;
use super::observe_crm::STATUS;

impl<P: Ports> TaskStep<'_, P> {
    /// Says which parts of a task stay as they are.
    pub(super) fn report_kept(&mut self, work: &Work) {
        let Decision::Merge(merge) = &work.decision else { return };
        let (crm, m365) = (work.crm_id(), work.m365_id());
        let mut in_crm = merge.unwritable_crm;
        if in_crm.contains(FieldGroup::Status) && self.capabilities.status_by_workflow {
            let message = "The task has another status in Microsoft 365, and the CRM's workflow does not let it be set \
                           directly. Everything else of the task is in step; move it on in the CRM, by the buttons of \
                           the workflow.";
            self.issue(IssueCode::WorkflowRestricted, crm.clone(), m365.clone(), message);
            in_crm = in_crm.without(STATUS);
        }
        for (side, groups) in [(Side::Crm, in_crm), (Side::M365, merge.unwritable_m365)] {
            if groups.is_empty() {
                continue;
            }
            let is_only = |group| groups == FieldSet::EMPTY.with(group);
            let message = if is_only(FieldGroup::Body) && is_body_unread(work, side) {
                body_left(side)
            } else if side == Side::M365 && is_only(FieldGroup::Due) {
                "The due date of a recurring task stays as it is in Microsoft 365: changed from outside, To Do makes \
                 another task of it. Change the date in To Do."
                    .to_owned()
            } else {
                let names: Vec<&str> = groups.iter().map(FieldGroup::name).collect();
                format!("These fields may not be changed in {side}: {}. They stay as they are there.", names.join(", "))
            };
            self.issue(IssueCode::NotWritable, crm.clone(), m365.clone(), &message);
        }
    }
}
