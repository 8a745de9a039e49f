//! Decimal numbers as they are written, compared without floating point.

use crate::text::number;
use std::cmp::Ordering;

use crate::value::{Data, Value};

/// How many digits count: two more than a double can tell apart.
const DIGITS: u32 = 19;

/// `0.ddd… × 10^magnitude`, with [`DIGITS`] digits of which the first is not zero, unless all are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Decimal {
    is_negative: bool,
    digits: u64,
    magnitude: i32,
}

impl Decimal {
    pub(super) const ZERO: Decimal = Decimal { is_negative: false, digits: 0, magnitude: 0 };
    pub(super) const ONE: Decimal = Decimal::power_of_ten(0);
    pub(super) const HUNDRED: Decimal = Decimal::power_of_ten(2);

    /// Ten to this power.
    pub(super) const fn power_of_ten(power: i32) -> Decimal {
        Decimal { is_negative: false, digits: 10_u64.pow(DIGITS - 1), magnitude: power + 1 }
    }

    /// The number that a value is; `None` for what is none, and for infinity and its like.
    pub(super) fn of(value: &Value) -> Option<Decimal> {
        match &value.data {
            Data::Int(number) => {
                let mut decimal = Builder { is_negative: *number < 0, ..Builder::default() };
                let size = number.unsigned_abs();
                let mut place = 10_u64.pow(DIGITS - 1);
                while place > 0 {
                    decimal.push(u8::try_from(size / place % 10).unwrap_or_default(), 1);
                    place /= 10;
                }
                Some(decimal.finish(0))
            }
            Data::Float(text) => parse(text),
            _ => None,
        }
    }
}

/// A percentage as numerator and denominator of one; beyond 19 places it is cut off. `None` for what is no number, and
/// below 0.
pub(super) fn percentage(value: &Value) -> Option<(u64, u64)> {
    let Decimal { is_negative: false, mut digits, magnitude } = Decimal::of(value)? else { return None };
    let mut places = u32::try_from(2_i32.checked_add(DIGITS.cast_signed())?.checked_sub(magnitude)?).ok()?;
    while places > DIGITS || (places > 0 && digits % 10 == 0) {
        (digits, places) = (digits / 10, places - 1);
        if digits == 0 {
            return Some((0, 1));
        }
    }
    Some((digits, 10_u64.pow(places)))
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        let sign = |number: &Decimal| match (number.digits, number.is_negative) {
            (0, _) => 0_i8,
            (_, true) => -1,
            (_, false) => 1,
        };
        let size = (self.magnitude, self.digits).cmp(&(other.magnitude, other.digits));
        Some(match (sign(self), sign(other)) {
            (1, 1) => size,
            (-1, -1) => size.reverse(),
            (left, right) => left.cmp(&right),
        })
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let mut decimal = Builder { is_negative: text.starts_with('-'), ..Builder::default() };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let mut whole = 1;
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => decimal.push(byte - b'0', whole),
            b'.' if whole == 1 => whole = 0,
            b'_' => {}
            _ => return None,
        }
    }
    Some(decimal.finish(i32::try_from(number(exponent)?).ok()?))
}

#[derive(Default)]
struct Builder {
    is_negative: bool,
    digits: u64,
    count: u32,
    magnitude: i32,
}

impl Builder {
    /// Adds a digit, which is worth one power of ten more before the point (`whole` is 1) than behind it (0).
    fn push(&mut self, digit: u8, whole: i32) {
        let is_leading = self.count == 0 && digit == 0;
        if is_leading {
            self.magnitude += whole - 1;
            return;
        }
        self.magnitude += whole;
        if self.count < DIGITS {
            self.digits = self.digits * 10 + u64::from(digit);
            self.count += 1;
        }
    }

    fn finish(self, exponent: i32) -> Decimal {
        let scale = 10_u64.pow(DIGITS - self.count);
        Decimal {
            is_negative: self.is_negative,
            digits: self.digits.saturating_mul(scale),
            magnitude: self.magnitude.saturating_add(exponent),
        }
    }
}
