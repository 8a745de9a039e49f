//! One text: its documents, and the texts of manifests that stand inside of it.

use super::between::{self, Between};
use super::edit::{Edit, applied, edits};
use super::mask::is_mask;
use super::object::{self, mapped, with};
use super::vault::Vault;
use super::{Fault, redact};
use crate::diagnostic::Diagnostic;
use crate::text::{Document, Kind, Node, SourceId, parse, resolve, write};
use crate::value::{Data, Value};

/// The source of texts that are read here only.
const ALONE: SourceId = SourceId(u32::MAX - 1);

/// The most that is spent on looking for values in comments: bytes times values. Beyond it every comment is masked.
const LIMIT_SEARCH: usize = 1 << 26;

/// A document with Secrets in it.
struct Part<'a> {
    document: &'a Document,
    was: Value,
    /// What it says with masks; the same where nothing in it is a Secret.
    masked: Value,
    /// Whether it is a Secret or a list with one.
    is_secret: bool,
    findings: Vec<Diagnostic>,
}

/// A text with masks; `None` where it has no Secret. Values go to the vault, and what has to be said of a text that is
/// hidden as a whole to the faults.
pub(super) fn masked(text: &str, vault: &mut Vault, faults: &mut Vec<Fault>) -> Option<String> {
    if !may_hold(text) {
        return None;
    }
    let documents = match parse(ALONE, text) {
        Ok(documents) => documents,
        Err(found) => {
            let hidden = redact::documents(text, may_hold);
            faults.push(Fault { text: hidden.clone(), findings: vec![found] });
            return Some(hidden);
        }
    };
    let mut own = Vault::default();
    let parts: Vec<Part> = documents.iter().map(|document| part(document, &mut own, faults)).collect();
    if parts.iter().any(Part::is_unsure) {
        return Some(hidden(text, &parts, &own, faults));
    }
    if parts.iter().all(|part| !part.is_secret && part.was == part.masked) {
        return None;
    }
    let written = written(text, &parts, &own);
    let masked = written.unwrap_or_else(|| hidden(text, &parts, &own, faults));
    vault.take(own);
    (masked != text).then_some(masked)
}

/// Whether there may be a Secret in a text: it has the word, or an escape that may stand for a letter of it.
fn may_hold(text: &str) -> bool {
    let is_word = |(at, word): (usize, &str)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_lowercase)
    };
    let is_escape = |(at, _): (usize, &str)| {
        let escaped = text.as_bytes().get(at + 1);
        escaped.is_some_and(|escaped| matches!(escaped, b'x' | b'u' | b'U' | b'\\' | b'\n' | b'\r'))
    };
    text.match_indices("Secret").any(is_word) || text.match_indices('\\').any(is_escape)
}

fn part<'a>(document: &'a Document, vault: &mut Vault, faults: &mut Vec<Fault>) -> Part<'a> {
    let mut findings = Vec::new();
    let was = resolve(&document.root, &mut findings);
    let secrets = object::masked(&was, vault);
    let is_secret = secrets.is_some();
    let masked = inline(secrets.unwrap_or_else(|| was.clone()), vault, faults);
    Part { document, was, masked, is_secret, findings }
}

/// A deployment config with masks in the manifests that stand in it.
fn inline(config: Value, vault: &mut Vault, faults: &mut Vec<Fault>) -> Value {
    let Some(manifests) = config.get("manifests") else { return config };
    let mut one = |manifest: &Value| {
        let text = manifest.text_at(&["inline"]).and_then(|text| masked(text, vault, faults));
        text.map_or_else(|| manifest.clone(), |text| with(manifest, "inline", Value::str(&text)))
    };
    let items = manifests.items().iter().map(&mut one).collect();
    let Data::Seq(_) = manifests.data else { return config };
    let manifests = Value { data: Data::Seq(items), span: manifests.span };
    with(&config, "manifests", manifests)
}

impl Part<'_> {
    /// Whether what is wrong with it may keep a value from being found.
    fn is_unsure(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error) && (self.is_secret || names_a_secret(&self.document.root))
    }
}

/// Whether some mapping says that it is a Secret, perhaps beside something else.
fn names_a_secret(root: &Node) -> bool {
    let mut found = false;
    root.walk(&mut |node| {
        if let Kind::Map { entries, .. } = &node.kind {
            found |= entries.iter().any(|(key, value)| {
                key.is_text("kind") && (value.is_text("Secret") || matches!(value.kind, Kind::Alias(_)))
            });
        }
    });
    found
}

