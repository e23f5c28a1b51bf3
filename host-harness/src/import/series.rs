//! What has one UID into single events and a series with its exceptions.
//!
//! A date that the rule does not have (`RDATE`, a start beside its own rule, a
//! change of an occurrence that is not there) becomes a single event, so that
//! the calendar shows what the file shows. The rule itself is
//! [`super::rrule`]'s.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use icalendar::{Component as _, Event};

use super::batch::{
    ImportBatch, ImportedEvent, ImportedSeries, OccurrenceChange, instant_text, start_instant, start_text, uid_of_date,
};
use super::event::{self, ReadEvent, is_cancelled};
use super::group::{Entry, Group};
use super::moment::{self, Clock, ClockKind, ExtraDate, Moment};
use super::reason::{Left, RemarkKind, SkipReason};
use super::rrule::Refusal;
use super::rrule::convert::{Start, recurrence};
use super::rrule::parse::{Rule, RuleEnd};
use crate::crm::event::{AllDay, EventTime, Timed};
use crate::crm::users::ZoneName;
use crate::graph::calendar::pattern::{End, Recurrence};
use crate::graph::zones::{to_utc, to_wall};

/// Reads what has one UID.
pub(super) fn read(group: &Group, clock: &Clock<'_>, batch: &mut ImportBatch) {
    let uid = group.uid.as_deref();
    let Some(master) = &group.master else {
        for (original, entry) in group.overrides.values() {
            let event = beside_series(uid, None, *original, entry, clock, batch);
            batch.events.extend(event);
        }
        return;
    };
    let read = Expansion::of(master, clock, batch);
    match read {
        Ok(mut expansion) => {
            expansion.remove_excluded(&master.event, clock, batch);
            for (original, entry) in group.overrides.values() {
                expansion.change(*original, entry, clock, batch);
            }
            expansion.finish(batch);
        }
        Err(refusal) => {
            let left = Left::whole(uid, refusal.reason);
            batch.left.push(if refusal.part.is_empty() { left } else { left.because(refusal.part) });
            for (original, _) in group.overrides.values() {
                batch.left.push(Left::occurrence(uid, SkipReason::SeriesLeftOut, original.text()));
            }
        }
    }
}

/// A changed occurrence that no series of the file has: a single event, where
/// it can be read. What else has its UID may name the organiser.
fn beside_series(
    uid: Option<&str>,
    organizer: Option<&str>,
    original: Moment,
    entry: &Entry,
    clock: &Clock<'_>,
    batch: &mut ImportBatch,
) -> Option<ImportedEvent> {
    let at = original.text();
    if concerns_following(&entry.event) {
        batch.left.push(Left::occurrence(uid, SkipReason::ThisAndFuture, at));
        return None;
    }
    match event::read(&entry.event, clock) {
        Ok(read) => {
            batch.adjusted_titles += usize::from(read.title_adjusted);
            batch.remark(uid, RemarkKind::Orphan, Some(at.clone()));
            Some(single(uid, &at, organized_by(read.event, organizer), batch))
        }
        Err(reason) => {
            batch.left.push(Left::occurrence(uid, reason, at));
            None
        }
    }
}

/// One date of what has a UID, as an event of its own with a UID of its own.
fn single(uid: Option<&str>, at: &str, event: ImportedEvent, batch: &mut ImportBatch) -> ImportedEvent {
    let uid = uid_of_date(uid, at);
    batch.titles.insert(uid.clone(), event.title.clone());
    ImportedEvent { uid: Some(uid), ..event }
}

/// A change that names no organiser has that of its series: an occurrence
/// cannot change hands.
fn organized_by(event: ImportedEvent, organizer: Option<&str>) -> ImportedEvent {
    let organizer = event.organizer.or_else(|| organizer.map(str::to_owned));
    ImportedEvent { organizer, ..event }
}

fn concerns_following(event: &Event) -> bool {
    let range = event.properties().get("RECURRENCE-ID").and_then(|id| id.params().get("RANGE"));
    range.is_some_and(|range| range.value().eq_ignore_ascii_case("THISANDFUTURE"))
}

