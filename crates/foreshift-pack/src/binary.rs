//! A module's bytes, read and written: numbers, and blocks with their length before them.

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'m>(pub &'m [u8]);

impl<'m> Reader<'m> {
    /// The next byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.0.split_off_first().copied()
    }

    /// The bytes of the next number.
    pub fn digits(&mut self) -> Option<&'m [u8]> {
        let last = self.0.iter().position(|byte| *byte < 0x80)?;
        self.0.split_off(..=last)
    }

    /// The next number.
    pub fn number(&mut self) -> Option<usize> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let digit = self.byte()?;
            value |= usize::from(digit & 0x7f).checked_shl(shift)?;
            shift += 7;
            if digit < 0x80 {
                return Some(value);
            }
        }
    }

    /// The next block, without its length.
    pub fn block(&mut self) -> Option<Self> {
        let length = self.number()?;
        self.0.split_off(..length).map(Self)
    }
}

/// A number as LEB128 has it: seven bits a byte, the low ones first, and a mark where more follow.
pub fn number(value: usize) -> Vec<u8> {
    let [low, ..] = value.to_le_bytes();
    if value < 0x80 { vec![low] } else { [vec![low | 0x80], number(value >> 7)].concat() }
}

/// The bytes with their length before them.
pub fn block(bytes: &[u8]) -> Vec<u8> {
    [&number(bytes.len()), bytes].concat()
}

/// The section of functions, by the number that WebAssembly gives it.
pub const CODE: u8 = 10;

/// A section of no meaning to WebAssembly.
pub fn custom_section(name: &str, content: &[u8]) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    [vec![CUSTOM], block(&[&block(name.as_bytes()), content].concat())].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for value in [0, 127, 128, 300, 70_000] {
            assert_eq!(Reader(&number(value)).number(), Some(value));
        }
        assert_eq!(number(300), [0xac, 0x02]);
        assert_eq!(Reader(&[0x80]).number(), None);
        assert_eq!(Reader(&[0xff; 30]).number(), None);
    }
}
