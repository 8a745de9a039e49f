//! Attacks on what Secrets hold: whatever way it is written, nothing that comes out of a request has it.

mod layouts;
mod program;
mod random;

use std::sync::LazyLock;

use foreshift_core::render::{self, Selection};
use foreshift_core::secret::{self, Vault};
use foreshift_core::{File, Preview, Request, contract, preview};
use tests::case;

/// The value in every layout, and the same in base64.
const VALUE: &str = "hunter2-hunter2";
const ENCODED: &str = "aHVudGVyMi1odW50ZXIy";

/// Layouts of which nothing but what they say is kept, which takes more lines.
const LONGER: &[&str] = &["an anchor of the mapping", "a merge", "kind by an alias"];

static BASE: LazyLock<Request> = LazyLock::new(|| {
    let case = case::all().into_iter().find(|case| case.name == "canary/rest-of-the-manifests-partly-live");
    case.expect("the case").request
});

/// A rollout that applies what stands in `secret.yaml`, perhaps over what runs.
pub(crate) fn request(secret: &str, live: Option<&str>) -> Request {
    let mut request = BASE.clone();
    for file in request.files.iter_mut().filter(|file| file.path == case::CONFIG) {
        file.text = file.text.replace("manifests:\n", "manifests:\n  - path: secret.yaml\n");
    }
    request.files.push(File { path: "secret.yaml".to_owned(), text: secret.to_owned() });
    if let Some(live) = live {
        request.files.push(File { path: "live-secret.yaml".to_owned(), text: live.to_owned() });
        request.current.push("live-secret.yaml".to_owned());
    }
    request
}

/// Everything that comes out of a preview, and what it is kept as.
pub(crate) fn outputs(request: &Request) -> Vec<(&'static str, String)> {
    let preview = preview(request);
    let whole = serde_json::to_string(&contract::document(&preview)).expect("JSON");
    let summary = serde_json::to_string(&contract::summary(&preview)).expect("JSON");
    let mut out = vec![
        ("text", render::text(&preview, Selection::All)),
        ("yaml", render::yaml(&preview, Selection::All)),
        ("markdown", render::markdown(&preview, Selection::All)),
        ("diagnostics", render::diagnostics(&preview)),
        ("json", whole),
        ("summary", summary),
        ("the preview", format!("{preview:?}")),
        ("the masked request", format!("{:?}", secret::mask(request))),
    ];
    for state in 0..preview.plans.first().map_or(0, foreshift_core::plan::Plan::states) {
        let state = (
            contract::state(&preview, 0, state),
            contract::diff(&preview, 0, state),
            contract::way_back(&preview, 0, state),
        );
        out.push(("a state", serde_json::to_string(&state).expect("JSON")));
    }
    out
}

pub(crate) fn assert_hidden(request: &Request, values: &[&str], what: &str) {
    for (name, output) in outputs(request) {
        for value in values {
            assert!(!output.contains(value), "`{value}` of {what} is in {name}:\n{output}");
        }
    }
}

pub(crate) fn errors(preview: &Preview) -> String {
    if preview.has_errors() { render::diagnostics(preview) } else { String::new() }
}

#[test]
fn no_layout_shows_a_value() {
    for (name, text) in layouts::READ {
        let request = request(text, None);
        assert_hidden(&request, &[VALUE, ENCODED], name);
        let preview = preview(&request);
        assert_eq!(errors(&preview), "", "{name}");
        assert!(render::text(&preview, Selection::All).contains("*** ("), "{name} shows no mask");
    }
}

#[test]
fn what_cannot_be_read_shows_no_value() {
    for (name, text) in layouts::UNREAD {
        let request = request(text, None);
        assert_hidden(&request, &[VALUE, ENCODED], name);
        assert!(preview(&request).has_errors(), "{name} is a plan");
        // The place is the one in the user's own text.
        let found = preview(&request);
        let found = found.diagnostics.iter().find(|found| found.is_error()).expect("an error");
        let original = foreshift_core::text::parse(foreshift_core::text::SourceId(0), text);
        if let Err(original) = original {
            assert_eq!(
                (found.code, &found.message, found.span.start),
                (original.code, &original.message, original.span.start)
            );
        }
    }
}

#[test]
fn lines_stay_where_they_are() {
    for (name, text) in layouts::READ.iter().filter(|(name, _)| !LONGER.contains(name)) {
        let masked = secret::mask_text(text);
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count(), "{name}:\n{masked}");
    }
}

#[test]
fn masking_twice_is_masking_once() {
    for (name, text) in layouts::READ {
        let once = secret::mask_text(text);
        assert_eq!(secret::mask_text(&once), once, "{name}");
        assert!(secret::is_masked(&once), "{name}");
        assert!(!secret::is_masked(text), "{name}");
    }
}

