//! Which names came before: without an allocation while there are few, and fast when there are many.

use crate::order::Keys;

/// How many names are compared one by one.
const FEW: usize = 16;

/// The names of a list so far.
#[derive(Default)]
pub(super) struct Seen<'a> {
    few: [Option<&'a str>; FEW],
    many: Keys<&'a str>,
}

impl<'a> Seen<'a> {
    /// Whether a name is new; it no longer is afterwards.
    pub(super) fn is_new(&mut self, name: &'a str) -> bool {
        for place in &mut self.few {
            match place {
                Some(other) if *other == name => return false,
                Some(_) => {}
                None => {
                    *place = Some(name);
                    return true;
                }
            }
        }
        self.many.insert(name)
    }
}