/// A series while it is read.
struct Expansion {
    /// What every date says.
    master: ImportedEvent,
    /// The rule, where there is one, and its dates as far as they matter.
    series: Option<ImportedSeries>,
    dates: BTreeSet<NaiveDate>,
    /// Dates that no rule has, by their start, and what is said there.
    extra: BTreeMap<DateTime<Utc>, (RemarkKind, ImportedEvent)>,
    /// Changed occurrences that neither the rule nor an additional date has.
    orphans: Vec<ImportedEvent>,
    /// Additional dates that were taken out again, as reports name them.
    excluded: BTreeSet<String>,
    /// Whether there is anything but the start.
    repeats: bool,
}

/// How far dates are looked up beyond the one that is asked for, so that the
/// many excluded dates of a long series do not each expand it again.
const LOOK_AHEAD: Days = Days::new(4000);

impl Expansion {
    /// Reads the master, its rule and its additional dates.
    fn of(entry: &Entry, clock: &Clock<'_>, batch: &mut ImportBatch) -> Result<Self, Refusal> {
        let refused = |reason| Refusal { reason, part: String::new() };
        let ReadEvent { event: mut master, clock: kind, title_adjusted } =
            event::read(&entry.event, clock).map_err(refused)?;
        if entry.rules > 1 || entry.event.properties().contains_key("EXRULE") {
            return Err(refused(SkipReason::SeveralRules));
        }
        let rule = entry.event.property_value("RRULE").map(Rule::parse).transpose()?;
        let repeats = rule.is_some() || entry.event.multi_properties().contains_key("RDATE");
        if let (true, Some(ClockKind::Utc), EventTime::Timed(timed)) = (repeats, kind, &mut master.time) {
            // A rule in UTC repeats in UTC, whatever zone the calendar has.
            timed.zone = ZoneName(Tz::UTC);
        }
        let uid = master.uid.clone();
        let mut expansion = Self {
            master,
            series: None,
            dates: BTreeSet::new(),
            extra: BTreeMap::new(),
            orphans: Vec::new(),
            excluded: BTreeSet::new(),
            repeats,
        };
        if let Some(rule) = rule {
            expansion.follow(&rule, uid.as_deref(), batch)?;
        } else {
            expansion.add_extra(RemarkKind::ExtraDate, expansion.master.time);
        }
        let remark = match kind {
            Some(ClockKind::Floating) => Some(RemarkKind::FloatingSeries),
            Some(ClockKind::Utc) if clock.of_utc != Tz::UTC => Some(RemarkKind::UtcSeries),
            Some(ClockKind::Utc | ClockKind::Named) | None => None,
        };
        if let Some(remark) = remark.filter(|_| repeats) {
            batch.remark(uid.as_deref(), remark, None);
        }
        expansion.add_dates(&entry.event, clock, batch);
        batch.adjusted_titles += usize::from(title_adjusted);
        Ok(expansion)
    }

    /// Follows the rule from the start on.
    fn follow(&mut self, rule: &Rule, uid: Option<&str>, batch: &mut ImportBatch) -> Result<(), Refusal> {
        let start = match &self.master.time {
            EventTime::AllDay(days) => Start { date: days.start_on, time: None },
            EventTime::Timed(timed) => {
                let wall = to_wall(timed.start, timed.zone.0);
                Start { date: wall.date(), time: Some((wall.time(), timed.zone.0)) }
            }
        };
        let rule_dates = recurrence(rule, start)?;
        let first = rule_dates.dates().next();
        let ends_before_start = matches!(rule_dates.end, End::On(last) if last < start.date);
        if ends_before_start || rule_dates.end == End::After(0) {
            return Err(Refusal { reason: SkipReason::EmptySeries, part: String::new() });
        }
        let Some(first) = first else {
            self.add_extra(RemarkKind::StartOffRule, self.master.time);
            return Ok(());
        };
        if first != start.date {
            // The standard counts the start in although the rule does not have
            // it, and leaves open whether COUNT does. As in other programs,
            // COUNT is about the dates of the rule, so that none is lost.
            self.add_extra(RemarkKind::StartOffRule, self.master.time);
        }
        // The interval is counted from the start: the first date lies in a
        // period that counts, so it can take the start's place.
        let moved = Recurrence { start: first, ..rule_dates };
        let master = self.master.clone();
        let mut series = ImportedSeries { master, rule: moved, exceptions: BTreeMap::new(), beside: Vec::new() };
        series.master.time = series.time_on(first);
        if let (RuleEnd::Day(last), Some(_)) = (rule.end, start.time) {
            batch.remark(uid, RemarkKind::UntilIsADate, Some(series.original_start(last)));
        }
        self.series = Some(series);
        Ok(())
    }

