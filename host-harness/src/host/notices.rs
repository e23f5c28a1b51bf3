//! `tandem:host/notices`: alerts, and conflicts that were decided.
//!
//! Next: [`super::log`].

use chrono::{DateTime, Utc};
use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::event::EventTime;
use super::bindings::tandem::host::notices as wire;
use super::context::{CallContext, Host, HostView, answered, view};
use super::times::{date_from, instant_from};
use super::types::HostError;
use crate::crm::notices::{
    AlertFilter, AlertKind, AlertOperation, AlertStep, ConflictField, ConflictRule, ConflictSituation, Moment, Moments,
    NewAlert, NewConflict, NoticeResource, ReversalNote, Winner,
};
use crate::crm::{Crm, CrmError, Scope};

impl HostView<'_> {
    async fn note<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Crm, &Scope) -> Result<R, CrmError> + Send + 'static,
    ) -> wasmtime::Result<Result<(), HostError>> {
        let fence = self.context.fence;
        let noted = self.serve(move |crm, scope| {
            // What somebody has to say whose place was taken is not the case any more.
            let is_held = fence.map_or(Ok(true), |fence| crm.is_held_by(scope, fence))?;
            if is_held { work(crm, scope).map(Some) } else { Ok(None) }
        });
        Ok(answered(noted.await?).and_then(|done| done.map(drop).ok_or(HostError::AccessDenied)))
    }
}

impl wire::Host for HostView<'_> {
    async fn raise(&mut self, alerts: Vec<wire::Alert>) -> wasmtime::Result<Result<(), HostError>> {
        let alerts: Vec<NewAlert> = alerts.into_iter().map(alert_of).collect();
        self.note(move |crm, scope| crm.raise_alerts(scope, &alerts)).await
    }

    async fn resolve(&mut self, filter: wire::AlertFilter) -> wasmtime::Result<Result<(), HostError>> {
        let filter = AlertFilter {
            resource: filter.resource.map(resource_of),
            kind: filter.kind.map(kind_of),
            code: filter.code,
            item_id: filter.item_id,
            external_id: filter.external_id,
        };
        self.note(move |crm, scope| crm.resolve_alerts(scope, &filter)).await
    }

    async fn record_conflicts(&mut self, conflicts: Vec<wire::Conflict>) -> wasmtime::Result<Result<(), HostError>> {
        let Some(conflicts) = conflicts.into_iter().map(conflict_of).collect::<Option<Vec<NewConflict>>>() else {
            self.calls.completed().await?;
            return Ok(Err(HostError::Other("instant-out-of-range".to_owned())));
        };
        self.note(move |crm, scope| crm.record_conflicts(scope, &conflicts)).await
    }

    async fn note_reversals(&mut self, reversals: Vec<wire::Reversal>) -> wasmtime::Result<Result<(), HostError>> {
        let Some(notes) = reversals.into_iter().map(note_of).collect::<Option<Vec<ReversalNote>>>() else {
            self.calls.completed().await?;
            return Ok(Err(HostError::Other("instant-out-of-range".to_owned())));
        };
        self.note(move |crm, scope| crm.note_reversals(scope, &notes)).await
    }
}

fn alert_of(alert: wire::Alert) -> NewAlert {
    NewAlert {
        resource: resource_of(alert.resource),
        kind: kind_of(alert.kind),
        operation: match alert.operation {
            wire::AlertOperation::Import => AlertOperation::Import,
            wire::AlertOperation::Export => AlertOperation::Export,
            wire::AlertOperation::None => AlertOperation::None,
        },
        step: match alert.step {
            wire::AlertStep::Authenticate => AlertStep::Authenticate,
            wire::AlertStep::GetList => AlertStep::GetList,
            wire::AlertStep::Get => AlertStep::Get,
            wire::AlertStep::Map => AlertStep::Map,
            wire::AlertStep::Save => AlertStep::Save,
            wire::AlertStep::Plan => AlertStep::Plan,
        },
        code: alert.code,
        item_id: alert.item_id,
        external_id: alert.external_id,
        message: alert.message,
        hint: alert.hint,
    }
}

