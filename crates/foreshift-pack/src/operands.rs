//! What comes behind an instruction, and in which stream it stands.

/// The instruction that calls a function by its number.
const CALL: u8 = 0x10;

/// The instruction that brings the value of a variable.
const VARIABLE: u8 = 0x20;

/// The first instruction and the last that have an address.
const FIRST_ADDRESS: u8 = 0x28;
const LAST_ADDRESS: u8 = 0x3e;

/// The instruction that brings a constant.
const CONSTANT: u8 = 0x41;

/// What comes behind an instruction in a module.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operands {
    Nothing,
    Number,
    Numbers,
    /// The type of a block, which goes on until its [`Operands::End`].
    Block,
    /// Nothing, and the innermost block ends, or the function.
    End,
    /// How an address is aligned, and what is added to it.
    Address,
    /// How many branches there are, and where each of them goes, and where what has none goes.
    Branches,
    /// A second byte of the instruction, and what comes behind that.
    Second,
    /// Not known here, since no module of ours has it.
    Unknown,
}

/// A table, since a page has no time to optimise what reads it.
static OF: [Operands; 256] = {
    let mut table = [Operands::Unknown; 256];
    let mut all = table.as_mut_slice();
    let mut instruction = 0_u8;
    while let Some((operands, others)) = all.split_first_mut() {
        *operands = of_first(instruction);
        instruction = instruction.wrapping_add(1);
        all = others;
    }
    table
};

/// What comes behind an instruction.
pub(crate) fn of(instruction: u8) -> Operands {
    OF.get(usize::from(instruction)).copied().unwrap_or(Operands::Unknown)
}

/// Source: the WebAssembly specification, 5.4.
const fn of_first(instruction: u8) -> Operands {
    match instruction {
        // Blocks, loops and conditions.
        0x02..=0x04 => Operands::Block,
        0x0b => Operands::End,
        0x0e => Operands::Branches,
        // Calls through a table.
        0x11 => Operands::Numbers,
        FIRST_ADDRESS..=LAST_ADDRESS => Operands::Address,
        // Branches, calls, variables, globals, tables, the size of the memory, constants, references.
        0x0c | 0x0d | 0x10 | 0x20..=0x26 | 0x3f..=0x42 | 0xd0 | 0xd2 => Operands::Number,
        // What stops, does nothing, or ends early, and what works with values.
        0x00 | 0x01 | 0x05 | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => Operands::Nothing,
        0xfc => Operands::Second,
        _ => Operands::Unknown,
    }
}

/// What comes behind the second byte of an instruction.
pub(crate) fn of_second(byte: u8) -> Operands {
    match byte {
        // Fractions made whole.
        0..=7 => Operands::Nothing,
        // What is copied, from where to where.
        8 | 10 | 12 | 14 => Operands::Numbers,
        // What is dropped, set or made larger.
        9 | 11 | 13 | 15..=17 => Operands::Number,
        _ => Operands::Unknown,
    }
}

/// How many streams there can be.
pub(crate) const STREAMS: usize = 2 * FURTHER;

/// How much the number of the stream of further digits is larger than that of the first digits.
const FURTHER: usize = 4 * 256;

/// The stream of the instructions. No instruction with this number or the next has operands.
pub(crate) const INSTRUCTIONS: usize = 0;

/// The stream of the declarations of variables.
pub(crate) const DECLARATIONS: usize = 1;

/// The stream of an instruction's operands, of their first digits. What is done with a variable or a constant tells much of
/// which it is, so those stand apart by the instruction that comes next, and variables by the one after, where the next
/// brings another value. What is added to an address is a field's place, whether it is read or written.
///
/// The numbers are in the order of the instructions, so that like streams stand together.
pub(crate) fn stream(instruction: u8, following: &[u8]) -> usize {
    let following = |at: usize| following.get(at).copied().map_or(0, usize::from);
    let (instruction, told) = match instruction {
        VARIABLE if matches!(following(0), 0x20 | 0x41) => (instruction, 256 + following(1)),
        VARIABLE | CONSTANT => (instruction, following(0)),
        FIRST_ADDRESS..=LAST_ADDRESS => (FIRST_ADDRESS, 0),
        _ => (instruction, 0),
    };
    let before = 512 * usize::from(instruction > VARIABLE) + 256 * usize::from(instruction > CONSTANT);
    before + usize::from(instruction) + told
}

/// The stream of the digits behind the first: those tell little of each other, but where a function is called, that is
/// called again.
pub(crate) fn further(stream: usize) -> usize {
    if stream == usize::from(CALL) { stream } else { stream + FURTHER }
}
