//! A document of which nobody can say where its values are: all of it is hidden, byte for byte, so that places stay.

/// The keys that are shown.
const KEYS: &[&str] =
    &["apiVersion", "data", "immutable", "items", "kind", "metadata", "name", "namespace", "stringData", "type"];

/// A text with every document hidden that `is_hidden` says yes to. Documents are divided as kubectl does it, by lines that
/// begin with `---`: that needs no reader.
pub(super) fn documents(text: &str, is_hidden: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut document = String::new();
    let finish = |out: &mut String, document: &mut String| {
        out.push_str(&if is_hidden(document) { hidden(document) } else { std::mem::take(document) });
        document.clear();
    };
    for line in text.split_inclusive('\n') {
        if is_marker(line) {
            finish(&mut out, &mut document);
        }
        document.push_str(line);
    }
    finish(&mut out, &mut document);
    out
}

fn is_marker(line: &str) -> bool {
    let rest = line.trim_start_matches('\u{feff}').strip_prefix("---");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// A text of which nothing is shown but indentation, dashes of lists and keys that every Secret has.
pub(super) fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches(['\u{feff}', ' ', '-']);
        out.push_str(line.strip_suffix(content).unwrap_or_default());
        let key = content.split_once(':').map(|(key, _)| key).filter(|key| KEYS.contains(key)).unwrap_or_default();
        out.push_str(key);
        let mut rest = content.get(key.len()..).unwrap_or_default();
        if !key.is_empty() {
            out.push(':');
            rest = rest.strip_prefix(':').unwrap_or(rest);
        }
        out.extend(rest.bytes().map(|byte| match byte {
            b' ' | b'\t' | b'\r' | b'\n' => char::from(byte),
            _ => '*',
        }));
    }
    out
}
