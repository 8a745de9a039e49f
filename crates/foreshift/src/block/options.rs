//! The options of a block: what stands behind its name.

use foreshift_core::shape::nearest;

use crate::failure::Failure;

/// The options, as far as they are given.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) state: Option<usize>,
    pub(super) src: Option<String>,
    pub(super) target: Option<String>,
    pub(super) active: Option<String>,
    pub(super) canary: Option<String>,
    pub(super) first: bool,
}

const NAMES: [&str; 6] = ["state", "src", "target", "active", "canary", "first"];

impl Options {
    /// Reads `{state=5 target="prod (eu)" first}`.
    pub(super) fn read(text: &str) -> Result<Options, Failure> {
        let mut out = Options::default();
        for (name, value) in Options::pairs(text)? {
            match name.as_str() {
                "state" => {
                    let number = value.parse().map_err(|_| {
                        Failure::usage(format!("`state={value}` of a block is no state"))
                            .help("states are counted from 0, the one before the first write")
                    })?;
                    out.state = Some(number);
                }
                "src" => out.src = Some(value),
                "target" => out.target = Some(value),
                "active" => out.active = Some(value),
                "canary" => out.canary = Some(value),
                "first" => out.first = value != "false",
                _ => {
                    let failure = Failure::usage(format!("a block has no option `{name}`"));
                    return Err(match nearest(&name, NAMES) {
                        Some(near) => failure.help(format!("did you mean `{near}`?")),
                        None => failure.help(format!("there is {}", NAMES.join(", "))),
                    });
                }
            }
        }
        Ok(out)
    }

    /// Each name with its value, by name; a name alone is `true`.
    pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, Failure> {
        let text = text.trim();
        let inside = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        let mut out = Vec::new();
        let mut rest = inside.trim_start();
        while !rest.is_empty() {
            let end = rest.find([' ', '\t', '=', ',']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(value) = after.strip_prefix('=') else {
                out.push((name.to_owned(), "true".to_owned()));
                rest = after.trim_start_matches([' ', '\t', ',']);
                continue;
            };
            let (value, after) = match value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
                Some(quote) => value.get(1..).and_then(|value| value.split_once(quote)).ok_or_else(|| {
                    Failure::usage(format!("the quote behind `{name}=` in a block's options has no end"))
                })?,
                None => value.split_at(value.find([' ', '\t', ',']).unwrap_or(value.len())),
            };
            out.push((name.to_owned(), value.to_owned()));
            rest = after.trim_start_matches([' ', '\t', ',']);
        }
        out.sort();
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options_are_read_with_and_without_braces() {
        for text in [
            "{state=4 target=\"prod (eu)\" first}",
            "first, target='prod (eu)' state=4",
            "{ state=\"4\",target='prod (eu)',first=true }",
        ] {
            let options = Options::read(text).expect(text);
            assert_eq!((options.state, options.target.as_deref(), options.first), (Some(4), Some("prod (eu)"), true));
        }
        assert!(Options::read("").is_ok_and(|options| options.src.is_none()));
    }

    #[test]
    fn what_is_no_option_is_said() {
        let says = |text: &str, words: &str| {
            let failure = Options::read(text).expect_err(text).to_string();
            assert!(failure.contains(words), "{failure}");
        };
        says("stat=4", "did you mean `state`?");
        says("state=four", "no state");
        says("src=\"a", "has no end");
    }
}
