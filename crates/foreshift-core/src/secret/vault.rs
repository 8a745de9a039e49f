//! What stands behind the masks: for whoever applies a Secret, and for nobody else.

use std::fmt;

use super::base64::{decoded, encoded};
use super::mask::{is_mask, mask};
use super::{object, text};
use crate::order::Table;
use crate::preview::Request;
use crate::value::{Data, Value};

/// The shortest value that is looked for in other places: a shorter one stands in too many of them by chance.
pub(super) const SHORTEST: usize = 4;

/// The values of Secrets, by the masks that stand for them. Nothing prints it.
#[derive(Clone, Default)]
pub struct Vault {
    /// By the Secret's name, the value's place in it, and the mask. `None` where one mask stands for two values.
    values: Table<(String, String, String), Option<Data>>,
    /// The same values as texts, plain and in base64, that are long enough to be looked for.
    words: Table<String, ()>,
}

/// A value of a Secret that only its mask is known of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unknown {
    /// The Secret's name.
    pub secret: String,
    /// Where the value stands in it.
    pub place: String,
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// What the Secrets of a request hold.
    pub fn of(request: &Request) -> Vault {
        let mut vault = Vault::default();
        for file in &request.files {
            text::masked(&file.text, &mut vault, &mut Vec::new());
        }
        vault
    }

    /// The names of the Secrets that it holds values of, in byte order.
    pub fn secrets(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.values.keys().map(|(secret, ..)| secret.as_str()).collect();
        names.dedup();
        names
    }

    /// An object with values in the place of its masks; any other than a Secret as it is.
    pub fn reveal(&self, object: &Value) -> Result<Value, Unknown> {
        if !object::is_secret(object) {
            return Ok(object.clone());
        }
        let secret = object.text_at(&["metadata", "name"]).unwrap_or_default();
        let mut unknown = None;
        let revealed = object::mapped(object, "", &mut |place, leaf| {
            let Data::Str(text) = &leaf.data else { return None };
            if !is_mask(text) {
                return None;
            }
            let key = (secret.to_owned(), place.to_owned(), text.to_string());
            match self.values.get(&key).and_then(Option::as_ref) {
                Some(data) => Some(data.clone()),
                None => {
                    unknown.get_or_insert(Unknown { secret: key.0, place: key.1 });
                    None
                }
            }
        });
        unknown.map_or(Ok(revealed), Err)
    }

    /// A text of somebody else without the values in it, as a server may quote them.
    pub fn hide(&self, text: &str) -> String {
        self.words.keys().fold(text.to_owned(), |text, word| text.replace(word.as_str(), "***"))
    }

    /// Whether a value stands in a text.
    pub(super) fn stands_in(&self, text: &str) -> bool {
        self.words.keys().any(|word| text.contains(word.as_str()))
    }

    /// How many values there are to look for.
    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    /// Keeps a value of a Secret and returns its mask.
    pub(super) fn keep(&mut self, secret: &str, place: &str, value: &Data) -> String {
        let text = match value {
            Data::Str(text) | Data::Float(text) => text.to_string(),
            Data::Int(number) => number.to_string(),
            Data::Bool(truth) => truth.to_string(),
            Data::Null | Data::Seq(_) | Data::Map(_) => String::new(),
        };
        let mask = mask(secret, place, &text);
        let key = (secret.to_owned(), place.to_owned(), mask.clone());
        match self.values.get_mut(&key) {
            Some(there) if there.as_ref() == Some(value) => {}
            Some(there) => *there = None,
            None => drop(self.values.insert(key, Some(value.clone()))),
        }
        let other = if place.starts_with("stringData") { Some(encoded(&text)) } else { decoded(&text) };
        for word in std::iter::once(text).chain(other) {
            let word = word.trim();
            if word.len() >= SHORTEST {
                self.words.insert(word.to_owned(), ());
            }
        }
        mask
    }

    /// Takes what another one holds.
    pub(super) fn take(&mut self, other: Vault) {
        for ((secret, place, mask), value) in &other.values {
            let key = (secret.clone(), place.clone(), mask.clone());
            match self.values.get_mut(&key) {
                Some(there) if there == value => {}
                Some(there) => *there = None,
                None => drop(self.values.insert(key, value.clone())),
            }
        }
        self.words.put_all(other.words);
    }
}
