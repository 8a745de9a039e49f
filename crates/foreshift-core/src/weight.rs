//! Weights that add up: the active side's share is derived, never given.

/// A share of a route in percent, from 0 to 100.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Weight(u8);

/// The greatest weight of one destination: Istio's field is an `int32`.
pub const LIMIT_WEIGHT: i64 = i32::MAX as i64;

/// The greatest sum of the weights of a route: Envoy's limit.
pub const LIMIT_SUM: i64 = u32::MAX as i64;

impl Weight {
    /// Nothing goes to the canary.
    pub const NONE: Weight = Weight(0);
    /// Everything goes to the canary.
    pub const ALL: Weight = Weight(100);

    /// A weight; `None` over 100.
    pub fn new(percent: u8) -> Option<Weight> {
        (percent <= 100).then_some(Weight(percent))
    }

    /// In percent.
    pub fn percent(self) -> u8 {
        self.0
    }
}

/// What the weights of a route become in one state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shares {
    /// Of the active destination.
    pub active: i64,
    /// Of the canary destination.
    pub canary: i64,
    /// What every other weight is multiplied by.
    pub factor: i64,
}

/// Divides the weight of the active destination.
///
/// `active` is its weight beside others, `None` where it is the only destination and counts as 100. The factor is the
/// smallest one that makes every share a whole number; nothing is rounded.
pub fn divide(active: Option<i64>, weight: Weight) -> Shares {
    let percent = i64::from(weight.0);
    let Some(active) = active else { return Shares { active: 100 - percent, canary: percent, factor: 1 } };
    let factor = 100 / gcd(100, active * percent);
    let canary = active * factor * percent / 100;
    Shares { active: active * factor - canary, canary, factor }
}

/// The greatest common divisor.
pub(crate) fn gcd(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.abs().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_for_every_weight() {
        for active in [1, 3, 7, 33, 49, 50, 99, 100, 1000, 21_474_836] {
            for percent in 0..=100 {
                let shares = divide(Some(active), Weight(percent));
                assert_eq!(shares.active + shares.canary, active * shares.factor);
                assert_eq!(shares.canary * 100, active * shares.factor * i64::from(percent));
                let smaller = (1..shares.factor).any(|factor| active * factor * i64::from(percent) % 100 == 0);
                assert!(!smaller, "{active} {percent} {shares:?}");
            }
        }
    }
}
