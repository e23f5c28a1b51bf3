//! The CRM's calendar.

use tandem_core::model::CrmId;
use tandem_core::ports::breach::{self, Changes, about_each, one_for_each};
use tandem_core::ports::{
    AppliedWrite, ApplyError, CrmApplied, CrmCalendar, CrmCapabilities, CrmChangesError, CrmItem, CrmMutation,
    CrmMutationError, CrmPage, Fence, HostError,
};

use super::Host;
use crate::bindings::tandem::host::calendar;
use crate::convert;

impl CrmCalendar for Host {
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError> {
        calendar::get_capabilities().map(|found| convert::capabilities(&found)).map_err(convert::host_error)
    }

    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError> {
        match calendar::changes(after, limit) {
            Ok(page) => {
                let page = convert::change_page(page);
                let changes = Changes { call: "calendar.changes", after, limit, next: &page.next, more: page.more };
                changes.check(page.changes.iter().map(breach::changed)).map_err(CrmChangesError::Host)?;
                Ok(page)
            }
            Err(calendar::ChangesError::CursorExpired) => Err(CrmChangesError::CursorExpired),
            Err(calendar::ChangesError::Host(error)) => Err(CrmChangesError::Host(convert::host_error(error))),
        }
    }

    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError> {
        let asked: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let events = calendar::get_many(&asked).map_err(convert::host_error)?;
        let items = events.into_iter().map(|event| event.map(convert::crm_item)).collect();
        about_each("calendar.get-many", ids, items, |id, item| item.id == *id)
    }

    fn applied(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        let found = calendar::get_applied(keys).map(convert::applied_writes).map_err(convert::host_error)?;
        one_for_each("calendar.get-applied", keys.len(), found)
    }

    fn apply(
        &mut self,
        fence: Fence,
        mutations: Vec<CrmMutation>,
    ) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, ApplyError> {
        let targets = breach::targets(&mutations);
        let mutations: Vec<calendar::Mutation> = mutations.into_iter().map(convert::mutation).collect();
        let outcomes = calendar::apply(fence.0, &mutations).map_err(convert::apply_error)?;
        let outcomes = outcomes.into_iter().map(convert::applied).collect();
        breach::applied("calendar.apply", &targets, outcomes, breach::stored).map_err(ApplyError::Host)
    }
}
