//! Which tasks of the two sides stand for each other on the page.
//!
//! A task of To Do with a link to the page of a task of the CRM is that task. The
//! page knows nothing else of what the component has linked, as little as a
//! person who compares the two lists: what is called the same is taken for the
//! same, where several are called so, first what is due on the same day.

use chrono::NaiveDate;

use crate::crm::TaskId;

/// What a task is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The task of the CRM that it is, as far as it says so.
    pub crm_id: Option<TaskId>,
    /// What it is called.
    pub title: String,
    /// The day on which it is due.
    pub due_on: Option<NaiveDate>,
}

/// The rules, the surest first.
const RULES: [fn(&Mark, &Mark) -> bool; 3] = [
    |one, other| one.crm_id.is_some() && one.crm_id == other.crm_id,
    |one, other| one.title == other.title && one.due_on == other.due_on,
    |one, other| one.title == other.title,
];

/// For each task of one side the place of its partner on the other one. No task
/// has two.
pub fn partners(tasks: &[Mark], others: &[Mark]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; tasks.len()];
    let mut free = vec![true; others.len()];
    for is_same in RULES {
        for (task, partner) in tasks.iter().zip(&mut found).filter(|(_, partner)| partner.is_none()) {
            let mut places = others.iter().zip(&mut free).enumerate();
            if let Some((place, (_, free))) = places.find(|(_, (other, free))| **free && is_same(task, other)) {
                *free = false;
                *partner = Some(place);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(crm_id: &str, title: &str, due_on: &str) -> Mark {
        Mark { crm_id: crm_id.parse().ok(), title: title.to_owned(), due_on: due_on.parse().ok() }
    }

    #[test]
    fn a_task_has_at_most_one_partner_and_the_surest_rule_finds_it() {
        let crm = [
            mark("1", "Call", "2026-03-05"),
            mark("2", "Call", "2026-03-06"),
            mark("3", "Call", ""),
            mark("4", "Write", ""),
        ];
        let todo = [mark("", "Call", "2026-03-06"), mark("", "Read", ""), mark("", "Call", "2026-03-07")];
        assert_eq!(partners(&crm, &todo), [Some(2), Some(0), None, None], "by day, then by name");
        let renamed = [mark("", "Call", "2026-03-05"), mark("1", "Phone", "")];
        assert_eq!(partners(&crm, &renamed), [Some(1), Some(0), None, None], "the link goes before the name");
        assert_eq!(partners(&crm, &[]), [None; 4]);
    }
}
