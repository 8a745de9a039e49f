//! Exact parts of one.

/// A fraction in lowest terms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ratio {
    numerator: u64,
    denominator: u64,
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
        let (mut left, mut right) = (numerator, denominator);
        while right != 0 {
            (left, right) = (right, left % right);
        }
        let fits = |part: u128| u64::try_from(part.checked_div(left).unwrap_or(0)).unwrap_or(u64::MAX);
        if denominator == 0 {
            Ratio::ZERO
        } else {
            Ratio { numerator: fits(numerator), denominator: fits(denominator) }
        }
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
