//! Secrets: what they hold is masked before anything else is done with a request, so that nothing behind it can know it.
//!
//! A value becomes `*** (1f2e3d4c)`: enough to see whether it changes, as `kubectl diff` shows it, and no more. The place
//! of everything else stays. What stands behind the masks is in the [`Vault`], which shows nothing of it.

mod base64;
mod between;
mod edit;
mod mask;
mod object;
mod redact;
mod text;
mod vault;

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::preview::{File, Request};
use crate::text::{SourceId, line_starts};

pub use vault::{Unknown, Vault};

/// A request that holds no value of a Secret.
#[derive(Clone, Debug)]
pub struct Masked<'a> {
    /// The request, with masks in the place of values. Each of its texts has as many lines as before.
    pub request: Cow<'a, Request>,
    /// What stands behind the masks.
    pub vault: Vault,
    /// What was found in texts that cannot be masked in their places.
    faults: Vec<Fault>,
    /// The files that have masks now, with where the lines began before, in UTF-16 units.
    lines: Vec<(String, Vec<u32>)>,
}

/// A text that cannot be read, or not be masked in its places.
#[derive(Clone, Debug)]
struct Fault {
    /// What is shown of it: as long as the text itself, byte for byte.
    text: String,
    findings: Vec<Diagnostic>,
}

/// Masks what the Secrets of a request hold: those of its manifests and of what runs now, wherever they stand.
///
/// A request without any is not copied. Masking twice is masking once.
pub fn mask(request: &Request) -> Masked<'_> {
    let (mut vault, mut faults, mut lines) = (Vault::default(), Vec::new(), Vec::new());
    let mut files: Vec<(usize, String)> = Vec::new();
    for (index, file) in request.files.iter().enumerate() {
        if let Some(text) = text::masked(&file.text, &mut vault, &mut faults) {
            lines.push((file.path.clone(), line_starts(&file.text)));
            files.push((index, text));
        }
    }
    if files.is_empty() {
        return Masked { request: Cow::Borrowed(request), vault, faults, lines };
    }
    let mut masked = request.clone();
    for (index, text) in files {
        if let Some(file) = masked.files.get_mut(index) {
            *file = File { path: std::mem::take(&mut file.path), text };
        }
    }
    Masked { request: Cow::Owned(masked), vault, faults, lines }
}

/// One text with masks in the place of what its Secrets hold.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    match text::masked(text, &mut Vault::default(), &mut Vec::new()) {
        Some(masked) => Cow::Owned(masked),
        None => Cow::Borrowed(text),
    }
}

/// Whether a text holds a Secret whose values are masks: they stand somewhere else, or nowhere.
pub fn is_masked(text: &str) -> bool {
    text::holds_masks(text)
}

impl Masked<'_> {
    /// The files of which nothing is shown, because nobody can say where the values of their Secrets are.
    pub fn hidden(&self) -> Vec<&str> {
        let is_hidden = |text: &str| self.faults.iter().any(|fault| fault.text == text);
        self.request.files.iter().filter(|file| is_hidden(&file.text)).map(|file| file.path.as_str()).collect()
    }

    /// What was found in a text before it was masked, where that is all that can be said of it.
    pub(crate) fn findings(&self, text: &str, source: SourceId) -> Option<Vec<Diagnostic>> {
        let fault = self.faults.iter().find(|fault| fault.text == text)?;
        let mut findings = fault.findings.clone();
        for found in &mut findings {
            found.span.source = source;
        }
        Some(findings)
    }

    /// Where the lines of a file begin that the user knows, in UTF-16 units: masks have other lengths than values.
    pub(crate) fn lines(&self) -> Vec<(String, Vec<u32>)> {
        self.lines.clone()
    }
}
