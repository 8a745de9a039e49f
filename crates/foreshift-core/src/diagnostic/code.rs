//! Every rule that a finding can come from.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Severity {
    /// There is no plan with it.
    Error,
    /// There is a plan, and somebody should look.
    Warning,
    /// Something that was decided for the user.
    Note,
}

impl Severity {
    /// Its name in every output.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Declares [`Code`] with, for each, its name in every output, its severity, and what it means.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $text:literal)*) => {
        /// A rule. Names are stable: they stand in scripts and in ignore lists.
        #[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
        pub enum Code {
            $(
                #[doc = $text]
                $variant,
            )*
        }

        impl Code {
            /// Every code, by subject.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// Its name in every output.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// How bad it is, unless the finding says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// What the rule is and why it is there.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    // ── text ──
    InputTooLarge "input-too-large" Error
        "A text is longer, deeper or, by its aliases, larger than any Kubernetes object. The limits keep a page or a CI job alive whatever it is given: 4 MiB and 400 000 values a file, 64 levels, 100 000 values by aliases."
    TabIndentation "tab-indentation" Error
        "A tab stands in the indentation of a line. YAML allows only spaces there, and kubectl refuses the file."
    YamlSyntax "yaml-syntax" Error
        "The text is neither YAML nor JSON."
    DuplicateKey "duplicate-key" Error
        "A mapping has the same key twice. kubectl refuses such a file; readers that do not refuse it disagree about which one counts."
    AmbiguousScalar "ambiguous-scalar" Warning
        "kubectl reads YAML 1.1: `y`, `yes`, `on` and the like without quotes are booleans, `0755` is 493, `1_000` is 1000. Other readers, and people, take them for something else. Quotes make it clear."

    NotAnObject "not-an-object" Error
        "A document of a manifest is no Kubernetes object: `apiVersion`, `kind` or `metadata.name` is not there, or is no text."

