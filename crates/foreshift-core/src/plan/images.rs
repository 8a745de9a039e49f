//! Which images a pod template changes: what most releases are about.

use std::rc::Rc;

use crate::value::Value;

/// What becomes of the image of a container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Image {
    /// The container's name.
    pub container: Rc<str>,
    /// What it runs now; `None` where that is not known, or there is no such container.
    pub before: Option<Rc<str>>,
    /// What it is to run; `None` where the container goes.
    pub after: Option<Rc<str>>,
}

/// Where a pod has containers.
const LISTS: [&str; 2] = ["initContainers", "containers"];

/// The images of the new template that the old one does not have, and those that go with their containers. Without an old
/// template it is every image.
pub(crate) fn images(old: Option<&Value>, new: &Value) -> Vec<Image> {
    let mut out = Vec::new();
    for list in LISTS {
        let old = old.map(|old| containers(old, list)).unwrap_or_default();
        let new = containers(new, list);
        let image_of = |name: &str, all: &[(Rc<str>, Rc<str>)]| {
            all.iter().find(|(container, _)| **container == *name).map(|(_, image)| Rc::clone(image))
        };
        for (container, after) in &new {
            let before = image_of(container, &old);
            if before.as_ref() != Some(after) {
                out.push(Image { container: Rc::clone(container), before, after: Some(Rc::clone(after)) });
            }
        }
        for (container, before) in &old {
            if image_of(container, &new).is_none() {
                out.push(Image { container: Rc::clone(container), before: Some(Rc::clone(before)), after: None });
            }
        }
    }
    out
}

/// The containers of a list with their images.
fn containers(template: &Value, list: &str) -> Vec<(Rc<str>, Rc<str>)> {
    let items = template.at(&["spec", list]).map(Value::items).unwrap_or_default();
    let named =
        items.iter().filter_map(|item| Some((item.text_at(&["name"])?.into(), item.text_at(&["image"])?.into())));
    named.collect()
}
