//! Objects that are printed for kubectl: their names, and YAML that every reader takes for the same.

use foreshift_core::text;
use foreshift_executor::value;
use serde_json::Value as Json;

/// What an object is named that belongs to a rollout: like the application and the target, as far as names may be.
///
/// Where letters had to go, a few others tell it from what would be called the same.
pub(crate) fn name(application: &str, target: &str) -> String {
    let slug = |text: &str| {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        let whole: String = text.chars().map(letter).take(20).collect();
        whole.trim_matches('-').to_owned()
    };
    let (application_slug, target_slug) = (slug(application), slug(target));
    let name = format!("foreshift-{application_slug}-{target_slug}");
    if application_slug == application && target_slug == target {
        return name;
    }
    format!("{}-{}", name.trim_end_matches('-'), digest(&format!("{application}\n{target}")))
}

/// Eight letters that stand for a text.
pub(crate) fn digest(text: &str) -> String {
    foreshift_executor::record::digest(text.as_bytes()).chars().take(8).collect()
}

/// Objects as documents, each with its comment, if it has one.
pub(crate) fn yaml<'a>(objects: impl IntoIterator<Item = &'a (String, Json)>) -> String {
    let mut out = String::new();
    for (comment, object) in objects {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        for line in comment.lines() {
            out.push_str("# ");
            out.push_str(line);
            out.push('\n');
        }
        out.push_str(&text::write(&value(object)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_are_labels_and_do_not_meet() {
        assert_eq!(name("reviews", "prod"), "foreshift-reviews-prod");
        let odd = name("Reviews & more", "prod (east)");
        assert!(odd.starts_with("foreshift-reviews---more-prod--east-"), "{odd}");
        assert_ne!(name("Reviews & more", "prod (west)"), odd);
        let long = name(&"a".repeat(300), &"é".repeat(300));
        assert!(long.len() <= 63 && long.is_ascii(), "{long}");
        assert_ne!(name("a", "é"), name("a", "ü"));
    }
}