    // ── config ──
    ConfigEmpty "config-empty" Error
        "The file of the deployment config holds no document."
    ConfigDocuments "config-documents" Error
        "The deployment config is the first document of its file. What stands behind a `---` would be read by nobody, and a manifest there would silently not be deployed."
    KindLambda "kind-lambda" Error
        "Armory's `kind: lambda` deploys AWS functions. No mesh routes their requests, so there is nothing to plan."
    UnknownField "unknown-field" Error
        "No field of that name exists here. A misspelt field would otherwise be left out in silence, with everything that it was meant to do."
    MissingField "missing-field" Error
        "A field that has to be there is not, and no default is safe."
    WrongType "wrong-type" Error
        "A value is of another type than its field. Where text is expected, `true`, `8080` and `1.5` need quotes."
    UnknownWord "unknown-word" Error
        "The field takes one of a few words, and this is none of them. Upper and lower case do not matter."
    UnknownUnit "unknown-unit" Error
        "Durations are in `seconds`, `minutes` or `hours`; upper and lower case do not matter."
    NumberOutOfRange "number-out-of-range" Error
        "The number is too small or too large for its field."
    DurationOutOfRange "duration-out-of-range" Error
        "A pause, timeout, interval or expiration lasts at least one of its unit, and at most a million."
    WeightOutOfRange "weight-out-of-range" Error
        "A weight is the new version's share of a hundred requests: a whole number from 0 to 100."
    WeightNotWhole "weight-not-whole" Error
        "Weights are whole numbers without a percent sign, because Istio's are and nothing is ever rounded."
    WeightShorthand "weight-shorthand" Note
        "`setWeight: 10` is read as `setWeight: {weight: 10}`. Armory itself reads only the long form."
    WeightGoesDown "weight-goes-down" Warning
        "A step gives the new version less than the step before, so users go back to the old one in the middle of a rollout. It can be done, and it is rarely meant."
    StepNoKind "step-no-kind" Error
        "A step or condition is a mapping with one key that says what it does, and this one has none."
    StepTwoKinds "step-two-kinds" Error
        "A step or condition does one thing. Two keys in one list entry leave open which comes first; often a `-` is missing."
    PauseTwoEnds "pause-two-ends" Error
        "A pause lasts for a time or until somebody approves, not both. `approvalExpiration` limits the wait for an approval."
    PauseNoEnd "pause-no-end" Error
        "A pause needs `duration` with `unit`, or `untilApproved: true`; without them it would never end."
    ApprovalUnused "approval-unused" Warning
        "`requiresRoles` and `approvalExpiration` belong to an approval. A pause with a duration goes on by itself, whoever is there."
    TimeoutTooShort "timeout-too-short" Error
        "Pods get at least one minute to become Ready, as with Armory."
    TtlOutOfRange "ttl-out-of-range" Error
        "A Service is exposed for 1 minute to 24 hours."
    StrategyNoKind "strategy-no-kind" Error
        "A strategy is a `canary` or a `blueGreen`, and this one is neither."
    StrategyTwoKinds "strategy-two-kinds" Error
        "A strategy is a `canary` or a `blueGreen`. With both nobody could say which of them a target follows."
    UnusedStrategy "unused-strategy" Warning
        "No target names this strategy, so nothing of it happens. Often a target names another one by mistake."
    UnknownStrategy "unknown-strategy" Error
        "A target names a strategy that does not stand under `strategies`."
    UnknownTarget "unknown-target" Error
        "A `dependsOn` or `targets` list names something that does not stand under the config's `targets`."
    UnknownQuery "unknown-query" Error
        "An analysis names a query that does not stand under `analysis.queries`."
    UnknownWebhook "unknown-webhook" Error
        "A `runWebhook` names a webhook that does not stand under `webhooks`."
    DependsOnCycle "depends-on-cycle" Error
        "Targets wait for each other in a circle, so none of them would ever begin."
    DuplicateQuery "duplicate-query" Error
        "Two queries have the same name, and a step that names it could mean either."
    DuplicateWebhook "duplicate-webhook" Error
        "Two webhooks have the same name, and a step that names it could mean either."
    QueryWithoutLimit "query-without-limit" Error
        "A query fails above its `upperLimit` or below its `lowerLimit`. With neither it approves of everything."
    NoTargets "no-targets" Error
        "`targets` is empty: the config says nowhere to deploy to."
    NoManifests "no-manifests" Error
        "`manifests` is empty: the config says nothing to deploy."
    ManifestNoSource "manifest-no-source" Error
        "An entry of `manifests` has neither a `path` nor an `inline` text."
    ManifestTwoSources "manifest-two-sources" Error
        "An entry of `manifests` has a `path` and an `inline` text. Each is an entry of its own."
    EmptyList "empty-list" Error
        "A list that narrows something down, or that says what to do, is there and has no entry. To mean all targets, leave `targets` out."
    TrafficEmpty "traffic-empty" Warning
        "An entry of `trafficManagement` has no `istio`, no `kubernetes` and no `smi`, so it does nothing."
    BlueGreenNotPlanned "blue-green-not-planned" Error
        "blueGreen strategies are read and checked, but no plan is made for them yet."
    SmiArchived "smi-archived" Error
        "The Service Mesh Interface was archived in 2023, and nothing is planned for it."
    KubernetesTrafficIgnored "kubernetes-traffic-ignored" Warning
        "`trafficManagement[].kubernetes` names the Services of a blueGreen. A canary gets no weight from it."
    ExposeServicesIgnored "expose-services-ignored" Warning
        "`exposeServices` made temporary public addresses at Armory. There is nothing here that could make them; the step is passed over."

    // ── istio ──
    IstioSchema "istio-schema" Error
        "The API server refuses the object: it does not fit the schema of Istio 1.30's custom resource definition. A field is unknown or missing, has the wrong type, or fields exclude each other."
    IstioWebhook "istio-webhook" Error
        "Istio's validating webhook refuses the object. Where the webhook does not run the object gets in, and istiod drops what it cannot use."
    IstioWebhookWarning "istio-webhook-warning" Warning
        "Istio's validating webhook lets the object in and warns: a setting is deprecated or has no effect, or a rule is never reached."
    IstioAnalysis "istio-analysis" Warning
        "`istioctl analyze` would report this: objects that are fine alone do not fit together. The message begins with Istio's own code, such as IST0101."

    // ── plan ──
}
