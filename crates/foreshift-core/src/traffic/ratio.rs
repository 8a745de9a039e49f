//! Exact parts of one.

/// A fraction in lowest terms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ratio {
    numerator: u64,
    denominator: u64,
}

impl Default for Ratio {
    fn default() -> Ratio {
        Ratio::ZERO
    }
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio { numerator: 0, denominator: 1 };
    /// All of it.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// `numerator / denominator`; nothing where the denominator is 0.
    pub fn new(numerator: u64, denominator: u64) -> Ratio {
        Ratio::reduced(u128::from(numerator), u128::from(denominator))
    }

    fn reduced(numerator: u128, denominator: u128) -> Ratio {
        if denominator == 0 {
            return Ratio::ZERO;
        }
        let divisor = divisor(numerator, denominator);
        let twos = divisor.trailing_zeros();
        let inverse = inverse(divisor >> twos);
        let fits = |part: u128| u64::try_from((part >> twos).wrapping_mul(inverse)).unwrap_or(u64::MAX);
        Ratio { numerator: fits(numerator), denominator: fits(denominator) }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Ratio) -> Ratio {
        if self.denominator == other.denominator {
            return Ratio::reduced(u128::from(self.numerator) + u128::from(other.numerator), self.denominator.into());
        }
        let (a, b) = (u128::from(self.numerator), u128::from(self.denominator));
        let (c, d) = (u128::from(other.numerator), u128::from(other.denominator));
        Ratio::reduced(a * d + c * b, b * d)
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Ratio) -> Ratio {
        if self == Ratio::ONE {
            return other;
        }
        if other == Ratio::ONE {
            return self;
        }
        let numerator = u128::from(self.numerator) * u128::from(other.numerator);
        Ratio::reduced(numerator, u128::from(self.denominator) * u128::from(other.denominator))
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Whether it is more than `other`.
    pub fn exceeds(self, other: Ratio) -> bool {
        u128::from(self.numerator) * u128::from(other.denominator)
            > u128::from(other.numerator) * u128::from(self.denominator)
    }

    /// In percent, exactly, as numerator and denominator in lowest terms.
    pub fn percent(self) -> (u64, u64) {
        let percent = Ratio::new(100, 1).times(self);
        (percent.numerator, percent.denominator)
    }
}

/// The greatest common divisor; the second is not 0. Without a division, which is slow and large for 128 bits.
fn divisor(mut left: u128, mut right: u128) -> u128 {
    let twos = (left | right).trailing_zeros();
    right >>= right.trailing_zeros();
    while left != 0 {
        left >>= left.trailing_zeros();
        (left, right) = (left.abs_diff(right), left.min(right));
    }
    right << twos
}

/// What an odd number is multiplied by to be 1 in 128 bits, and its multiples to be divided by it. Newton's method: three
/// bits are right at first, and each time twice as many.
fn inverse(odd: u128) -> u128 {
    (0..6).fold(odd, |known, _| known.wrapping_mul(2_u128.wrapping_sub(odd.wrapping_mul(known))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduces_as_euclid_does() {
        let numbers = [0, 1, 2, 3, 7, 10, 36, 100, 4_294_967_295, 1 << 63, u128::from(u64::MAX), (1 << 100) - 36];
        for numerator in numbers {
            for denominator in numbers.into_iter().filter(|number| *number > 0) {
                let (mut left, mut right) = (numerator, denominator);
                while right != 0 {
                    (left, right) = (right, left % right);
                }
                let fits = |part: u128| u64::try_from(part / left).unwrap_or(u64::MAX);
                let wanted = Ratio { numerator: fits(numerator), denominator: fits(denominator) };
                assert_eq!(Ratio::reduced(numerator, denominator), wanted, "{numerator} / {denominator}");
            }
        }
    }
}
