//! The core in a browser: what a page calls, and nothing that decides.

mod request;

use foreshift_core::{File, Preview, contract, preview, secret};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The memory of one module for one page: no threads.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What a page gets, for its compiler. That it is true is checked with every case by `web/replay.mjs`.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("contract.d.ts");

/// The version of foreshift that this module holds.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Plans a rollout; throws only where the request is none. What is wrong with its texts is in the summary.
#[wasm_bindgen]
pub fn plan(#[wasm_bindgen(unchecked_param_type = "PlanRequest")] request: &JsValue) -> Result<Plan, JsValue> {
    Ok(Plan { preview: preview(&request::read(request)?) })
}

/// The texts of a request as others may see them: with masks in the place of what Secrets hold. Throws only where the
/// request is none.
#[wasm_bindgen(unchecked_return_type = "Masked")]
pub fn mask(#[wasm_bindgen(unchecked_param_type = "PlanRequest")] request: &JsValue) -> Result<JsValue, JsValue> {
    let request = request::read(request)?;
    let masked = secret::mask(&request);
    value(&Masked {
        files: masked.request.files.iter().map(MaskedFile::of).collect(),
        secrets: masked.vault.secrets(),
        hidden: masked.hidden(),
    })
}

/// What `mask` answers.
#[derive(Serialize)]
struct Masked<'a> {
    files: Vec<MaskedFile<'a>>,
    secrets: Vec<&'a str>,
    hidden: Vec<&'a str>,
}

#[derive(Serialize)]
struct MaskedFile<'a> {
    path: &'a str,
    text: &'a str,
}

impl MaskedFile<'_> {
    fn of(File { path, text }: &File) -> MaskedFile<'_> {
        MaskedFile { path, text }
    }
}

/// A preview that stays in the module's memory until `free()` is called; a page takes what it shows.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Plan {
    preview: Preview,
}

#[wasm_bindgen]
impl Plan {
    /// Everything but the texts of objects, with the ranges of findings.
    #[wasm_bindgen(unchecked_return_type = "Summary")]
    pub fn summary(&self) -> Result<JsValue, JsValue> {
        value(&contract::summary(&self.preview))
    }

    /// One state of a target with all its objects and routes; `undefined` where there is none.
    #[wasm_bindgen(unchecked_return_type = "WholeState | undefined")]
    pub fn state(&self, target: usize, index: usize) -> Result<JsValue, JsValue> {
        optional(contract::state(&self.preview, target, index).as_ref())
    }

    /// The lines of the object that a step wrote, with what became of them; none in state 0, `undefined` where
    /// there is no such state.
    #[wasm_bindgen(unchecked_return_type = "Line[] | undefined")]
    pub fn diff(&self, target: usize, index: usize) -> Result<JsValue, JsValue> {
        optional(contract::diff(&self.preview, target, index).as_ref())
    }

    /// The way out of one state of a target, to its end; `undefined` where there is no such state.
    #[wasm_bindgen(js_name = wayBack, unchecked_return_type = "WholeAbort | undefined")]
    pub fn way_back(&self, target: usize, from: usize) -> Result<JsValue, JsValue> {
        optional(contract::way_back(&self.preview, target, from).as_ref())
    }

    /// The whole contract: what `foreshift plan -o json` prints is `JSON.stringify(document, null, 2)`.
    #[wasm_bindgen(unchecked_return_type = "Document")]
    pub fn document(&self) -> Result<JsValue, JsValue> {
        value(&contract::document(&self.preview))
    }
}

fn optional<T: Serialize>(content: Option<&T>) -> Result<JsValue, JsValue> {
    content.map_or(Ok(JsValue::UNDEFINED), value)
}

fn value<T: Serialize>(content: &T) -> Result<JsValue, JsValue> {
    Ok(content.serialize(&Serializer::json_compatible())?)
}
