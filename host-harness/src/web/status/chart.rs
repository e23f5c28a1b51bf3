//! The charts of a user's page: bars of what was written and of the lag, one for
//! each of the last runs, as a picture that needs no script. The table of runs has the
//! same numbers, for whoever does not see it or points at nothing.

use serde::Serialize;

use crate::web::dates::Moment;

/// Runs that are shown: what can be told apart at the width of a telephone.
pub const BARS_MAX: usize = 48;

/// Size of the picture in its own units.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 96;

/// The widest bar: a few runs are no blocks.
const BAR_WIDTH_MAX: u32 = WIDTH / 12;

/// Between two bars.
const GAP: u32 = 2;

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
    /// What is said in place of bars that all stand for nothing.
    nothing: Option<String>,
    /// When the run of the first bar began.
    from: Option<Moment>,
    /// The same of the last one, where there are several.
    to: Option<Moment>,
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
    /// When.
    pub at: Moment,
    /// How much, in words.
    pub label: String,
}

impl Chart {
    /// Bars of `values`, the oldest first; the first one stands at the beginning of the
    /// picture and the last one at its end. Where all stand for nothing, `nothing` says of
    /// what, before the runs that it was so in.
    pub fn new(title: &'static str, values: Vec<Value>, in_words: impl Fn(u64) -> String, nothing: &str) -> Self {
        let top = values.iter().map(|value| value.amount).max().unwrap_or(0);
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX).max(1);
        let width = (WIDTH / count).saturating_sub(GAP).clamp(1, BAR_WIDTH_MAX);
        let from = values.first().map(|value| value.at.clone());
        let to = values.last().filter(|_| count > 1).map(|value| value.at.clone());
        let last = values.last().map_or(0, |value| value.amount);
        let when = [&from, &to].into_iter().flatten().map(Moment::text).collect::<Vec<_>>().join(", to ");
        let summary = match count {
            1 => format!("One run, {when}: {}.", in_words(last)),
            count => format!("{count} runs, {when}: at most {}, {} at last.", in_words(top), in_words(last)),
        };
        let bar = |(at, value): (usize, Value)| {
            let height = scaled(value.amount, top);
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            Bar {
                x: (WIDTH - width).saturating_mul(at).checked_div(count - 1).unwrap_or(0),
                y: HEIGHT - height,
                width,
                height,
                label: format!("{}: {}", value.at.text(), value.label),
            }
        };
        Self {
            title,
            summary,
            top: in_words(top),
            nothing: (top == 0).then(|| said_of_all(nothing, count)),
            from,
            to,
            width: WIDTH,
            height: HEIGHT,
            bars: values.into_iter().enumerate().map(bar).collect(),
        }
    }
}

fn said_of_all(nothing: &str, count: u32) -> String {
    match count {
        1 => format!("{nothing} in this run."),
        count => format!("{nothing} in these {count} runs."),
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
    use crate::web::dates::Dates;

    /// A minute of an hour.
    fn moment(minute: usize) -> Moment {
        let instant = format!("2026-03-02T08:{minute:02}:00Z").parse().unwrap();
        Dates::of_zone(chrono_tz::Tz::UTC).moment(instant)
    }

    fn chart(amounts: &[u64]) -> Chart {
        let value = |(at, amount): (usize, &u64)| Value { amount: *amount, at: moment(at), label: String::new() };
        let values = amounts.iter().enumerate().map(value);
        Chart::new("Items", values.collect(), |amount| amount.to_string(), "No items")
    }

    #[test]
    fn the_highest_bar_fills_the_picture_and_none_leaves_it() {
        let bars = chart(&[0, 5, 10, u64::MAX]).bars;
        assert_eq!(bars[3].height, HEIGHT);
        assert_eq!(bars[0].height, BAR_MIN);
        for bar in &bars {
            assert_eq!(bar.y + bar.height, HEIGHT);
        }
    }

    #[test]
    fn the_first_and_the_last_bar_stand_over_their_moments_and_no_bar_over_another() {
        for count in 2..=BARS_MAX {
            let bars = chart(&vec![1; count]).bars;
            let (first, last) = (bars.first().unwrap(), bars.last().unwrap());
            assert_eq!((first.x, last.x + last.width), (0, WIDTH), "{count} bars");
            assert!(bars.windows(2).all(|pair| pair[0].x + pair[0].width < pair[1].x), "{count} bars: {bars:?}");
        }
        let one = chart(&[1]);
        assert_eq!((one.bars[0].x, one.bars[0].width), (0, BAR_WIDTH_MAX));
    }

    #[test]
    fn a_chart_says_what_it_shows_from_when_to_when() {
        let chart_of_many = chart(&[3, 9, 4]);
        assert_eq!(
            chart_of_many.summary,
            "3 runs, Mon, 2 Mar 2026, 08:00, to Mon, 2 Mar 2026, 08:02: at most 9, 4 at last."
        );
        assert_eq!((chart_of_many.from, chart_of_many.to), (Some(moment(0)), Some(moment(2))));
        assert_eq!((chart_of_many.top.as_str(), chart_of_many.nothing), ("9", None));
        let chart_of_one = chart(&[3]);
        assert_eq!((chart_of_one.summary.as_str(), chart_of_one.to), ("One run, Mon, 2 Mar 2026, 08:00: 3.", None));
    }

    #[test]
    fn bars_that_all_stand_for_nothing_are_said_in_words() {
        assert_eq!(chart(&[0]).nothing.as_deref(), Some("No items in this run."));
        assert_eq!(chart(&[0, 0]).nothing.as_deref(), Some("No items in these 2 runs."));
        assert_eq!(chart(&[0, 1]).nothing, None);
    }

    #[test]
    fn no_run_is_no_bar() {
        assert!(chart(&[]).bars.is_empty());
        assert_eq!(chart(&[0, 0]).bars.len(), 2);
    }
}
