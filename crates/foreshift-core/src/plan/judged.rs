//! Which laws a state was judged by.

/// A set of laws, by their numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Laws(u16);

impl Laws {
    /// Adds laws; there are fewer than 16.
    pub fn add(&mut self, laws: &[u8]) {
        for law in laws {
            self.0 |= 1 << law;
        }
    }

    /// The numbers, ascending.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |law| self.0 >> law & 1 == 1)
    }
}