    fn add_extra(&mut self, kind: RemarkKind, time: EventTime) {
        let at = start_instant(&time);
        self.extra.entry(at).or_insert((kind, ImportedEvent { time, ..self.master.clone() }));
    }

    /// Adds the dates of `RDATE` that the rule does not have.
    fn add_dates(&mut self, event: &Event, clock: &Clock<'_>, batch: &mut ImportBatch) {
        let uid = self.master.uid.clone();
        for property in event.multi_properties().get("RDATE").into_iter().flatten() {
            for (text, date) in moment::several(property, clock) {
                let time = date.and_then(|date| self.time_of_extra(date));
                match time {
                    Ok((moment, _)) if self.date_on_rule(moment).is_some() => {}
                    Ok((_, time)) => self.add_extra(RemarkKind::ExtraDate, time),
                    Err(reason) => batch.left.push(Left::value(uid.as_deref(), reason, "RDATE", text)),
                }
            }
        }
    }

    /// When an additional date takes place: as long as the start does, unless
    /// it says otherwise.
    fn time_of_extra(&self, date: ExtraDate) -> Result<(Moment, EventTime), SkipReason> {
        let time = match (date.start, &self.master.time) {
            (Moment::Day(day), EventTime::AllDay(days)) => {
                EventTime::AllDay(AllDay { start_on: day, end_before: day + (days.end_before - days.start_on) })
            }
            (Moment::Time(start), EventTime::Timed(timed)) => {
                let zone = timed.zone.0;
                let length = to_wall(timed.end, zone) - to_wall(timed.start, zone);
                let end = date.end.unwrap_or_else(|| to_utc(to_wall(start.instant, zone) + length, zone));
                EventTime::Timed(Timed { start: start.instant, end, zone: timed.zone })
            }
            (Moment::Day(_), EventTime::Timed(_)) | (Moment::Time(_), EventTime::AllDay(_)) => {
                return Err(SkipReason::UnreadableDate);
            }
        };
        Ok((date.start, time))
    }

    /// The date of the rule that a moment names, if there is one. A date alone
    /// names the occurrence of that day.
    fn date_on_rule(&mut self, moment: Moment) -> Option<NaiveDate> {
        let series = self.series.as_ref()?;
        let date = match (moment, &series.master.time) {
            (Moment::Day(day), _) => day,
            (Moment::Time(reading), EventTime::AllDay(_)) => reading.wall.date(),
            (Moment::Time(reading), EventTime::Timed(timed)) => {
                let date = to_wall(reading.instant, timed.zone.0).date();
                let is_start = start_instant(&series.time_on(date)) == reading.instant;
                if !is_start {
                    return None;
                }
                date
            }
        };
        if self.dates.last().is_none_or(|last| *last < date) {
            let until = date.checked_add_days(LOOK_AHEAD).unwrap_or(date);
            self.dates = series.rule.dates().take_while(|known| *known <= until).collect();
        }
        self.dates.contains(&date).then_some(date)
    }

    /// The additional date that a moment names.
    fn extra_at(&self, moment: Moment) -> Option<DateTime<Utc>> {
        let names = |at: &&DateTime<Utc>, time: &EventTime| match (moment, time) {
            (Moment::Time(reading), EventTime::Timed(_)) => reading.instant == **at,
            (Moment::Time(reading), EventTime::AllDay(days)) => reading.wall.date() == days.start_on,
            (Moment::Day(day), EventTime::AllDay(days)) => day == days.start_on,
            (Moment::Day(day), EventTime::Timed(timed)) => day == to_wall(timed.start, timed.zone.0).date(),
        };
        self.extra.iter().find(|(at, (_, event))| names(at, &event.time)).map(|(at, _)| *at)
    }

