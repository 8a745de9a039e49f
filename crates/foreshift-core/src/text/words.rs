//! Words and numbers in a text. The standard library looks for words by an algorithm that is made for long ones, and has
//! a reader of numbers for each type: both together are a hundredth of what a browser would load.

/// Where a word stands first. For words that do not repeat themselves, as `{{`: it is read again at each place.
pub(crate) fn find(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len().max(1)).position(|window| window == word)
}

/// Where a letter of ASCII stands last.
pub(crate) fn last(text: &str, letter: u8) -> Option<usize> {
    text.bytes().rposition(|byte| byte == letter)
}

/// What stands before a word and what behind it.
pub(crate) fn split<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = text.split_at_checked(find(text, word)?)?;
    Some((before, rest.get(word.len()..)?))
}

/// A whole number in decimal digits, perhaps behind a sign.
pub(crate) fn number(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0_i64.checked_sub_unsigned(digits.parse().ok()?),
        None => i64::try_from(text.parse::<u64>().ok()?).ok(),
    }
}

/// Names as a person reads them: each in backticks, with commas between.
pub(crate) fn in_backticks<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    listed(&mut names.into_iter())
}

fn listed(names: &mut dyn Iterator<Item = &str>) -> String {
    let mut list = String::new();
    for name in names {
        let comma = if list.is_empty() { "`" } else { ", `" };
        list.push_str(comma);
        list.push_str(name);
        list.push('`');
    }
    list
}