#[test]
fn an_inline_manifest_is_masked_in_its_place() {
    for (name, text) in layouts::READ {
        let mut request = request("", None);
        let block: String = text.lines().map(|line| format!("      {line}\n")).collect();
        let double = serde_json::to_string(text).expect("a text");
        for inline in [format!("|\n{block}"), format!("{double}\n")] {
            for file in request.files.iter_mut().filter(|file| file.path == case::CONFIG) {
                let start = file.text.find("manifests:\n").expect("manifests");
                let end = file.text.find("  - path: manifests.yaml").expect("the others");
                file.text.replace_range(start..end, &format!("manifests:\n  - inline: {inline}"));
            }
            assert_hidden(&request, &[VALUE, ENCODED], name);
            let masked = secret::mask(&request);
            let (before, after) = (request.config_text(), masked.request.config_text());
            if !LONGER.contains(name) {
                assert_eq!(before.matches('\n').count(), after.matches('\n').count(), "{name}:\n{after}");
            }
        }
    }
}

#[test]
fn what_runs_is_masked_and_a_change_is_seen() {
    let live = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\ntype: Opaque\ndata:\n  password: {value}\n"
        )
    };
    let given = live(ENCODED);
    let same = request(&given, Some(&given));
    assert_hidden(&same, &[VALUE, ENCODED], "what runs");
    let writes = |request: &Request| {
        let preview = preview(request);
        assert_eq!(errors(&preview), "");
        preview.plans.iter().flat_map(|plan| &plan.stages).filter(|stage| stage.write.key.kind == "Secret").count()
    };
    assert_eq!(writes(&same), 0);
    let other = request(&given, Some(&live("b3RoZXItdmFsdWU=")));
    assert_hidden(&other, &[VALUE, ENCODED, "b3RoZXItdmFsdWU", "other-value"], "what runs");
    assert_eq!(writes(&other), 1);
    let text = render::text(&preview(&other), Selection::All);
    let changed = text.lines().filter(|line| line.contains("password: ") && line.contains("*** (")).count();
    assert_eq!(changed, 2, "{text}");
}

#[test]
fn the_vault_has_what_the_masks_stand_for() {
    for (name, text) in layouts::READ {
        let vault = Vault::of(&request(text, None));
        assert!(!format!("{vault:?}").contains(VALUE));
        let objects = |text: &str| {
            let mut sources = foreshift_core::text::Sources::default();
            let id = sources.add("secret.yaml", text, foreshift_core::text::Origin::default());
            foreshift_core::kubernetes::objects(&mut sources, id, &mut Vec::new())
        };
        let (given, masked) = (objects(text), objects(&secret::mask_text(text)));
        assert_eq!(given.len(), masked.len(), "{name}");
        for (given, masked) in given.iter().zip(&masked) {
            assert_eq!(vault.reveal(&masked.value).expect("every value"), *given.value, "{name}");
        }
    }
}

#[test]
fn a_mask_without_a_value_is_not_applied() {
    let (_, text) = layouts::READ.first().expect("a layout");
    let masked = secret::mask_text(text);
    let mut sources = foreshift_core::text::Sources::default();
    let id = sources.add("secret.yaml", &masked, foreshift_core::text::Origin::default());
    let objects = foreshift_core::kubernetes::objects(&mut sources, id, &mut Vec::new());
    let unknown = Vault::default().reveal(&objects.first().expect("the Secret").value).expect_err("nothing is known");
    assert_eq!((unknown.secret.as_str(), unknown.place.as_str()), ("db", "stringData.password"));
}

/// The ranges that a page marks are those of the user's own text.
#[test]
fn ranges_of_findings_are_those_of_the_users_text() {
    let text = "kind: Secret\napiVersion: v1\nmetadata: {name: db}\nstringData: {password: \"a-very-long-value-that-is-longer-than-any-mask-ä\"}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: on}\ndata: {flag: 0755}\n";
    let preview = preview(&request(text, None));
    let summary = serde_json::to_value(contract::summary(&preview)).expect("JSON");
    let found = summary["diagnostics"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|found| found["message"].as_str().is_some_and(|message| message.contains("0755")));
    let found = found.expect("the finding");
    let units: Vec<u16> = text.encode_utf16().collect();
    let range = |name: &str| usize::try_from(found[name].as_u64().expect("a number")).expect("small");
    assert_eq!(String::from_utf16(&units[range("from")..range("to")]).expect("text"), "0755");
}

#[test]
fn other_objects_and_other_groups_are_left_alone() {
    for text in [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Secret}\ndata: {password: hunter2-hunter2}\n",
        "apiVersion: example.com/v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: hunter2-hunter2} # stays\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: Opaque\n",
    ] {
        assert_eq!(secret::mask_text(text), text);
    }
}
