//! The shortest history that still fails.
//!
//! Parts are left out, halves first and single operations last, as long as what
//! is left breaks a law. Any violation counts: another one than the first is as
//! good a way to the fault.

use super::history::History;
use super::operation::Operation;
use super::report::{Outcome, Player};

/// How often a history is played again to shorten it: minutes at most.
const REPLAYS_MAX: u32 = 400;

/// Leaves out of a history whatever it can do without and still fail; what it
/// breaks then. `outcome` is that of the whole history.
pub fn shortened(player: &Player, mut history: History, mut outcome: Outcome) -> (History, Outcome) {
    // Nothing behind the first quiet period that found something is needed.
    history.operations.truncate(outcome.played);
    let mut replays = 0;
    let mut size = history.operations.len().div_ceil(2);
    while size > 0 && replays < REPLAYS_MAX {
        let mut at = 0;
        let mut has_shrunk = false;
        while at < history.operations.len() && replays < REPLAYS_MAX {
            let Some(shorter) = without(&history, at, size) else {
                at += size;
                continue;
            };
            replays += 1;
            let tried = player.play(&shorter);
            if tried.violations.is_empty() {
                at += size;
            } else {
                let mut shorter = shorter;
                shorter.operations.truncate(tried.played);
                (history, outcome, has_shrunk) = (shorter, tried, true);
            }
        }
        // A part that was needed may not be any more once another one is gone.
        if size > 1 {
            size /= 2;
        } else if !has_shrunk {
            size = 0;
        }
    }
    (history, outcome)
}

/// The history without a part; none where nothing would be asked of it.
fn without(history: &History, at: usize, size: usize) -> Option<History> {
    let mut shorter = history.clone();
    let end = (at + size).min(shorter.operations.len());
    shorter.operations.drain(at..end);
    if !matches!(shorter.operations.last(), Some(Operation::Quiet)) {
        shorter.operations.push(Operation::Quiet);
    }
    (shorter.operations.len() < history.operations.len()).then_some(shorter)
}
