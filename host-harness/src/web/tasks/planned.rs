//! Tasks of both sides by the days on which they are due: a week next to each
//! other, or a month, as the calendar shows them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::sources::TodoTask;
use super::twins::look_alike;
use super::view::{Seen, is_closed, is_completed};
use super::{href, href_of, microsoft_task};
use crate::crm::TaskId;
use crate::crm::task::Task;
use crate::web::calendar::month::{self, MonthDay};
use crate::web::calendar::sides::{Half, Halves, OnSide, Placed};
use crate::web::calendar::view::{Period, Shown, View, When};
use crate::web::calendar::week::{self, DayView};

/// How tasks are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// All of them, by due date.
    List,
    /// Those of a week, day by day.
    Week,
    /// Those of a month.
    Month,
}

impl Layout {
    /// The layout of a word; the list for any other.
    pub fn of(word: &str) -> Self {
        match word {
            "week" => Self::Week,
            "month" => Self::Month,
            _ => Self::List,
        }
    }
}

/// An address of the same tasks in another layout.
#[derive(Debug, Serialize)]
pub struct LayoutLink {
    label: &'static str,
    href: String,
    current: bool,
}

/// The days of a week or a month.
#[derive(Debug, Serialize)]
pub struct Planned {
    range: String,
    previous_href: String,
    previous_label: &'static str,
    next_href: String,
    next_label: &'static str,
    today_href: String,
    crm_count: usize,
    /// None where that side is not shown.
    microsoft_count: Option<usize>,
    days: Vec<DayView>,
    month: Vec<MonthDay>,
    /// How many tasks have no day to stand on, as a sentence.
    undated: Option<String>,
}

/// Addresses of one user's tasks.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    /// Whose.
    pub login: &'a str,
    /// Whether closed tasks are shown, too.
    pub all: bool,
    /// How they are laid out.
    pub layout: Layout,
    /// The day that is looked at; none for today.
    pub date: Option<NaiveDate>,
}

impl Links<'_> {
    /// The address.
    pub fn to(self) -> String {
        let all = if self.all { "&view=all" } else { "" };
        let layout = match self.layout {
            Layout::List => return format!("{}{all}", href_of(self.login)),
            Layout::Week => "week",
            Layout::Month => "month",
        };
        let date = self.date.map(|date| format!("&date={date}")).unwrap_or_default();
        format!("{}{all}&layout={layout}{date}", href_of(self.login))
    }

    /// The same tasks in each layout.
    pub fn layouts(self) -> Vec<LayoutLink> {
        let link =
            |(layout, label)| LayoutLink { label, href: Self { layout, ..self }.to(), current: layout == self.layout };
        [(Layout::Week, "Week"), (Layout::Month, "Month"), (Layout::List, "List")].map(link).into()
    }
}

/// Tasks with the days on which they stand.
struct Sides {
    crm: Vec<Shown>,
    /// Empty where that side is not shown.
    microsoft: Vec<Shown>,
    /// For each task of the CRM how To Do has it.
    in_todo: Vec<OnSide>,
    /// For each task of To Do how the CRM has it.
    in_crm: Vec<OnSide>,
    undated: usize,
}

/// The days of the layout; none for a list.
pub fn planned(
    product: &str,
    links: Links<'_>,
    seen: Seen<'_>,
    tasks: &[Task],
    todo: Option<&[TodoTask]>,
) -> Option<Planned> {
    let today = seen.now.with_timezone(&seen.dates.zone).date_naive();
    let date = links.date.unwrap_or(today);
    let sides = sides(tasks, todo.unwrap_or_default(), seen);
    let around = |view| Period::around(view, date, seen.dates);
    let (period, range, (previous, next), (previous_label, next_label)) = match links.layout {
        Layout::List => return None,
        Layout::Week => {
            let period = around(View::Week);
            let range = seen.dates.range(period.first, period.last());
            (period, range, (period.previous(), period.next()), ("Previous week", "Next week"))
        }
        Layout::Month => {
            (around(View::Month), seen.dates.month(date), month::beside(date), ("Previous month", "Next month"))
        }
    };
    let (mut days, mut month) = (Vec::new(), Vec::new());
    if links.layout == Layout::Week {
        days = week::days(product, period, (seen.dates, today), &sides.halves(todo.is_some()));
    } else {
        let of = month::Days { date, dates: seen.dates, today, product };
        let week_of = |day| Links { layout: Layout::Week, date: Some(day), ..links }.to();
        month = of.of(&sides.placed(seen, todo.is_some()), week_of);
    }
    let at = |date| Links { date, ..links }.to();
    let count = |side: &[Shown]| side.iter().filter(|shown| shown.touches(period, seen.dates.zone)).count();
    Some(Planned {
        range,
        previous_href: at(Some(previous)),
        previous_label,
        next_href: at(Some(next)),
        next_label,
        today_href: at(None),
        crm_count: count(&sides.crm),
        microsoft_count: todo.map(|_| count(&sides.microsoft)),
        undated: undated(sides.undated),
        days,
        month,
    })
}

