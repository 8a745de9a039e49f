//! Bytes to letters that an address may hold: deflate with a dictionary, then base64url.

use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::too_large;
use crate::failure::Failure;

/// What a link may hold once it is unpacked: enough for any rollout, and no harm to who opens one.
pub(super) const LIMIT_BYTES: usize = 1 << 20;

/// More letters than that are not looked at: what does not compress at all takes a third more than it holds.
const LIMIT_LETTERS: usize = 1_500_000;

/// Deflate without a header, as small as it gets.
const LEVEL: i32 = 10;
const WINDOW_BITS: i32 = -15;

/// What texts are expected to hold, as JSON spells it. A link of format 1 can be read with this one only, so it never
/// changes.
fn dictionary() -> Vec<u8> {
    include_str!("dictionary-1.txt").replace('\n', "\\n").into_bytes()
}

/// Packs bytes.
pub(super) fn packed(bytes: &[u8]) -> Result<String, Failure> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, WINDOW_BITS, 0));
    let mut out = Vec::new();
    // What comes of the dictionary ends with a whole byte and is dropped; what follows refers to it.
    compress_to_output(&mut compressor, &dictionary(), TDEFLFlush::Sync, |_| true);
    let (status, _) = compress_to_output(&mut compressor, bytes, TDEFLFlush::Finish, |part| {
        out.extend_from_slice(part);
        true
    });
    if status != TDEFLStatus::Done {
        return Err(Failure::input("the link cannot be compressed"));
    }
    Ok(BASE64_URL_SAFE_NO_PAD.encode(out))
}

/// Unpacks bytes, at most [`LIMIT_BYTES`].
pub(super) fn unpacked(letters: &str) -> Result<Vec<u8>, Failure> {
    if letters.len() > LIMIT_LETTERS {
        return Err(too_large());
    }
    let packed = BASE64_URL_SAFE_NO_PAD.decode(letters).map_err(|error| match error {
        DecodeError::InvalidByte(offset, _) => damaged(&format!("character {} of its text is strange", offset + 1)),
        _ => damaged("its end is missing"),
    })?;
    // The output has the dictionary before it, and no room for more than is allowed.
    let mut out = dictionary();
    let start = out.len();
    out.resize(start + LIMIT_BYTES, 0);
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut DecompressorOxide::new(), &packed, &mut out, start, flags);
    match status {
        TINFLStatus::Done if read == packed.len() => {}
        TINFLStatus::Done => return Err(damaged("something follows its end")),
        TINFLStatus::HasMoreOutput => return Err(too_large()),
        TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
            return Err(damaged("its end is missing"));
        }
        _ => return Err(damaged("what it holds was not compressed by foreshift")),
    }
    out.truncate(start + written);
    Ok(out.split_off(start))
}

fn damaged(reason: &str) -> Failure {
    Failure::input(format!("the link is damaged: {reason}")).help("copy it whole; some programs cut long links")
}

#[cfg(test)]
mod tests {
    use super::{LIMIT_BYTES, dictionary, packed, unpacked};

    #[test]
    fn what_is_packed_is_unpacked() {
        let noise: Vec<u8> = (0_u32..200_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        for bytes in [&b""[..], b"x", "käse 🎉".as_bytes(), &dictionary(), &noise, &b"a".repeat(LIMIT_BYTES)] {
            let letters = packed(bytes).expect("it is packed");
            assert!(unpacked(&letters).expect("it is unpacked") == bytes, "{} bytes", bytes.len());
        }
    }

    #[test]
    fn the_dictionary_costs_nothing() {
        let letters = packed(&dictionary()).expect("it is packed");
        assert!(letters.len() < dictionary().len() / 20, "{} letters", letters.len());
    }

    #[test]
    fn a_bomb_stops() {
        let letters = packed(&vec![b'a'; LIMIT_BYTES + 1]).expect("it is packed");
        assert!(letters.len() < 5000, "a few kilobytes: {}", letters.len());
        let failure = unpacked(&letters).expect_err("it is too large").to_string();
        assert!(failure.contains("1024 KiB"), "{failure}");
    }

    #[test]
    fn damage_is_named() {
        let letters = packed(b"a text that is long enough to be cut").expect("it is packed");
        let says = |letters: &str, words: &str| {
            let failure = unpacked(letters).expect_err(letters).to_string();
            assert!(failure.contains(words), "{letters}: {failure}");
        };
        says(letters.split_at(letters.len() / 2).0, "its end is missing");
        says(&format!("{letters}AAAA"), "damaged");
        says("a b", "character 2");
        says("____", "not compressed by foreshift");
        says("", "its end is missing");
    }
}
