//! The order of targets: who waits for whom, and that nobody waits for themselves.

use crate::order::Table;

use super::Spanned;
use crate::diagnostic::{Code, Diagnostic};

/// A target's name with the names that it waits for.
pub(super) type Waits<'a> = (&'a str, Vec<Spanned<String>>);

/// Reports cycles of `dependsOn`, at the reference that closes each; at most one among targets that reach each other.
pub(super) fn check(targets: &[Waits], diagnostics: &mut Vec<Diagnostic>) {
    let index: Table<&str, usize> = targets.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    let mut marks = vec![Mark::Unseen; targets.len()];
    for start in 0..targets.len() {
        diagnostics.extend(walk(start, targets, &index, &mut marks));
    }
}

/// How far a target has been followed.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mark {
    Unseen,
    OnWay,
    Done,
}

/// Follows every reference from `start` to the first cycle; without recursion, because the targets may be very many.
fn walk(start: usize, targets: &[Waits], index: &Table<&str, usize>, marks: &mut [Mark]) -> Option<Diagnostic> {
    let mut way = Vec::new();
    enter(start, &mut way, marks);
    let mut found = None;
    while let Some((here, next)) = way.last_mut() {
        let waits = targets.get(*here).and_then(|(_, waits)| waits.get(*next));
        let Some(reference) = waits.filter(|_| found.is_none()) else {
            if let Some(mark) = marks.get_mut(*here) {
                *mark = Mark::Done;
            }
            way.pop();
            continue;
        };
        *next += 1;
        let Some(&there) = index.get(reference.value.as_str()) else {
            continue;
        };
        if marks.get(there) == Some(&Mark::OnWay) {
            found = Some(explain(there, &way, targets, reference));
        } else {
            enter(there, &mut way, marks);
        }
    }
    found
}

fn enter(target: usize, way: &mut Vec<(usize, usize)>, marks: &mut [Mark]) {
    if let Some(mark @ Mark::Unseen) = marks.get_mut(target) {
        *mark = Mark::OnWay;
        way.push((target, 0));
    }
}

fn explain(first: usize, way: &[(usize, usize)], targets: &[Waits], closing: &Spanned<String>) -> Diagnostic {
    let mut names = String::new();
    for (target, _) in way.iter().skip_while(|(target, _)| *target != first) {
        if let Some((name, _)) = targets.get(*target) {
            names.push_str(name);
            names.push_str(" → ");
        }
    }
    names.push_str(&closing.value);
    Diagnostic::new(Code::DependsOnCycle, closing.span, format!("the targets wait for each other: `{names}`"))
        .help("take one of these names out of `dependsOn`")
}
