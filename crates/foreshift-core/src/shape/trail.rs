//! The way to a value, kept on the stack: nothing is allocated until somebody asks for it as text.

/// How much of a key a path shows, in characters. A key may be as long as a file, and many findings may be below it.
const LONGEST_STEP: usize = 253;

/// A way from a root, step by step; each step borrows the one before.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    before: Option<&'a Trail<'a>>,
    hop: Hop<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Hop<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    /// Where every way begins.
    pub const ROOT: Trail<'static> = Trail { before: None, hop: Hop::Root };

    /// One step into a mapping.
    #[must_use]
    pub fn key(&'a self, name: &'a str) -> Trail<'a> {
        Trail { before: Some(self), hop: Hop::Key(name) }
    }

    /// One step into a list.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Trail<'a> {
        Trail { before: Some(self), hop: Hop::Index(index) }
    }

    /// The whole way as text: `spec.http[0].route`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        self.write(&mut path);
        path
    }

    fn write(&self, path: &mut String) {
        if let Some(before) = self.before {
            before.write(path);
        }
        match self.hop {
            Hop::Root => {}
            Hop::Key(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(name.chars().take(LONGEST_STEP));
            }
            Hop::Index(index) => {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
            }
        }
    }
}
