//! The changed lines of a write.

use foreshift_core::render::Act;
use foreshift_core::render::diff::{Change, Mark};
use foreshift_core::render::hunks::Hunks;
use foreshift_core::render::words::counted;

use super::markup::Markup;

/// The most changed lines of one state.
const LIMIT_LINES: usize = 60;

/// Runs of lines below the paths of what they change.
pub(super) fn lines(out: &mut Markup, act: &Act<'_>) {
    let hunks = Hunks::of(act);
    if hunks.changed() == 0 {
        out.words("p", &[], "No line changes.");
        return;
    }
    out.element("pre", &[("tabindex", &0), ("aria-label", &"Changed lines")], |pre| {
        let mut shown = 0;
        for hunk in hunks.runs() {
            if !hunk.path.is_empty() && shown < LIMIT_LINES {
                pre.words("span", &[("class", &"path")], &format!("@ {}\n", hunk.path));
            }
            for change in hunk.lines {
                shown += usize::from(change.mark != Mark::Kept);
                if shown <= LIMIT_LINES {
                    line(pre, *change);
                }
            }
        }
        if shown > LIMIT_LINES {
            pre.words("span", &[("class", &"path")], &format!("… and {} more\n", counted(shown - LIMIT_LINES, "line")));
        }
    });
}

fn line(out: &mut Markup, change: Change<'_>) {
    let (tag, mark) = match change.mark {
        Mark::Kept => ("span", ' '),
        Mark::Removed => ("del", '-'),
        Mark::Added => ("ins", '+'),
    };
    out.words(tag, &[], &format!("{mark} {}\n", change.text));
}
