//! Pod templates: their labels, and the hash that names a revision.

use super::{Labels, labels_of};
use crate::value::{Data, Value};

/// The label that ties a pod to its revision, in Armory's words.
pub const HASH_LABEL: &str = "armory-pod-template-hash";

/// The label that the Deployment controller ties a pod to its ReplicaSet with.
pub const NATIVE_HASH_LABEL: &str = "pod-template-hash";

/// Kubernetes' alphabet for generated names: no vowels, nothing that looks like something else
/// (`k8s.io/apimachinery/pkg/util/rand`).
const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The labels of a pod template.
pub fn pod_labels(template: &Value) -> Labels {
    labels_of(template.at(&["metadata", "labels"]))
}

/// The hash of a pod template: FNV-32a of its canonical form in Kubernetes' safe alphabet.
///
/// The order of keys does not count. A `counter` above 0 gives another hash for the same template.
pub fn template_hash(template: &Value, counter: u32) -> String {
    let mut hash = Fnv::default();
    hash.value(template);
    if counter > 0 {
        hash.bytes(&counter.to_le_bytes());
    }
    let letter = |digit: u8| SAFE.get(usize::from(digit) % SAFE.len()).map_or('x', |letter| char::from(*letter));
    hash.0.to_string().bytes().map(letter).collect()
}

/// FNV-1a, 32 bits.
pub(crate) struct Fnv(u32);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(2_166_136_261)
    }
}

impl Fnv {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(16_777_619);
        }
    }

    pub(crate) fn digest(&self) -> u32 {
        self.0
    }

    /// Each value goes in as its kind and its length or content, so that two different ones never read alike.
    fn value(&mut self, value: &Value) {
        match &value.data {
            Data::Null => self.bytes(b"0"),
            Data::Bool(truth) => self.bytes(if *truth { b"t" } else { b"f" }),
            Data::Int(number) => self.text(b"i", &number.to_string()),
            Data::Float(text) => self.text(b"d", text),
            Data::Str(text) => self.text(b"s", text),
            Data::Seq(items) => {
                self.bytes(b"[");
                for item in items {
                    self.value(item);
                }
                self.bytes(b"]");
            }
            Data::Map(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                crate::order::sort_by(&mut entries, |(left, _), (right, _)| left.name.cmp(&right.name));
                self.bytes(b"{");
                for (key, value) in entries {
                    self.text(b"k", &key.name);
                    self.value(value);
                }
                self.bytes(b"}");
            }
        }
    }

    fn text(&mut self, kind: &[u8], text: &str) {
        self.bytes(kind);
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
    }
}
