//! The way into [the layout](crate): the build runs this.

use crate::binary::{Reader, block, number};
use crate::operands::{self, DECLARATIONS, Operands, STREAMS};

/// The section of functions, by the number that WebAssembly gives it.
const CODE: u8 = 10;

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
    let mut streams = Streams { instructions: Vec::new(), operands: Vec::new(), places: [None; STREAMS] };
    for _ in 0..functions {
        streams.function(code.block()?)?;
    }
    let [lengths, streams] = streams.written();
    code.0
        .is_empty()
        .then(|| [&number(module.len()), &block(head), &number(functions), &block(&lengths), &streams, rest.0].concat())
}

struct Streams {
    instructions: Vec<u8>,
    /// In the order in which they are first needed.
    operands: Vec<Vec<u8>>,
    /// Where each stream is in `operands`.
    places: [Option<usize>; STREAMS],
}

impl Streams {
    /// Moves a number to its stream, and gives it; a constant can be too long to be given.
    fn operand(&mut self, stream: usize, from: &mut Reader<'_>) -> Option<usize> {
        let digits = from.digits()?;
        let place = *self.places.get_mut(stream)?.get_or_insert(self.operands.len());
        if place == self.operands.len() {
            self.operands.push(Vec::new());
        }
        self.operands.get_mut(place)?.extend(digits);
        Some(Reader(digits).number().unwrap_or_default())
    }

    fn function(&mut self, mut body: Reader<'_>) -> Option<()> {
        for _ in 0..self.operand(DECLARATIONS, &mut body)? {
            self.operand(DECLARATIONS, &mut body)?;
            self.operand(DECLARATIONS, &mut body)?;
        }
        while let Some(instruction) = body.byte() {
            self.instructions.push(instruction);
            let mut stream = operands::stream(instruction);
            let mut operands = operands::of(instruction);
            if let Operands::Second = operands {
                let second = body.byte()?;
                self.instructions.push(second);
                operands = operands::of_second(second);
            }
            let mut left = 1;
            match operands {
                Operands::Nothing | Operands::End => left = 0,
                Operands::Number | Operands::Block => {}
                Operands::Numbers => left = 2,
                Operands::Told => {
                    let mut behind = body;
                    behind.digits()?;
                    stream = operands::told(instruction, behind.byte()?);
                }
                Operands::Address => (body.byte()? == 0).then_some(())?,
                Operands::Branches => left = 1 + self.operand(stream, &mut body)?,
                Operands::Second | Operands::Unknown => return None,
            }
            for _ in 0..left {
                self.operand(stream, &mut body)?;
            }
        }
        Some(())
    }

    /// The lengths of all streams, and the streams.
    fn written(self) -> [Vec<u8>; 2] {
        let streams = [vec![self.instructions], self.operands].concat();
        [streams.iter().flat_map(|stream| number(stream.len())).collect(), streams.concat()]
    }
}
