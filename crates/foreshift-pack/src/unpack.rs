//! The way back from [the layout](crate): a page runs this.

use crate::binary::Reader;
use crate::operands::{self, DECLARATIONS, INSTRUCTIONS, Operands, STREAMS};

/// Writes the module that was packed to the start of `room`, and gives its length; 0 where there is too little room.
///
/// What was damaged on its way becomes something that is no module, and whoever compiles it says so.
#[cfg_attr(
    not(target_family = "wasm"),
    expect(clippy::large_stack_arrays, reason = "half of that in a page, where a heap would have to be loaded")
)]
pub fn unpack(packed: &[u8], room: &mut [u8]) -> usize {
    let mut from = Reader(packed);
    let length = number(&mut from);
    let Some(bytes) = room.get_mut(..length) else { return 0 };
    let mut to = Module { bytes, end: 0 };
    to.copy(block(&mut from));
    let functions = number(&mut from);
    let mut list = Reader(block(&mut from));
    let mut streams = [Reader(&[]); STREAMS];
    let mut at = 0;
    while !list.0.is_empty() {
        at = number(&mut list).wrapping_add(at);
        let length = number(&mut list);
        if let Some(stream) = streams.get_mut(at) {
            *stream = Reader(from.0.split_off(..length).unwrap_or_default());
        }
    }
    for _ in 0..functions {
        to.function(&mut streams);
    }
    to.copy(from.0);
    length
}

fn number(from: &mut Reader<'_>) -> usize {
    from.number().unwrap_or_default()
}

fn block<'p>(from: &mut Reader<'p>) -> &'p [u8] {
    from.block().map_or(&[], |block| block.0)
}

type Streams<'p> = [Reader<'p>; STREAMS];

/// What is put together.
struct Module<'r> {
    bytes: &'r mut [u8],
    end: usize,
}

