//! What Kubernetes knows of: objects with their texts, labels and selectors, pod templates.

mod applied;
mod defaults;
mod kind;
mod labels;
mod object;
mod read;
mod service;
mod template;

pub use applied::{applied, in_order_of, template_in_place_of};
pub use defaults::is_filled_in;
pub use kind::{application_rank, is_cluster_scoped};
pub use labels::{Labels, labels_of, selector_selects, selects};
pub use object::{Key, Object};
pub use read::objects;
pub use service::service_ports;
pub(crate) use template::Fnv;
pub use template::{HASH_LABEL, NATIVE_HASH_LABEL, pod_labels, template_hash};
