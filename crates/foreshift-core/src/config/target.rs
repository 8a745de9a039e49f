//! Targets: their strategies, their conditions, and whom they wait for.

use crate::order::{Keys, Table};

use super::meaning::{Reader, Referred};
use super::order::{self, Waits};
use super::read::{entries, text, texts};
use super::strategy::{gates, strategy};
use super::{Spanned, Strategy, Target, table};
use crate::diagnostic::{Code, Diagnostic};
use crate::value::{Data, Key, Map, Value};

/// The most that the strategies of all targets may amount to, in bytes: each target gets its own copy.
const LIMIT_BYTES: usize = 16 << 20;

/// The strategies by name with about how many bytes each is, and how many the targets read so far have been given.
struct Strategies<'a> {
    known: Table<&'a str, (Option<Strategy>, usize)>,
    bytes: usize,
}

impl<'a> Reader<'a> {
    /// Every target that could be read, in the user's order.
    pub(super) fn targets(&mut self, config: &'a Value) -> Vec<Target> {
        let mut strategies = Strategies {
            known: entries(config, "strategies")
                .map(|(key, value)| (&*key.name, (strategy(value, self), size(value))))
                .collect(),
            bytes: 0,
        };
        let targets =
            entries(config, "targets").filter_map(|(key, value)| self.target(key, value, &mut strategies)).collect();
        self.warn_of_unused(config, &strategies.known);
        self.refuse_cycles(config);
        let list = config.at(&["targets"]);
        if let Some(none) = list.filter(|targets| targets.as_map().is_some_and(Map::is_empty)) {
            self.diagnostics.push(
                Diagnostic::new(Code::NoTargets, none.span, "the config has no target")
                    .help("add one: a name with `account`, `namespace` and `strategy`"),
            );
        }
        targets
    }

    fn target(&mut self, key: &Key, value: &Value, strategies: &mut Strategies) -> Option<Target> {
        let nothing = Value::new(Data::Null);
        let constraints = value.at(&["constraints"]).unwrap_or(&nothing);
        let depends_on = texts(constraints, "dependsOn");
        self.find_all(Referred::Target, &depends_on);
        let before = gates(constraints, "beforeDeployment", table::GATES, self);
        let after = gates(constraints, "afterDeployment", table::GATES, self);
        let strategy = text(value, "strategy").and_then(|name| self.strategy(&name, strategies));
        Some(Target {
            name: Spanned { value: key.name.to_string(), span: key.span },
            account: text(value, "account"),
            namespace: text(value, "namespace")?,
            strategy: strategy?,
            depends_on,
            before,
            after,
        })
    }

    fn strategy(&mut self, name: &Spanned<String>, strategies: &mut Strategies) -> Option<Spanned<Strategy>> {
        self.find(Referred::Strategy, name);
        let (strategy, size) = strategies.known.get(name.value.as_str())?;
        let strategy = strategy.as_ref()?;
        if matches!(strategy, Strategy::BlueGreen(_)) {
            let message = format!("`{}` is a blueGreen, and none can be planned yet", name.value);
            self.diagnostics.push(
                Diagnostic::new(Code::BlueGreenNotPlanned, name.span, message).help("let this target follow a canary"),
            );
        }
        strategies.bytes += size;
        if strategies.bytes > LIMIT_BYTES {
            // Once, where it becomes too much: every target behind would say the same.
            if strategies.bytes - size <= LIMIT_BYTES {
                let message = "the strategies of all targets are larger than 16 MiB together";
                self.diagnostics.push(Diagnostic::new(Code::InputTooLarge, name.span, message));
            }
            return None;
        }
        Some(Spanned { value: strategy.clone(), span: name.span })
    }

    fn warn_of_unused<T>(&mut self, config: &Value, known: &Table<&str, T>) {
        let named: Option<Keys<&str>> = entries(config, "targets")
            .map(|(_, target)| target.text_at(&["strategy"]).filter(|name| known.contains_key(name)))
            .collect();
        // A target that names none perhaps means the one that seems unused.
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return;
        };
        for (key, _) in entries(config, "strategies").filter(|(key, _)| !named.contains(&*key.name)) {
            let message = format!("no target uses the strategy `{}`", key.name);
            self.diagnostics.push(
                Diagnostic::new(Code::UnusedStrategy, key.span, message)
                    .help("name it in a target's `strategy`, or remove it"),
            );
        }
    }

    fn refuse_cycles(&mut self, config: &Value) {
        let waits: Vec<Waits> = entries(config, "targets")
            .map(|(key, value)| {
                let constraints = value.at(&["constraints"]);
                let waits = constraints.map(|constraints| texts(constraints, "dependsOn"));
                (&*key.name, waits.unwrap_or_default())
            })
            .collect();
        order::check(&waits, self.diagnostics);
    }
}

/// About how many bytes a copy of what a value says takes.
fn size(value: &Value) -> usize {
    let inner: usize = match &value.data {
        Data::Str(text) | Data::Float(text) => text.len(),
        Data::Seq(items) => items.iter().map(size).sum(),
        Data::Map(map) => map.iter().map(|(key, value)| key.name.len() + size(value)).sum(),
        _ => 0,
    };
    inner + size_of::<Value>()
}
