//! The JSON Schema of the deployment config, from the same tables that the reader checks with.
//!
//! Only the command line asks for it; a browser build that does not call it does not link it.

mod described;

pub use described::{DEFINITIONS, Definition, Described};

use std::fmt::Write as _;

use super::table;
use crate::shape::{Object, Shape};
use crate::text::quoted;

/// The schema as JSON text (draft 2020-12).
///
/// Whatever it refuses the reader refuses too. What takes more than one place to see (references, cycles, names given
/// twice, times below or above a limit) is left to the reader.
pub fn json_schema() -> String {
    let mut out = String::from(
        "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"Deployment config\",\n  \
         \"$ref\": \"#/$defs/config\",\n  \"$defs\": {\n",
    );
    for (index, definition) in DEFINITIONS.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ",\n" });
        push_definition(&mut out, definition);
    }
    out.push_str("\n  }\n}\n");
    out
}

fn push_definition(out: &mut String, definition: &Definition) {
    let object = definition.object;
    let _ = write!(
        out,
        "    {}: {{\n      \"description\": {},\n      \"type\": \"object\",\n      \"properties\": {{\n",
        quoted(definition.name),
        quoted(definition.says)
    );
    for (index, field) in object.fields.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ",\n" });
        let said = definition.fields.iter().find(|said| said.name == field.name);
        let (says, limit) = said.map_or(("", ""), |said| (said.says, said.limit));
        let _ = write!(
            out,
            "        {}: {{\"description\": {}, {}{limit}}}",
            quoted(field.name),
            quoted(says),
            keywords(field.shape)
        );
    }
    out.push_str("\n      },\n");
    let required = object.fields.iter().filter(|field| field.required).map(|field| quoted(field.name));
    let _ = write!(
        out,
        "      \"required\": [{}],\n      \"additionalProperties\": false",
        required.collect::<Vec<_>>().join(", ")
    );
    for group in object.at_most_one {
        let given = group.iter().map(|name| is_given(name)).collect::<Vec<_>>();
        let _ = write!(out, ",\n      \"oneOf\": [{}]", given.join(", "));
    }
    if !definition.rule.is_empty() {
        let _ = write!(out, ",\n      {}", definition.rule);
    }
    out.push_str("\n    }");
}

/// A schema that a mapping fits that has the field, and not as `null`.
fn is_given(name: &str) -> String {
    let name = quoted(name);
    format!("{{\"required\": [{name}], \"properties\": {{{name}: {{\"not\": {{\"type\": \"null\"}}}}}}}}")
}

/// The keywords of a shape, without braces around them.
fn keywords(shape: Shape) -> String {
    let alternatives = alternatives(shape);
    if let [only] = alternatives.as_slice() {
        return only.clone();
    }
    format!("\"anyOf\": [{{{}}}]", alternatives.join("}, {"))
}

/// What a shape allows, each as keywords.
fn alternatives(shape: Shape) -> Vec<String> {
    match shape {
        Shape::Any => {
            vec!["\"type\": [\"null\", \"boolean\", \"number\", \"string\", \"array\", \"object\"]".to_owned()]
        }
        Shape::Bool => vec!["\"type\": \"boolean\"".to_owned()],
        Shape::Int((low, high)) => {
            vec![format!("\"type\": \"integer\", \"minimum\": {low}, \"maximum\": {high}")]
        }
        Shape::Number => vec!["\"type\": \"number\"".to_owned()],
        Shape::Str => vec!["\"type\": \"string\"".to_owned()],
        Shape::Word(words) => of_words(words),
        Shape::List(inner) => {
            vec![format!("\"type\": \"array\", \"items\": {{{}}}", keywords(*inner))]
        }
        Shape::Dict(inner) => {
            vec![format!("\"type\": \"object\", \"additionalProperties\": {{{}}}", keywords(*inner))]
        }
        Shape::Object(object) => of_object(object),
        Shape::Nullable(inner) => {
            let mut list = alternatives(*inner);
            list.push("\"type\": \"null\"".to_owned());
            list
        }
        Shape::Checked(inner, _) => alternatives(*inner),
    }
}

/// The words themselves, which an editor offers, and the same in any case, which the reader takes.
fn of_words(words: &[&str]) -> Vec<String> {
    let list: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let mut pattern = String::new();
    for word in words {
        pattern.push_str(if pattern.is_empty() { "" } else { "|" });
        for c in word.chars() {
            let _ = write!(pattern, "[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase());
        }
    }
    vec![format!("\"enum\": [{}]", list.join(", ")), format!("\"type\": \"string\", \"pattern\": \"^({pattern})$\"")]
}

fn of_object(object: &'static Object) -> Vec<String> {
    let definition = DEFINITIONS.iter().find(|definition| std::ptr::eq(definition.object, object));
    let name = definition.map_or("config", |definition| definition.name);
    let mut list = vec![format!("\"$ref\": \"#/$defs/{name}\"")];
    // The reader takes `setWeight: 10` for the long form.
    if std::ptr::eq(object, &raw const table::SET_WEIGHT) {
        list.extend(alternatives(table::WEIGHT));
    }
    list
}
