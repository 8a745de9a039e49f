//! The order of a module's functions. Brotli writes a repetition in fewer bits where it is near, so like functions stand
//! together: 2 kB. No tool has such an order, but wasm-opt can sort functions by name.

use foreshift_pack::binary::{CODE, Reader, block, custom_section, number};

/// The section of imports, by the number that WebAssembly gives it.
const IMPORTS: u8 = 2;

/// What is compared of two functions: whether they have the same runs of so many bytes, which is about two instructions.
const RUN: usize = 4;

/// The module with a name for each of its functions, such that the names sort like functions together.
///
/// `None` for what is no module, and for one that imports anything but functions, as those of wasm-bindgen do not.
pub(super) fn named_by_likeness(module: &[u8]) -> Option<Vec<u8>> {
    let mut sections = Reader(module.get(8..)?);
    let mut imports = 0;
    let mut functions = Vec::new();
    while !sections.0.is_empty() {
        let kind = sections.byte()?;
        let mut section = sections.block()?;
        match kind {
            IMPORTS => imports = imported_functions(&mut section)?,
            CODE => {
                for _ in 0..section.number()? {
                    functions.push(runs(section.block()?));
                }
            }
            _ => {}
        }
    }
    Some([module, &names(imports, order(functions))].concat())
}

/// The functions by their numbers: the first, then always the one of the others that is most like the last.
fn order(functions: Vec<Vec<u32>>) -> Vec<usize> {
    let mut others: Vec<_> = functions.into_iter().enumerate().collect();
    let mut order = Vec::new();
    let mut last = Vec::new();
    while !others.is_empty() {
        let (mut next, mut most) = (0, 0);
        for (at, (_, other)) in others.iter().enumerate() {
            // Not counted where even a part of the longer would not be like enough.
            if share(last.len().min(other.len()), last.len().max(other.len())) > most {
                let likeness = likeness(&last, other);
                (next, most) = if likeness > most { (at, likeness) } else { (next, most) };
            }
        }
        let (number, runs) = others.swap_remove(next);
        order.push(number);
        last = runs;
    }
    order
}

/// The share that the runs in both functions have in those that are in either.
fn likeness(one: &[u32], other: &[u32]) -> usize {
    let mut rest = other.iter().peekable();
    let mut common = 0;
    for run in one {
        while rest.next_if(|other| *other < run).is_some() {}
        common += usize::from(rest.next_if_eq(&run).is_some());
    }
    share(common, one.len() + other.len() - common)
}

/// In millionths.
fn share(part: usize, whole: usize) -> usize {
    part * 1_000_000 / whole.max(1)
}

/// The section that names the functions by their places.
fn names(imports: usize, order: Vec<usize>) -> Vec<u8> {
    let mut places: Vec<_> = order.into_iter().enumerate().map(|(place, function)| (function, place)).collect();
    places.sort_unstable();
    let mut map = number(places.len());
    for (function, place) in places {
        map.extend(number(imports + function));
        map.extend(block(format!("{place:08}").as_bytes()));
    }
    let of_functions = [vec![1], block(&map)].concat();
    custom_section("name", &of_functions)
}

fn imported_functions(section: &mut Reader<'_>) -> Option<usize> {
    let count = section.number()?;
    for _ in 0..count {
        let (_module, _name) = (section.block()?, section.block()?);
        let (kind, _type) = (section.byte()?, section.number()?);
        (kind == 0).then_some(())?;
    }
    Some(count)
}

/// Every run of bytes once, in order.
fn runs(function: Reader<'_>) -> Vec<u32> {
    let run = |bytes: &[u8]| bytes.iter().fold(0, |run, &byte| run << 8 | u32::from(byte));
    let mut runs: Vec<u32> = function.0.windows(RUN).map(run).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_like_function_comes_next() {
        let [sum, text, sums] = [&[1, 2, 3][..], &[7, 8, 9], &[1, 2, 4]].map(<[u32]>::to_vec);
        assert_eq!(order(vec![sum, text, sums]), [0, 2, 1]);
    }

    #[test]
    fn what_is_no_module_gets_no_names() {
        assert_eq!(named_by_likeness(b"\0asm"), None);
        assert_eq!(named_by_likeness(b"\0asm\x01\0\0\0\x0a\x09"), None);
        assert!(named_by_likeness(b"\0asm\x01\0\0\0").is_some());
    }
}
