//! Which laws a state was judged by, and what they say to a reader.

/// The laws that are judged on states, by their numbers.
pub const WORDS: [(u8, &str); 7] = [
    (0, "every planned route works before anything is done"),
    (3, "no route gets a 503 that it did not get before"),
    (4, "no request reaches a new pod before the first weight above 0, and none an old one after 100"),
    (5, "the new pods get exactly their weight"),
    (6, "nothing changes but the split and the labels of two subsets"),
    (7, "the way back leads to the texts from before, and the way there to the user's own"),
    (8, "Istio's rules accept what is written"),
];

/// A set of laws.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Laws(u16);

impl Laws {
    /// These laws.
    pub fn of(laws: &[u8]) -> Laws {
        let mut all = Laws::default();
        all.add(laws);
        all
    }

    /// Adds laws.
    pub fn add(&mut self, laws: &[u8]) {
        for law in laws {
            self.0 |= 1 << law;
        }
    }

    /// The numbers, ascending.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        WORDS.iter().map(|(law, _)| *law).filter(move |law| self.0 >> law & 1 == 1)
    }
}
