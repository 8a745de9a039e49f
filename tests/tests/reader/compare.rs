//! Our tree of a text beside granit's: the same kinds, texts, places, anchors, tags and documents, or both refuse it.

use foreshift_core::diagnostic::{Code, Diagnostic};
use foreshift_core::text::{Document, Kind, Node, SourceId, Style, parse};

use super::granit;

/// What we refuse and granit reads: a part of what we say, and why.
const WE_REFUSE: &[(&str, &str)] = &[
    ("a tab ", "kubectl refuses every tab before what may begin a node of block style"),
    ("control characters", "granit ends a text at its first NUL, and lets a comment have any character"),
    ("a key has to stand on one line", "kubectl wants that within brackets too"),
    ("the name of an anchor", "kubectl takes letters, digits, `-` and `_`"),
    ("there are directives", "kubectl knows no others"),
    ("this directive stands here twice", "kubectl refuses it"),
    ("`---` was expected behind the directives", "granit takes a mark of byte order there"),
    ("a space was expected before this comment", "granit wants it, but not behind a colon within brackets"),
    ("a text below `|` or `>` needs a space", "kubectl ends such a text where it begins"),
    ("a mark of byte order", "kubectl takes it for text, granit for nothing"),
    ("write a space behind this", "kubectl takes `?` and `:` for indicators within brackets"),
    ("this tag is not complete", "kubectl ends a tag at `#`"),
    ("a space was expected behind this tag", "kubectl ends a tag at `#`"),
    ("two hexadecimal digits", "nobody writes a tag with escapes beyond ASCII"),
];

/// What granit refuses and we read: a part of what it says, and why.
const GRANIT_REFUSES: &[(&str, &str)] = &[
    ("tab", "kubectl takes tabs as indentation within brackets"),
    ("wrongly indented line in block scalar", "kubectl ends a text without lines at a comment that is indented less"),
    ("illegal placement of ':'", "JSON lets a colon stand on the line below its key, in any column"),
    ("invalid global tag character", "kubectl takes any character of an address at the start of what `%TAG` says"),
    ("implicit flow mapping", "`[? : 1]` has a key that is not there, as `{? : 1}` has"),
];

/// What is different about a text that no reason is listed for.
pub fn difference(text: &str) -> Option<String> {
    let (ours, theirs) = (parse(SourceId(0), text), granit::parse(text));
    let is_known = match (&ours, &theirs) {
        (Err(_), Err(_)) => true,
        (Ok(ours), Ok(theirs)) => {
            same_documents(ours, theirs, text)
                || names_before_colons(text)
                || ours.iter().any(|document| is_bare(&document.root))
        }
        (Err(found), Ok(_)) => is_limit(found) || is_listed(WE_REFUSE, &found.message) || names_before_colons(text),
        (Ok(_), Err(message)) => is_listed(GRANIT_REFUSES, message) || names_before_colons(text),
    };
    (!is_known).then(|| format!("{text:?}\nours   {ours:?}\ngranit {theirs:?}"))
}

fn is_listed(list: &[(&str, &str)], message: &str) -> bool {
    list.iter().any(|(part, _)| message.contains(part))
}

/// Whether it is a text at the root without a line: to kubectl its lines have to be indented, to granit they need not.
fn is_bare(root: &Node) -> bool {
    matches!(&root.kind, Kind::Scalar { text, style: Style::Block } if text.trim().is_empty())
}

/// Each counts levels and nodes in its own way.
fn is_limit(found: &Diagnostic) -> bool {
    found.code == Code::InputTooLarge
}

/// Whether an anchor or an alias ends at `:` or the like: to kubectl that is behind the name, to granit a part of it.
fn names_before_colons(text: &str) -> bool {
    text.split(['&', '*']).skip(1).any(|behind| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let rest = behind.trim_start_matches(is_word);
        rest.len() < behind.len() && rest.starts_with(['?', ':', '%', '@', '`'])
    })
}

fn same_documents(ours: &[Document], theirs: &[Document], text: &str) -> bool {
    let mut pairs = ours.iter().zip(theirs);
    // Behind `...` granit begins a document that is one text at the first line of that, and we at its `|`.
    let are_placed = ours.iter().zip(theirs).all(|(ours, theirs)| ours.span == theirs.span)
        || ours.iter().any(|document| matches!(document.root.kind, Kind::Scalar { style: Style::Block, .. }));
    ours.len() == theirs.len() && are_placed && pairs.all(|(ours, theirs)| same(&ours.root, &theirs.root, text))
}

fn same(ours: &Node, theirs: &Node, text: &str) -> bool {
    let is_placed =
        (ours.span.start, ours.column) == (theirs.span.start, theirs.column) || is_level(ours, theirs, text);
    let is_alike = match (&ours.kind, &theirs.kind) {
        (Kind::Scalar { text: our_text, style: our }, Kind::Scalar { text: their_text, style: their }) => {
            our_text == their_text && our == their
        }
        (Kind::Alias(our), Kind::Alias(their)) => our == their,
        (Kind::Seq { flow: our_flow, items: our }, Kind::Seq { flow: their_flow, items: their }) => {
            our_flow == their_flow
                && our.len() == their.len()
                && our.iter().zip(their).all(|(our, their)| same(our, their, text))
        }
        (Kind::Map { flow: our_flow, entries: our }, Kind::Map { flow: their_flow, entries: their }) => {
            let mut pairs = our.iter().zip(their);
            our_flow == their_flow
                && our.len() == their.len()
                && pairs.all(|(our, their)| same(&our.0, &their.0, text) && same(&our.1, &their.1, text))
        }
        _ => false,
    };
    is_placed && is_alike && ours.span.end == theirs.span.end && ours.anchor == theirs.anchor && ours.tag == theirs.tag
}

/// Whether it is a list at the column of its key: granit begins that behind its first dash.
fn is_level(ours: &Node, theirs: &Node, text: &str) -> bool {
    let between = text.get(ours.span.start as usize..theirs.span.start as usize).unwrap_or_default();
    let behind = between.strip_prefix('-').map(|rest| rest.split('#').next().unwrap_or_default());
    matches!(ours.kind, Kind::Seq { flow: false, .. }) && behind.is_some_and(|blank| blank.trim().is_empty())
}