fn undated(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("One task has no due date; the list shows it.".to_owned()),
        count => Some(format!("{count} tasks have no due date; the list shows them.")),
    }
}

fn sides(tasks: &[Task], todo: &[TodoTask], seen: Seen<'_>) -> Sides {
    let ours: BTreeMap<TaskId, &Task> = tasks.iter().map(|task| (task.id, task)).collect();
    let theirs: BTreeMap<TaskId, &TodoTask> = todo.iter().filter_map(|task| Some((task.crm_id?, task))).collect();
    let how = |task: Option<&&Task>, other: Option<&&TodoTask>| match task.zip(other) {
        None => OnSide::Absent,
        Some((task, other)) if look_alike(seen.owner_zone, task, other) => OnSide::Present,
        Some(_) => OnSide::Differs,
    };
    let tasks: Vec<&Task> = tasks.iter().filter(|task| seen.all || !is_closed(task)).collect();
    let todo: Vec<&TodoTask> = todo.iter().filter(|task| seen.all || !is_completed(task)).collect();
    let dated = |task: &&&Task| task.values.due_date.is_some();
    let undated =
        tasks.iter().filter(|task| !dated(task)).count() + todo.iter().filter(|task| task.due_on.is_none()).count();
    let tasks: Vec<&Task> = tasks.iter().filter(dated).copied().collect();
    let todo: Vec<&TodoTask> = todo.into_iter().filter(|task| task.due_on.is_some()).collect();
    let in_crm = |other: &TodoTask| how(other.crm_id.and_then(|id| ours.get(&id)), Some(&other));
    Sides {
        in_todo: tasks.iter().map(|task| how(Some(task), theirs.get(&task.id))).collect(),
        in_crm: todo.iter().map(|other| in_crm(other)).collect(),
        crm: tasks.iter().filter_map(|task| of_crm(task)).collect(),
        microsoft: todo.iter().filter_map(|task| of_todo(task, seen)).collect(),
        undated,
    }
}

fn of_crm(task: &Task) -> Option<Shown> {
    let due = task.values.due_date?;
    Some(Shown {
        title: task.values.subject.clone(),
        when: When::Timed { start: due, end: due },
        href: Some(href(task.id)),
        cancelled: false,
        note: is_closed(task).then_some("Closed"),
        // Which tasks are one stands beside them, in `Sides`.
        identity: None,
    })
}

fn of_todo(task: &TodoTask, seen: Seen<'_>) -> Option<Shown> {
    Some(Shown {
        title: task.title.clone(),
        when: When::Due(task.due_on?),
        href: Some(microsoft_task::href_of(seen.login, &task.id)),
        cancelled: false,
        note: is_completed(task).then_some("Completed"),
        identity: None,
    })
}

impl Sides {
    /// The tasks of each side by itself.
    fn halves(&self, is_microsoft_shown: bool) -> Halves<'_> {
        let crm = self
            .crm
            .iter()
            .zip(&self.in_todo)
            .map(|(shown, in_todo)| Half { shown, elsewhere: is_microsoft_shown.then_some(*in_todo) });
        let microsoft = self.microsoft.iter().zip(&self.in_crm);
        let microsoft = microsoft.map(|(shown, in_crm)| Half { shown, elsewhere: Some(*in_crm) });
        Halves { crm: crm.collect(), microsoft: microsoft.collect() }
    }

    /// Each task once, with the sides that it is on.
    fn placed(&self, seen: Seen<'_>, is_microsoft_shown: bool) -> Vec<Placed<'_>> {
        let crm = self.crm.iter().zip(&self.in_todo).map(|(shown, in_todo)| Placed {
            shown,
            in_crm: OnSide::Present,
            in_microsoft: is_microsoft_shown.then_some(*in_todo),
        });
        // What looks alike stands here already, for both.
        let left = self.microsoft.iter().zip(&self.in_crm).filter(|(_, in_crm)| **in_crm != OnSide::Present);
        let microsoft =
            left.map(|(shown, in_crm)| Placed { shown, in_crm: *in_crm, in_microsoft: Some(OnSide::Present) });
        let mut placed: Vec<Placed<'_>> = crm.chain(microsoft).collect();
        placed.sort_by(|a, b| a.shown.compare(b.shown, seen.dates.zone));
        placed
    }
}
