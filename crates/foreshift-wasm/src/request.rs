//! What a page asks for, read by hand: `Deserialize` would bring the printing of floats along, a tenth of the budget.

use foreshift_core::plan::{Hashes, Occasion, Side};
use foreshift_core::{File, Request};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::js_sys::{Array, Reflect, TypeError};

/// A request; else what is wrong with it, as an error of JavaScript.
pub(crate) fn read(asked: &JsValue) -> Result<Request, JsValue> {
    let occasion = if field(asked, "first")?.is_truthy() { Occasion::First } else { Occasion::Change };
    let config = text(asked, "config")?;
    let (mut files, mut current, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for asked in list(asked, "files")? {
        files.push(file(&asked)?);
    }
    for path in list(asked, "current")? {
        current.push(as_text(&path, "current")?);
    }
    for asked in list(asked, "hashes")? {
        hashes.push(hash(&asked)?);
    }
    Ok(Request {
        config,
        files,
        current,
        target: optional_text(asked, "target")?,
        hashes: Hashes { list: hashes },
        occasion,
        knows_all: false,
    })
}

fn file(asked: &JsValue) -> Result<File, JsValue> {
    Ok(File { path: text(asked, "path")?, text: text(asked, "text")? })
}

fn hash(asked: &JsValue) -> Result<(Option<String>, Side, String), JsValue> {
    let side = Side::named(&text(asked, "side")?).ok_or_else(|| wrong("side", "`active` or `canary`"))?;
    Ok((optional_text(asked, "workload")?, side, text(asked, "hash")?))
}

fn text(object: &JsValue, name: &str) -> Result<String, JsValue> {
    as_text(&field(object, name)?, name)
}

fn as_text(value: &JsValue, name: &str) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| wrong(name, "text"))
}

fn optional_text(object: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let value = field(object, name)?;
    if value.is_undefined() { Ok(None) } else { as_text(&value, name).map(Some) }
}

/// The items of a list; one that is not there is empty.
fn list(object: &JsValue, name: &str) -> Result<Vec<JsValue>, JsValue> {
    let value = field(object, name)?;
    if value.is_undefined() {
        return Ok(Vec::new());
    }
    let list: Array = value.dyn_into().map_err(|_| wrong(name, "a list"))?;
    Ok(list.iter().collect())
}

/// What stands in a field; `undefined` where there is none. Throws where `object` is none.
fn field(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
}

fn wrong(name: &str, wanted: &str) -> JsValue {
    let message = ["`", name, "` has to be ", wanted].concat();
    TypeError::new(&message).into()
}
