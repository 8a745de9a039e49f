//! Markup that cannot be broken out of: a user's text gets in through `text` and attributes only, and both escape it.

use std::fmt::{Display, Write as _};

use foreshift_core::render::lines::safe;

/// HTML or XML in the making. Tags and names of attributes are the program's own.
#[derive(Debug, Default)]
pub(super) struct Markup {
    out: String,
}

/// A name and a value.
pub(super) type Attribute<'a> = (&'static str, &'a dyn Display);

impl Markup {
    /// An element with whatever is written in between.
    pub(super) fn element(
        &mut self,
        tag: &'static str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Markup),
    ) {
        self.open(tag, attributes);
        self.out.push('>');
        content(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// An element that holds a text.
    pub(super) fn words(&mut self, tag: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.element(tag, attributes, |inner| inner.text(text));
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.open(tag, attributes);
        self.out.push_str("/>");
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// What the program brings along, as it is: a style, a line break.
    pub(super) fn own(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// JSON in a script element, where `<` could end it.
    pub(super) fn json(&mut self, json: &str) {
        for c in json.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => _ = write!(self.out, "\\u{:04x}", u32::from(c)),
                c => self.out.push(c),
            }
        }
    }

    /// Markup that was written apart.
    pub(super) fn append(&mut self, other: &Markup) {
        self.out.push_str(&other.out);
    }

    /// All that was written.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"");
            escape(&mut self.out, &value.to_string());
            self.out.push('"');
        }
    }
}

/// Line breaks are written as references: in Markdown an empty line would end the fragment that it is in.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            c => out.push(safe(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn no_text_gets_out() {
        let mut markup = Markup::default();
        let hostile = "</script><img src=x onerror='a' b=\"c\">&amp;\n\n\u{202e}\0";
        markup.element("p", &[("title", &hostile)], |inner| inner.text(hostile));
        markup.element("script", &[], |inner| inner.json("{\"a\":\"</script>&\"}"));
        let escaped =
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39; b=&quot;c&quot;&gt;&amp;amp;&#10;&#10;\u{fffd}\u{2400}";
        let json = "{\"a\":\"\\u003c/script\\u003e\\u0026\"}";
        assert_eq!(markup.finish(), format!("<p title=\"{escaped}\">{escaped}</p><script>{json}</script>"));
    }
}
