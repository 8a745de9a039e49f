//! What comes behind an instruction, and in which stream it stands.

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
    /// A number of which the next instruction tells much: which variable, or which constant.
    Told,
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
        // What reads a variable, and short constants.
        0x20 | 0x41 => Operands::Told,
        0x28..=0x3e => Operands::Address,
        // Branches, calls, variables, globals, tables, the size of the memory, long constants, references.
        0x0c | 0x0d | 0x10 | 0x21..=0x26 | 0x3f | 0x40 | 0x42 | 0xd0 | 0xd2 => Operands::Number,
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
pub(crate) const STREAMS: usize = 3 * 256;

/// The stream of the declarations of variables; no instruction with the same number has operands.
pub(crate) const DECLARATIONS: usize = 0;

/// The stream of an instruction's operands.
pub(crate) fn stream(instruction: u8) -> usize {
    usize::from(instruction)
}

/// The stream of a variable or a constant before another instruction.
pub(crate) fn told(instruction: u8, next: u8) -> usize {
    usize::from(next) + if instruction == 0x41 { 256 } else { 512 }
}
