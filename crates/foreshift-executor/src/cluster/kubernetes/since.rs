//! A watch from a version of the cluster's state that is known.

use std::future::ready;

use futures_util::stream::{self, Stream, StreamExt as _};
use kube::Api;
use kube::api::{DynamicObject, WatchEvent, WatchParams};

use crate::cluster::{ApiError, Listed, Scope, Seen};

/// A watch that goes on from what is listed. It tells of nothing before the cluster has let it begin, and ends with the
/// first trouble: whoever follows it lists again.
pub(super) fn from(
    api: Api<DynamicObject>,
    scope: &Scope,
    since: Listed,
    timeout: Option<u32>,
) -> impl Stream<Item = Result<Seen, ApiError>> + use<> {
    let (field_selector, label_selector) = super::selectors(scope);
    let params = WatchParams { field_selector, label_selector, timeout, ..WatchParams::default() };
    let kind = scope.kind.clone();
    let begun = async move {
        let events = api.watch(&params, &since.version).await.ok()?;
        let seen = events.map(move |event| {
            let json = |object: &DynamicObject| super::named(serde_json::to_value(object).unwrap_or_default(), &kind);
            match event {
                Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)) => Told::Seen(Seen::One(json(&object))),
                Ok(WatchEvent::Deleted(object)) => Told::Seen(Seen::Gone(json(&object))),
                Ok(WatchEvent::Bookmark(_)) => Told::Nothing,
                Ok(WatchEvent::Error(_)) | Err(_) => Told::End,
            }
        });
        Some(stream::iter([Told::Seen(Seen::All(since.objects))]).chain(seen))
    };
    let told = stream::once(begun).filter_map(ready).flatten();
    told.take_while(|told| ready(!matches!(told, Told::End))).filter_map(|told| {
        ready(match told {
            Told::Seen(seen) => Some(Ok(seen)),
            Told::Nothing | Told::End => None,
        })
    })
}

/// What an event of a watch comes to.
enum Told {
    Seen(Seen),
    Nothing,
    End,
}
