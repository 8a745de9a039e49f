//! The seal of a record: what a walk wrote down, nobody else can change unnoticed.
//!
//! The record is a ConfigMap, which many may write who may not do what a rollout does. So each run has a key in a Secret
//! beside its record, and everything that a resume goes by is signed with it (HMAC-SHA256). Who may read that Secret can
//! forge a record; that is told in `.github/SECURITY.md`. Not sealed is what others write: that somebody wants the rollout
//! taken back, and that another one waits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::hexadecimal;
use crate::cluster::{At, Json};
use crate::tree::{put, text};

/// The parts of a record's ConfigMap that are sealed.
const SEALED: [&str; 4] = ["/data/run", "/data/cursor", "/data/history", "/binaryData/inputs"];

/// Where the seal is.
const SEAL: &str = "/data/seal";

/// The key of one run, as long as a block of its hash.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Key([u8; 64]);

impl Key {
    /// A key that nobody has; why there can be none, on a system that has no randomness.
    pub(crate) fn new() -> Result<Key, String> {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
        Ok(Key(bytes))
    }

    /// Signs a record's ConfigMap.
    pub(crate) fn seal(&self, record: &mut Json) {
        let seal = self.sign("record", &SEALED.map(|part| text(record, part)));
        put(record, &["data", "seal"], json!(seal));
    }

    /// Whether a ConfigMap is as whoever has the key signed it.
    pub(crate) fn holds(&self, record: &Json) -> bool {
        let signed = text(record, SEAL);
        let parts = SEALED.map(|part| text(record, part));
        let signature: Option<Vec<u8>> = unhexed(signed);
        signature.is_some_and(|signature| self.mac("record", &parts).verify_slice(&signature).is_ok())
    }

    /// A name for something of the run that nobody can guess who has not the key; the same for the same thing.
    pub(crate) fn token(&self, of: &str) -> String {
        self.sign("token", &[of])
    }

    /// The Secret that holds it.
    pub(crate) fn secret(&self, at: &At) -> Json {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": at.name,
                "namespace": at.namespace,
                "labels": { "app.kubernetes.io/managed-by": "foreshift" },
            },
            "type": "foreshift.dev/seal",
            "data": { "key": STANDARD.encode(self.0) },
        })
    }

    /// The key in a Secret.
    pub(crate) fn of(secret: &Json) -> Option<Key> {
        let bytes = STANDARD.decode(text(secret, "/data/key")).ok()?;
        bytes.try_into().ok().map(Key)
    }

    fn sign(&self, what: &str, parts: &[&str]) -> String {
        hexadecimal(&self.mac(what, parts).finalize().into_bytes())
    }

    /// Each part with its length before it, so that none can lend the next a letter.
    fn mac(&self, what: &str, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        for part in [what].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

fn unhexed(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    digits.chunks(2).map(|pair| if let [high, low] = pair { Some(high << 4 | low) } else { None }).collect()
}

/// Keys are not for logs.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_of_any_sealed_part_breaks_the_seal() {
        let key = Key([7; 64]);
        let mut record =
            json!({"data": {"run": "r", "cursor": "c", "history": "[]"}, "binaryData": {"inputs": "aW4="}});
        key.seal(&mut record);
        assert!(key.holds(&record));
        assert!(!Key([8; 64]).holds(&record), "another key");
        for part in SEALED {
            let mut changed = record.clone();
            *changed.pointer_mut(part).expect("it is there") = json!("x");
            assert!(!key.holds(&changed), "{part}");
        }
        let mut moved = record.clone();
        moved["data"]["run"] = json!("");
        moved["data"]["cursor"] = json!("rc");
        assert!(!key.holds(&moved), "no part lends the next a letter");
        record["data"]["asked"] = json!("{}");
        assert!(key.holds(&record), "others may ask for the way back");
        record["data"]["seal"] = json!("");
        assert!(!key.holds(&record), "no seal is none that holds");
    }

    #[test]
    fn a_key_comes_back_from_its_secret() {
        let key = Key::new().expect("randomness");
        let at = At::ours("", "Secret", "a", "b").expect("a kind");
        assert_eq!(Key::of(&key.secret(&at)), Some(key));
    }
}
