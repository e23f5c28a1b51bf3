//! Which records of conflicts a quiet period has to do with: those that were made
//! since the last one. An old record pays no new debt.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sim::operation::Who;
use crate::sim::words::{item_of, text};

/// The records that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Records {
    seen: BTreeSet<(Who, String)>,
}

impl Records {
    /// Those of a user that nobody has looked at yet. One about an item that is left
    /// open now may still be what becomes of it, and is looked at once more.
    pub fn fresh(&mut self, who: Who, records: &[Value], is_open: impl Fn(u32) -> bool) -> Vec<Value> {
        let mut fresh = Vec::new();
        for record in records {
            let key = (who, text(record, "id").to_owned());
            if self.seen.contains(&key) {
                continue;
            }
            if !item_of(text(record, "title")).is_some_and(&is_open) {
                self.seen.insert(key);
            }
            fresh.push(record.clone());
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_looked_at_once_unless_its_item_is_left_open() {
        let mut records = Records::default();
        let all = [json!({"id": "a", "title": "E1 v2"}), json!({"id": "b", "title": "E2 v1"})];
        let mut fresh = |who, open: &[u32]| {
            let fresh = records.fresh(who, &all, |item| open.contains(&item));
            fresh.iter().map(|record| text(record, "id").to_owned()).collect::<String>()
        };
        assert_eq!(fresh(Who::Carl, &[2]), "ab");
        assert_eq!(fresh(Who::Carl, &[]), "b");
        assert_eq!(fresh(Who::Carl, &[]), "");
        assert_eq!(fresh(Who::Anna, &[]), "ab");
    }
}
