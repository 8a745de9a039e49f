//! What the laws say to a reader.

/// The laws that states are judged by, with their numbers.
pub const WORDS: [(u8, &str); 7] = [
    (0, "every planned route works before anything is done"),
    (3, "no route gets a 503 that it did not get before"),
    (4, "no request reaches a new pod before the first weight above 0, and none an old one after 100"),
    (5, "the new pods get exactly their weight"),
    (6, "nothing changes but the split and the labels of two subsets"),
    (7, "the way back leads to the texts from before, and the way there to the user's own"),
    (8, "Istio's rules accept what is written"),
];
