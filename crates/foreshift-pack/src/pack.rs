//! The way into [the layout](crate): the build runs this.

use crate::binary::{CODE, Reader, block, number};
use crate::operands::{self, DECLARATIONS, INSTRUCTIONS, Operands, STREAMS};

/// The module, packed; `None` for what is no module, and for what [the layout](crate) has no place for.
pub fn packed(module: &[u8]) -> Option<Vec<u8>> {
    let mut rest = Reader(module.get(8..)?);
    let mut code = loop {
        let kind = rest.byte()?;
        let section = rest.block()?;
        if kind == CODE {
            break section;
        }
    };
    let functions = code.number()?;
    let head = module.get(..module.len() - rest.0.len() - code.0.len())?;
    let mut streams = Streams(vec![Vec::new(); STREAMS]);
    for _ in 0..functions {
        streams.add(code.block()?)?;
    }
    let [list, streams] = streams.written();
    code.0
        .is_empty()
        .then(|| [&number(module.len()), &block(head), &number(functions), &block(&list), &streams, rest.0].concat())
}

struct Streams(Vec<Vec<u8>>);

impl Streams {
    fn put(&mut self, stream: usize, bytes: &[u8]) -> Option<()> {
        self.0.get_mut(stream)?.extend(bytes);
        Some(())
    }

    fn put_number(&mut self, stream: usize, digits: &[u8]) -> Option<()> {
        let (first, further) = digits.split_at_checked(1)?;
        self.put(stream, first)?;
        self.put(operands::further(stream), further)
    }

    /// Takes a function apart.
    fn add(&mut self, mut body: Reader<'_>) -> Option<()> {
        let groups = body.digits()?;
        self.put_number(DECLARATIONS, groups)?;
        for _ in 0..Reader(groups).number()? {
            self.put_number(DECLARATIONS, body.digits()?)?;
            self.put_number(DECLARATIONS, body.digits()?)?;
        }
        let mut instructions = Vec::new();
        let mut found = Vec::new();
        while let Some(instruction) = body.byte() {
            instructions.push(instruction);
            let mut operands = operands::of(instruction);
            if let Operands::Second = operands {
                let second = body.byte()?;
                instructions.push(second);
                operands = operands::of_second(second);
            }
            let mut left = 1;
            match operands {
                Operands::Nothing | Operands::End => left = 0,
                Operands::Number | Operands::Block => {}
                Operands::Numbers => left = 2,
                Operands::Address => (body.byte()? == 0).then_some(())?,
                Operands::Branches => left += 1 + body.clone().number()?,
                Operands::Second | Operands::Unknown => return None,
            }
            for _ in 0..left {
                found.push((instruction, instructions.len(), body.digits()?));
            }
        }
        // Only now it is known what follows an instruction.
        for (instruction, behind, digits) in found {
            self.put_number(operands::stream(instruction, instructions.get(behind..)?), digits)?;
        }
        self.put(INSTRUCTIONS, &instructions)
    }

    /// The list of the streams, and the streams.
    fn written(self) -> [Vec<u8>; 2] {
        let mut list = Vec::new();
        let mut before = 0;
        for (at, stream) in self.0.iter().enumerate().filter(|(_, stream)| !stream.is_empty()) {
            list.extend([number(at - before), number(stream.len())].concat());
            before = at;
        }
        [list, self.0.concat()]
    }
}