impl Module<'_> {
    fn put(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.end) {
            *place = byte;
            self.end += 1;
        }
    }

    fn copy(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.end..self.end + bytes.len()) {
            place.copy_from_slice(bytes);
            self.end += bytes.len();
        }
    }

    /// Copies the next byte of a stream, and gives it.
    fn byte(&mut self, streams: &mut Streams<'_>, stream: usize) -> u8 {
        let byte = streams.get_mut(stream).and_then(Reader::byte).unwrap_or_default();
        self.put(byte);
        byte
    }

    /// Copies the next number of a stream, and gives it; a constant can be too long to be given.
    fn number(&mut self, streams: &mut Streams<'_>, mut stream: usize) -> usize {
        let further = operands::further(stream);
        let mut value = 0;
        let mut shift = 0;
        loop {
            let digit = self.byte(streams, stream);
            value |= usize::from(digit & 0x7f).wrapping_shl(shift);
            shift += 7;
            if digit < 0x80 {
                return value;
            }
            stream = further;
        }
    }

    fn function(&mut self, streams: &mut Streams<'_>) {
        let start = self.end;
        for _ in 0..self.number(streams, DECLARATIONS) {
            self.number(streams, DECLARATIONS);
            self.number(streams, DECLARATIONS);
        }
        let mut depth = 1;
        while depth > 0 && self.end < self.bytes.len() {
            let instruction = self.byte(streams, INSTRUCTIONS);
            let mut operands = operands::of(instruction);
            if let Operands::Second = operands {
                operands = operands::of_second(self.byte(streams, INSTRUCTIONS));
            }
            let following = streams.get(INSTRUCTIONS).map_or(&[][..], |following| following.0);
            let stream = operands::stream(instruction, following);
            let mut left = 1;
            match operands {
                Operands::Nothing | Operands::Second | Operands::Unknown => left = 0,
                Operands::Number => {}
                Operands::Numbers => left = 2,
                Operands::Block => depth += 1,
                Operands::End => {
                    depth -= 1;
                    left = 0;
                }
                Operands::Address => self.put(0),
                Operands::Branches => left = 1 + self.number(streams, stream),
            }
            for _ in 0..left {
                self.number(streams, stream);
            }
        }
        self.measure(start);
    }

    /// Puts the length of a function before it.
    fn measure(&mut self, start: usize) {
        let mut length = self.end - start;
        let digits = 1 + length.checked_ilog2().unwrap_or_default() / 7;
        let behind = start + digits as usize;
        let end = behind + length;
        if end <= self.bytes.len() {
            self.bytes.copy_within(start..self.end, behind);
            self.end = start;
            for left in (0..digits).rev() {
                let [low, ..] = length.to_le_bytes();
                self.put(low & 0x7f | if left > 0 { 0x80 } else { 0 });
                length >>= 7;
            }
            self.end = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{self, number};
    use crate::packed;

    /// A module with one function, and something before it and behind it.
    fn module(function: &[u8]) -> Vec<u8> {
        let code = binary::block(&[&number(1), &binary::block(function)[..]].concat());
        [b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a".as_slice(), &code, b"\x0b\x01\0"].concat()
    }

    fn unpacked(packed: &[u8], room: usize) -> Vec<u8> {
        let mut room = vec![0; room];
        let length = unpack(packed, &mut room);
        room.truncate(length);
        room
    }

    #[test]
    fn every_kind_of_operand_finds_its_way_back() {
        let functions: [&[u8]; 8] = [
            b"\0\x0b",
            b"\x02\x01\x7f\x80\x01\x7e\x20\x81\x01\x41\x80\x80\x7e\x6a\x21\0\x20\x02\x1a\x0b",
            b"\0\x02\x40\x03\x40\x0c\x01\x0b\x41\0\x04\x40\x05\x0b\x0b\x0b",
            b"\0\x41\x04\x28\0\x80\x08\x41\0\x36\0\x0c\x0b",
            b"\0\x41\x01\x0e\x02\0\x01\x02\x0b",
            b"\0\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x1a\x10\x80\x01\x11\x01\0\x0b",
            b"\0\xfc\x0a\0\0\xfc\x0b\0\xfc\x02\x0b",
            b"\0\x23\0\x24\0\xd0\x6f\x26\0\x3f\0\x1a\x0b",
        ];
        for function in functions {
            let module = module(function);
            let packed = packed(&module).expect("this can be packed");
            assert_eq!(unpacked(&packed, module.len()), module);
            assert_eq!(unpacked(&packed, module.len() - 1), []);
        }
    }

    #[test]
    fn a_function_can_be_long() {
        for length in [0, 124, 125, 126, 16_380, 16_381, 16_382, 70_000] {
            let module = module(&[b"\0".as_slice(), &vec![1; length], b"\x0b"].concat());
            assert_eq!(unpacked(&packed(&module).expect("this can be packed"), module.len()), module);
        }
    }

    #[test]
    fn a_table_can_have_many_branches() {
        let targets = vec![0; 301];
        let module = module(&[b"\0\x41\0\x0e".as_slice(), &number(300), &targets, b"\x0b"].concat());
        assert_eq!(unpacked(&packed(&module).expect("this can be packed"), module.len()), module);
    }

    #[test]
    fn what_has_no_place_is_not_packed() {
        let aligned = b"\0\x41\0\x28\x02\0\x1a\x0b";
        let unknown = b"\0\xfd\x0c\x0b";
        let cut = b"\0\x41";
        for function in [aligned.as_slice(), unknown, cut] {
            assert_eq!(packed(&module(function)), None);
        }
        assert_eq!(packed(b"\0asm\x01\0\0\0"), None);
        assert_eq!(packed(b"\0asm"), None);
    }

    #[test]
    fn what_was_damaged_ends() {
        let whole = module(b"\0\x02\x40\x41\x04\x28\0\x80\x08\x1a\x0b\x0b");
        let packed = packed(&whole).expect("this can be packed");
        for at in 0..packed.len() {
            assert!(unpacked(&packed[..at], whole.len()).len() <= whole.len());
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            assert!(unpacked(&damaged, whole.len()).len() <= whole.len());
        }
    }
}