fn resource_of(resource: wire::AlertResource) -> NoticeResource {
    match resource {
        wire::AlertResource::Account => NoticeResource::Account,
        wire::AlertResource::Calendar => NoticeResource::Calendar,
        wire::AlertResource::Tasks => NoticeResource::Tasks,
    }
}

fn kind_of(kind: wire::AlertKind) -> AlertKind {
    match kind {
        wire::AlertKind::Auth => AlertKind::Auth,
        wire::AlertKind::Sync => AlertKind::Sync,
    }
}

/// None where the instant is outside of the calendar.
fn conflict_of(conflict: wire::Conflict) -> Option<NewConflict> {
    Some(NewConflict {
        key: conflict.key,
        resource: resource_of(conflict.resource),
        item_id: conflict.item_id,
        external_id: conflict.external_id,
        decided_at: DateTime::<Utc>::from_timestamp_millis(conflict.decided_at)?,
        rule: match conflict.rule {
            wire::ConflictRule::CrmWins => ConflictRule::CrmWins,
            wire::ConflictRule::MicrosoftWins => ConflictRule::MicrosoftWins,
            wire::ConflictRule::OneWay => ConflictRule::OneWay,
            wire::ConflictRule::Person => ConflictRule::Person,
        },
        winner: match conflict.winner {
            wire::Winner::Crm => Winner::Crm,
            wire::Winner::Microsoft => Winner::Microsoft,
        },
        fields: conflict.fields.into_iter().map(field_of).collect(),
        title: conflict.title,
        situation: match conflict.situation {
            wire::ConflictSituation::BothEdited => ConflictSituation::BothEdited,
            wire::ConflictSituation::DeletedInCrm => ConflictSituation::DeletedInCrm,
            wire::ConflictSituation::DeletedInMicrosoft => ConflictSituation::DeletedInMicrosoft,
            wire::ConflictSituation::FoundOnBoth => ConflictSituation::FoundOnBoth,
            wire::ConflictSituation::TakenBack => ConflictSituation::TakenBack,
        },
        reverses: conflict.reverses,
        reversible_until: match conflict.reversible_until {
            Some(until) => Some(DateTime::<Utc>::from_timestamp_millis(until)?),
            None => None,
        },
    })
}

/// None where the instant is outside of the calendar.
fn note_of(reversal: wire::Reversal) -> Option<ReversalNote> {
    Some(ReversalNote {
        key: reversal.key,
        at: DateTime::<Utc>::from_timestamp_millis(reversal.at)?,
        refused: match reversal.outcome {
            wire::ReversalOutcome::Reversed => None,
            wire::ReversalOutcome::Refused(words) => Some(words),
        },
    })
}

fn field_of(field: wire::ConflictField) -> ConflictField {
    let wire::ConflictField { name, base, crm, microsoft, outcome, carried_out } = field;
    let moment = |value: &Option<wire::ConflictValue>| value.as_ref()?.moment.as_ref().and_then(moment_of);
    let moments =
        Moments { base: moment(&base), crm: moment(&crm), microsoft: moment(&microsoft), outcome: moment(&outcome) };
    let [base, crm, microsoft, outcome] = [base, crm, microsoft, outcome].map(|value| value.map(|value| value.text));
    ConflictField { name, base, crm, microsoft, outcome, carried_out, moments }
}

/// None where it is outside of the calendar; its text says it then.
fn moment_of(moment: &wire::ConflictMoment) -> Option<Moment> {
    Some(match moment {
        wire::ConflictMoment::Time(EventTime::Timed(timed)) => Moment::Timed {
            start_at: instant_from(timed.start_at)?,
            end_at: instant_from(timed.end_at)?,
            zone: timed.zone.clone(),
        },
        wire::ConflictMoment::Time(EventTime::AllDay(days)) => {
            Moment::AllDay { start_on: date_from(days.start_on)?, end_before: date_from(days.end_before)? }
        }
        wire::ConflictMoment::At(at) => Moment::At(instant_from(*at)?),
        wire::ConflictMoment::On(day) => Moment::On(date_from(*day)?),
    })
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    wire::add_to_linker::<_, Host>(linker, view)
}