/// The text with masks in it; `None` where it would not say the same but for them.
fn written(text: &str, parts: &[Part], vault: &Vault) -> Option<String> {
    let mut edits = Vec::new();
    let is_searched = text.len().saturating_mul(vault.words()) < LIMIT_SEARCH;
    for part in parts {
        let (start, end) = (part.document.span.start as usize, part.document.span.end as usize);
        let text = in_place(text, part, vault, is_searched).or_else(|| canonical(text.get(start..end)?, part))?;
        edits.push(Edit { start, end, text });
    }
    let written = applied(text, 0, text.len(), edits)?;
    let is_same = parse(ALONE, &written).is_ok_and(|documents| documents.len() == parts.len());
    is_same.then_some(written)
}

/// A document with masks in the places of its values, and of its comments: one may be a value that was.
fn in_place(text: &str, part: &Part, vault: &Vault, is_searched: bool) -> Option<String> {
    let mut masks = Vec::new();
    edits(text, part.document, &part.was, &part.masked, &mut masks)?;
    let is_hidden = |comment: &str| !is_searched || vault.stands_in(comment);
    let seen = if part.is_secret { Between::Nothing } else { Between::Comments(&is_hidden) };
    between::masks(text, part.document, seen, &mut masks);
    let span = part.document.span;
    let written = applied(text, span.start as usize, span.end as usize, masks)?;
    let before = span.slice(text).matches('\n').count();
    let is_fine = says(&written, &part.masked) && written.matches('\n').count() == before;
    let leaks = part.is_secret && is_searched && vault.stands_in(&written) && !vault.stands_in(&write(&part.masked));
    (is_fine && !leaks).then_some(written)
}

/// A document without anything of the user's but what it says, with at least as many lines.
fn canonical(was: &str, part: &Part) -> Option<String> {
    if part.was == part.masked {
        return Some(was.to_owned());
    }
    let mut out =
        if was.starts_with(['\n', '\r']) || part.document.span.start == 0 { String::new() } else { "\n".to_owned() };
    out.push_str(&write(&part.masked));
    let missing = was.matches('\n').count().saturating_sub(out.matches('\n').count());
    out.extend(std::iter::repeat_n([between::MASK, "\n"], missing).flatten());
    says(&out, &part.masked).then_some(out)
}

/// Whether a text says that and nothing else.
fn says(text: &str, expected: &Value) -> bool {
    let Ok(documents) = parse(ALONE, text) else { return false };
    let [document] = documents.as_slice() else { return false };
    resolve(&document.root, &mut Vec::new()) == *expected
}

/// The text with every document hidden in which a Secret may stand.
fn hidden(text: &str, parts: &[Part], vault: &Vault, faults: &mut Vec<Fault>) -> String {
    let mut findings = Vec::new();
    for part in parts {
        let quiet = part.is_secret || part.is_unsure();
        findings.extend(
            part.findings.iter().map(|found| if quiet { silent(found, part.document, vault) } else { found.clone() }),
        );
    }
    let hidden = redact::documents(text, may_hold);
    faults.push(Fault { text: hidden.clone(), findings });
    hidden
}

/// A finding without a value in its words.
fn silent<'a>(found: &Diagnostic, document: &'a Document, vault: &Vault) -> Diagnostic {
    let mut values: Vec<&'a str> = Vec::new();
    let mut value = |node: &'a Node| {
        if let Node { kind: Kind::Scalar { text, .. }, .. } = node {
            values.push(text);
        }
    };
    document.root.walk(&mut |node| match &node.kind {
        Kind::Map { entries, .. } => entries.iter().for_each(|(_, item)| value(item)),
        Kind::Seq { items, .. } => items.iter().for_each(&mut value),
        Kind::Scalar { .. } | Kind::Alias(_) => {}
    });
    let is_value = |word: &str| values.contains(&word);
    let words = found.message.split('`').enumerate();
    let words: Vec<&str> =
        words.map(|(index, word)| if index % 2 == 1 && is_value(word) { "***" } else { word }).collect();
    Diagnostic { message: vault.hide(&words.join("`")), ..found.clone() }
}

/// Whether a Secret in a text has masks in the place of values.
pub(super) fn holds_masks(text: &str) -> bool {
    let mut found = false;
    let mut look = |value: &Value| {
        mapped(value, "", &mut |_, leaf| {
            found |= leaf.as_str().is_some_and(is_mask);
            None
        });
    };
    for document in parse(ALONE, text).unwrap_or_default() {
        let value = resolve(&document.root, &mut Vec::new());
        look(&value);
        for manifest in value.get("manifests").map(Value::items).unwrap_or_default() {
            let inner = manifest.text_at(&["inline"]).unwrap_or_default();
            found_in(inner, &mut look);
        }
    }
    found
}

fn found_in(text: &str, look: &mut impl FnMut(&Value)) {
    for document in parse(ALONE, text).unwrap_or_default() {
        look(&resolve(&document.root, &mut Vec::new()));
    }
}
