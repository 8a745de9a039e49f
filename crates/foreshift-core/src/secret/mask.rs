//! What stands in the place of a value.

use std::fmt::Write as _;

use crate::kubernetes::Fnv;

/// How many digits of the digest a mask has.
const DIGITS: usize = 8;

/// The mask of a value of a Secret: `*** (1f2e3d4c)`.
///
/// The digest has 32 bits: enough to see that a value changes, and far too few to find out one that is not guessed. The
/// Secret's name and the value's place go in, so that the same value in two places has two masks.
pub(super) fn mask(secret: &str, place: &str, value: &str) -> String {
    let mut hash = Fnv::default();
    for part in [secret, place, value] {
        hash.bytes(part.as_bytes());
        hash.bytes(&[0]);
    }
    let mut mask = String::new();
    let _ = write!(mask, "*** ({:08x})", hash.digest());
    mask
}

/// Whether a text is a mask already.
pub(super) fn is_mask(text: &str) -> bool {
    let digits = text.strip_prefix("*** (").and_then(|rest| rest.strip_suffix(')'));
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(is_digit))
}
