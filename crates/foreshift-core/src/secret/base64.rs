//! Base64 as Secrets have it: the same value may stand in a text either way.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value as `data` has it.
pub(super) fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len().div_ceil(3) * 4);
    for part in value.as_bytes().chunks(3) {
        let byte = |index: usize| u32::from(part.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * index) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if index > part.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// What stands in `data`, where it is text; white space between the letters does not count.
pub(super) fn decoded(data: &str) -> Option<String> {
    let (mut out, mut bits, mut count) = (Vec::with_capacity(data.len() / 4 * 3), 0_u32, 0_u32);
    for byte in data.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = LETTERS.iter().position(|letter| *letter == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 255).ok()?);
        }
    }
    String::from_utf8(out).ok()
}
