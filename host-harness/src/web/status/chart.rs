//! The charts of a user's page: bars of what was written and of the lag, one for
//! each of the last runs, as a picture that needs no script. The same numbers are in
//! the table of runs for whoever does not see it.

use serde::Serialize;

/// Runs that are shown: what can be told apart at the width of a telephone.
pub const BARS_MAX: usize = 48;

/// Size of the picture in its own units.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 96;

/// Room for a bar that stands for nothing, so that a run is seen.
const BAR_MIN: u32 = 1;

/// A picture with bars.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    title: &'static str,
    /// What it shows in a sentence, for whoever does not see it.
    summary: String,
    /// What the highest bar stands for.
    top: String,
    width: u32,
    height: u32,
    bars: Vec<Bar>,
}

#[derive(Clone, Debug, Serialize)]
struct Bar {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    label: String,
}

/// One value with what is said about it.
pub struct Value {
    /// The value.
    pub amount: u64,
    /// When, and how much in words.
    pub label: String,
}

impl Chart {
    /// Bars of `values`, the oldest first.
    pub fn new(title: &'static str, values: Vec<Value>, in_words: impl Fn(u64) -> String) -> Self {
        let top = values.iter().map(|value| value.amount).max().unwrap_or(0);
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX).max(1);
        let step = (WIDTH / count).clamp(1, WIDTH / 12);
        let last = values.last().map_or(0, |value| value.amount);
        let bar = |(at, value): (usize, Value)| {
            let height = scaled(value.amount, top);
            Bar {
                x: step.saturating_mul(u32::try_from(at).unwrap_or(0)),
                y: HEIGHT - height,
                width: step.saturating_sub(2).max(1),
                height,
                label: value.label,
            }
        };
        let summary = format!("Of {count} runs: at most {}, {} at last.", in_words(top), in_words(last));
        Self {
            title,
            summary,
            top: in_words(top),
            width: WIDTH,
            height: HEIGHT,
            bars: values.into_iter().enumerate().map(bar).collect(),
        }
    }
}

fn scaled(amount: u64, top: u64) -> u32 {
    let height = (u128::from(amount) * u128::from(HEIGHT)).checked_div(u128::from(top)).unwrap_or(0);
    u32::try_from(height).unwrap_or(HEIGHT).clamp(BAR_MIN, HEIGHT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn chart(amounts: &[u64]) -> Chart {
        let values = amounts.iter().map(|amount| Value { amount: *amount, label: String::new() });
        Chart::new("Items", values.collect(), |amount| amount.to_string())
    }

    #[test]
    fn the_highest_bar_fills_the_picture_and_none_leaves_it() {
        let bars = chart(&[0, 5, 10, u64::MAX]).bars;
        assert_eq!(bars[3].height, HEIGHT);
        assert_eq!(bars[0].height, BAR_MIN);
        for bar in &bars {
            assert_eq!(bar.y + bar.height, HEIGHT);
        }
        let many = chart(&[1; BARS_MAX]);
        let last = many.bars.last().unwrap();
        assert!(last.x + last.width <= WIDTH, "{last:?}");
    }

    #[test]
    fn no_run_is_no_bar() {
        assert!(chart(&[]).bars.is_empty());
        assert_eq!(chart(&[0, 0]).bars.len(), 2);
    }
}
