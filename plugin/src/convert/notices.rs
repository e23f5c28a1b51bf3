//! Alerts and conflicts.

use tandem_core::model::Instant;
use tandem_core::ports::{Alert, AlertFilter, AlertKind, AlertResource, AlertStep, ReversalNote};
use tandem_core::sync::{ConflictField, ConflictRecord, DecidedBy, Met, Moment, ShownValue, Side};

use super::calendar::event_time_out;
use super::values::date_out;
use crate::bindings::tandem::host::notices as wit;

/// An alert to raise.
pub fn alert(alert: Alert) -> wit::Alert {
    wit::Alert {
        resource: resource(alert.resource),
        kind: kind(alert.kind),
        operation: match alert.towards {
            Some(Side::Crm) => wit::AlertOperation::Import,
            Some(Side::M365) => wit::AlertOperation::Export,
            None => wit::AlertOperation::None,
        },
        step: match alert.step {
            AlertStep::Authenticate => wit::AlertStep::Authenticate,
            AlertStep::GetList => wit::AlertStep::GetList,
            AlertStep::Get => wit::AlertStep::Get,
            AlertStep::Map => wit::AlertStep::Map,
            AlertStep::Save => wit::AlertStep::Save,
            AlertStep::Plan => wit::AlertStep::Plan,
        },
        code: alert.code.to_owned(),
        item_id: alert.item_id,
        external_id: alert.external_id,
        message: alert.message,
        hint: alert.hint,
    }
}

/// A filter of alerts that are over.
pub fn alert_filter(filter: AlertFilter) -> wit::AlertFilter {
    wit::AlertFilter {
        resource: filter.resource.map(resource),
        kind: filter.kind.map(kind),
        code: filter.code.map(str::to_owned),
        item_id: filter.item_id,
        external_id: filter.external_id,
    }
}

/// A conflict to record.
pub fn conflict(of: AlertResource, conflict: ConflictRecord) -> wit::Conflict {
    wit::Conflict {
        key: conflict.key,
        resource: resource(of),
        title: conflict.title,
        situation: match conflict.met {
            Met::BothEdited => wit::ConflictSituation::BothEdited,
            Met::Deleted(Side::Crm) => wit::ConflictSituation::DeletedInCrm,
            Met::Deleted(Side::M365) => wit::ConflictSituation::DeletedInMicrosoft,
            Met::Found => wit::ConflictSituation::FoundOnBoth,
            Met::TakenBack => wit::ConflictSituation::TakenBack,
        },
        item_id: conflict.crm.map(|id| id.as_str().to_owned()),
        external_id: conflict.m365.map(|id| id.as_str().to_owned()),
        decided_at: conflict.decided_at.epoch_milliseconds(),
        rule: match (conflict.decided_by, conflict.winner) {
            (DecidedBy::Rule, Side::Crm) => wit::ConflictRule::CrmWins,
            (DecidedBy::Rule, Side::M365) => wit::ConflictRule::MicrosoftWins,
            (DecidedBy::Direction, Side::Crm | Side::M365) => wit::ConflictRule::OneWay,
            (DecidedBy::Person, Side::Crm | Side::M365) => wit::ConflictRule::Person,
        },
        winner: match conflict.winner {
            Side::Crm => wit::Winner::Crm,
            Side::M365 => wit::Winner::Microsoft,
        },
        fields: conflict.fields.into_iter().map(field).collect(),
        reverses: conflict.reverses,
        reversible_until: conflict.reversible_until.map(Instant::epoch_milliseconds),
    }
}

/// What became of a wish to take a decision back.
pub fn reversal(note: ReversalNote) -> wit::Reversal {
    wit::Reversal {
        key: note.key,
        at: note.at.epoch_milliseconds(),
        outcome: note.refused.map_or(wit::ReversalOutcome::Reversed, wit::ReversalOutcome::Refused),
    }
}

fn field(field: ConflictField) -> wit::ConflictField {
    let ConflictField { name, base, crm, m365: microsoft, outcome, carried_out } = field;
    let [base, crm, microsoft, outcome] = [base, crm, microsoft, outcome].map(|version| version.map(shown));
    wit::ConflictField { name: name.to_owned(), base, crm, microsoft, outcome, carried_out }
}

fn shown(value: ShownValue) -> wit::ConflictValue {
    let moment = |moment: &Moment| match moment {
        Moment::Time(time) => wit::ConflictMoment::Time(event_time_out(time)),
        Moment::At(at) => wit::ConflictMoment::At(at.epoch_milliseconds()),
        Moment::On(date) => wit::ConflictMoment::On(date_out(*date)),
    };
    wit::ConflictValue { moment: value.moment.as_ref().map(moment), text: value.text }
}

const fn resource(resource: AlertResource) -> wit::AlertResource {
    match resource {
        AlertResource::Account => wit::AlertResource::Account,
        AlertResource::Calendar => wit::AlertResource::Calendar,
        AlertResource::Tasks => wit::AlertResource::Tasks,
    }
}

const fn kind(kind: AlertKind) -> wit::AlertKind {
    match kind {
        AlertKind::Auth => wit::AlertKind::Auth,
        AlertKind::Sync => wit::AlertKind::Sync,
    }
}
