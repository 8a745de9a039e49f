//! Templates: texts with variables in double braces, such as `{{armory.applicationName}}`.
//!
//! Source: Armory's references of webhooks and of queries. What stands between the braces is a name of letters, digits,
//! `.`, `_` and `-`, with spaces around it where somebody likes them; anything else in braces is text.

/// What the rollout itself gives to every template.
pub const SUPPLIED: &[&str] = &[
    "armory.applicationName",
    "armory.deploymentId",
    "armory.environmentName",
    "armory.replicaSetName",
    "armory.accountName",
    "armory.namespace",
];

/// What it gives to webhooks besides.
pub const SUPPLIED_TO_WEBHOOKS: &[&str] = &["armory.callbackUri"];

/// What it gives to queries besides: the time that a judgment looks at.
pub const SUPPLIED_TO_QUERIES: &[&str] = &[
    "armory.startTimeIso8601",
    "armory.startTimeEpochSeconds",
    "armory.startTimeEpochMillis",
    "armory.endTimeIso8601",
    "armory.endTimeEpochSeconds",
    "armory.endTimeEpochMillis",
    "armory.intervalSeconds",
    "armory.intervalMillis",
    "armory.promQlStepInterval",
];

/// Before the name of a variable of the step's or the config's `context`.
pub const CONTEXT: &str = "context.";

/// Before the name of a secret, which whoever carries a rollout out gives.
pub const SECRETS: &str = "secrets.";

/// A part of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece<'a> {
    /// Text that stays.
    Text(&'a str),
    /// A variable: its name, and all of it as it stands there.
    Variable(&'a str, &'a str),
}

/// The parts of a template, in order; joined as they stand there they are the template.
pub fn pieces(template: &str) -> Pieces<'_> {
    Pieces { rest: template }
}

/// The template with what `value` says in place of each variable; the name of the first one that it does not know.
pub fn fill(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> Result<String, &str> {
    let mut out = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable(name, _) => out.push_str(&value(name).ok_or(name)?),
        }
    }
    Ok(out)
}

/// The iterator of [`pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some((name, length)) = variable(self.rest) {
            let (all, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            return Some(Piece::Variable(name, all));
        }
        // Braces that begin no variable are text.
        let mut braces = self.rest.match_indices('{').map(|(at, _)| at).skip_while(|at| *at == 0);
        let next = braces.find(|at| self.rest.get(*at..).is_some_and(|rest| variable(rest).is_some()));
        let (text, rest) = self.rest.split_at_checked(next.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        Some(Piece::Text(text))
    }
}

/// The name of the variable that a text begins with, and how many bytes all of it has.
fn variable(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("{{")?;
    let padded = inner.trim_start_matches([' ', '\t']);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let behind = padded.trim_start_matches(is_name);
    let name = padded.get(..padded.len() - behind.len()).filter(|name| !name.is_empty())?;
    let rest = behind.trim_start_matches([' ', '\t']).strip_prefix("}}")?;
    Some((name, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::{Piece, fill, pieces};

    #[test]
    fn a_variable_is_a_name_in_double_braces() {
        let found: Vec<_> = pieces("a{{armory.x}}{{ context.y-z\t}}b").collect();
        assert_eq!(
            found,
            [
                Piece::Text("a"),
                Piece::Variable("armory.x", "{{armory.x}}"),
                Piece::Variable("context.y-z", "{{ context.y-z\t}}"),
                Piece::Text("b"),
            ]
        );
    }

    #[test]
    fn other_braces_are_text() {
        for text in ["", "{", "{{", "{{}}", "{{ }}", "{{\"a\": 1}}", "up{job=\"a\"}", "{{a b}}", "{{a}", "{{ü}}"] {
            assert_eq!(fill(text, |_| None).as_deref(), Ok(text));
        }
        assert_eq!(fill("{{{a}}}", |name| Some(format!("<{name}>"))).as_deref(), Ok("{<a>}"));
        assert_eq!(fill("{\"a\":{\"b\":\"{{c}}\"}}", |_| Some("d".into())).as_deref(), Ok("{\"a\":{\"b\":\"d\"}}"));
    }

    #[test]
    fn the_first_unknown_variable_is_named() {
        let known = |name: &str| (name == "a").then(|| "{{b}}".to_owned());
        assert_eq!(fill("{{a}}-{{a}}", known).as_deref(), Ok("{{b}}-{{b}}"));
        assert_eq!(fill("{{a}} {{c}} {{d}}", known), Err("c"));
    }
}
