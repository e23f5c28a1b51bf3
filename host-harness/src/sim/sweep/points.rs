//! Where a run can be interrupted, and how.

use tandem_runtime::Interruption;

use crate::sim::operation::FaultKind;

/// What a sweep does to its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One call to the host is not made, and fails.
    Fails,
    /// One call to the host is made, and fails all the same.
    Lost,
    /// The instance is torn down after one of its calls to the host.
    TornDown,
    /// The instance is torn down after any of its computing.
    RunsDry,
    /// One request to Microsoft meets a fault.
    Fault(FaultKind),
    /// The same; the kinds of faults take turns.
    FaultsInTurn,
}

/// One place of a run, and what happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// This call to the host is not made, and fails.
    Fails(u64),
    /// This call to the host is made, and fails all the same.
    Lost(u64),
    /// The instance is torn down after so many calls to the host.
    TornDown(u64),
    /// The instance is torn down once it has used so much fuel.
    RunsDry(u64),
    /// After so many requests, one meets a fault.
    Fault(FaultKind, u32),
}

/// What an undisturbed run is made of.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Calls to the host that could have failed.
    pub begun: u64,
    /// Calls to the host after which it could have been torn down.
    pub made: u64,
    /// What it has computed.
    pub fuel: u64,
    /// Requests to Microsoft, with the parts of batches: whether the answer to each
    /// has a body.
    pub requests: Vec<bool>,
}

impl Kind {
    /// All points of a run; of fuel, so many at equal distances.
    pub fn points(self, extent: &Extent, fuel_points: u64) -> Vec<Point> {
        match self {
            Self::Fails => (1..=extent.begun).map(Point::Fails).collect(),
            Self::Lost => (1..=extent.begun).map(Point::Lost).collect(),
            Self::TornDown => (1..=extent.made).map(Point::TornDown).collect(),
            Self::RunsDry => {
                let count = u128::from(fuel_points.max(1));
                let at = |number: u128| u64::try_from(u128::from(extent.fuel) * number / count).unwrap_or(extent.fuel);
                (0..count).map(|number| Point::RunsDry(at(number))).collect()
            }
            Self::Fault(kind) => extent.faults(std::iter::repeat(kind)),
            Self::FaultsInTurn => extent.faults(FaultKind::ALL.into_iter().cycle()),
        }
    }
}

impl Extent {
    /// A fault at each request that has something which it could be a fault of.
    fn faults(&self, kinds: impl Iterator<Item = FaultKind>) -> Vec<Point> {
        (0..)
            .zip(&self.requests)
            .zip(kinds)
            .filter(|((_, has_body), kind)| **has_body || !kind.is_of_the_body())
            .map(|((skip, _), kind)| Point::Fault(kind, skip))
            .collect()
    }
}

impl Point {
    /// What the host does for it.
    pub(super) fn interruption(self) -> Option<Interruption> {
        match self {
            Self::Fails(at) => Some(Interruption::Fail { at }),
            Self::Lost(at) => Some(Interruption::Lose { at }),
            Self::TornDown(after) => Some(Interruption::TearDown { after }),
            Self::RunsDry(after) => Some(Interruption::RunDry { after }),
            Self::Fault(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent() -> Extent {
        Extent { begun: 2, made: 3, fuel: 100, requests: vec![true, false] }
    }

    #[test]
    fn every_call_and_every_request_is_a_point() {
        assert_eq!(Kind::Fails.points(&extent(), 9), [Point::Fails(1), Point::Fails(2)]);
        assert_eq!(Kind::TornDown.points(&extent(), 9).len(), 3);
        let fault = Kind::Fault(FaultKind::Gone);
        assert_eq!(fault.points(&extent(), 9), [0, 1].map(|skip| Point::Fault(FaultKind::Gone, skip)));
        let of_a_body = Kind::Fault(FaultKind::Truncate);
        assert_eq!(of_a_body.points(&extent(), 9), [Point::Fault(FaultKind::Truncate, 0)]);
    }

    #[test]
    fn points_of_fuel_begin_with_none_and_end_before_all_of_it() {
        let points = Kind::RunsDry.points(&extent(), 4);
        assert_eq!(points, [0, 25, 50, 75].map(Point::RunsDry));
    }
}