    /// Takes the dates of `EXDATE` out. One that names nothing changes nothing.
    fn remove_excluded(&mut self, event: &Event, clock: &Clock<'_>, batch: &mut ImportBatch) {
        let uid = self.master.uid.clone();
        for property in event.multi_properties().get("EXDATE").into_iter().flatten() {
            for (text, date) in moment::several(property, clock) {
                match date {
                    Ok(date) => self.cancel(date.start),
                    Err(reason) => batch.left.push(Left::value(uid.as_deref(), reason, "EXDATE", text)),
                }
            }
        }
    }

    fn cancel(&mut self, moment: Moment) {
        if let Some(date) = self.date_on_rule(moment) {
            if let Some(series) = &mut self.series {
                series.exceptions.insert(date, OccurrenceChange::Cancelled);
            }
        } else if let Some((_, (_, event))) = self.extra_at(moment).and_then(|at| self.extra.remove_entry(&at)) {
            self.excluded.insert(start_text(&event.time));
        }
    }

    /// Applies a changed occurrence. What was excluded stays excluded.
    fn change(&mut self, original: Moment, entry: &Entry, clock: &Clock<'_>, batch: &mut ImportBatch) {
        let uid = self.master.uid.clone();
        let left = |reason| Left::occurrence(uid.as_deref(), reason, original.text());
        if concerns_following(&entry.event) {
            batch.left.push(left(SkipReason::ThisAndFuture));
            return;
        }
        if is_cancelled(&entry.event) {
            self.cancel(original);
            return;
        }
        let date = self.date_on_rule(original);
        let extra = self.extra_at(original);
        if self.is_excluded(date, original) {
            batch.left.push(left(SkipReason::Cancelled));
            return;
        }
        if date.is_none() && extra.is_none() {
            let organizer = self.master.organizer.as_deref();
            self.orphans.extend(beside_series(uid.as_deref(), organizer, original, entry, clock, batch));
            return;
        }
        let read = match event::read(&entry.event, clock) {
            Ok(read) => read,
            Err(reason) => {
                batch.left.push(left(reason));
                return;
            }
        };
        batch.adjusted_titles += usize::from(read.title_adjusted);
        let changed = organized_by(read.event, self.master.organizer.as_deref());
        match (date, extra, &mut self.series) {
            (Some(date), _, Some(series)) => series.change(date, changed),
            (_, Some(at), _) => {
                if let Some((_, event)) = self.extra.get_mut(&at) {
                    *event = changed;
                }
            }
            (_, None, _) => {}
        }
    }

    /// Whether `EXDATE` took the occurrence out that a change is about.
    fn is_excluded(&self, date: Option<NaiveDate>, original: Moment) -> bool {
        let exceptions = self.series.as_ref().map(|series| &series.exceptions);
        let on_rule = date.and_then(|date| exceptions?.get(&date));
        matches!(on_rule, Some(OccurrenceChange::Cancelled)) || self.excluded.contains(&original.text())
    }

    /// Hands everything over.
    fn finish(self, batch: &mut ImportBatch) {
        let uid = self.master.uid;
        let mut singles = self.orphans;
        for (at, (kind, event)) in self.extra {
            if !self.repeats {
                singles.push(ImportedEvent { uid: uid.clone(), ..event });
                continue;
            }
            let at = match event.time {
                EventTime::AllDay(_) => at.date_naive().to_string(),
                EventTime::Timed(_) => instant_text(at),
            };
            batch.remark(uid.as_deref(), kind, Some(at.clone()));
            singles.push(single(uid.as_deref(), &at, event, batch));
        }
        match self.series {
            Some(series) => batch.series.push(ImportedSeries { beside: singles, ..series }),
            None => batch.events.extend(singles),
        }
    }
}

#[cfg(test)]
mod tests;
