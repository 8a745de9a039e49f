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
        "A text is longer, deeper or, by its aliases, larger than any Kubernetes object. The limits keep a page or a CI job alive whatever it is given: 4 MiB and 300 000 values a file, 64 levels, 100 000 values by aliases."
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
    UnknownVariable "unknown-variable" Error
        "A template names a variable that nobody gives: neither the rollout itself, nor the step's `context`, nor the config's. The webhook or the metric provider would be asked something else than was meant."
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

    DeploymentRemoved "deployment-removed" Warning
        "`keepDeploymentObject: false` removes the Deployment at the end of a shift and leaves its ReplicaSet, as Armory did. The next rollout takes that ReplicaSet for what runs, and makes the Deployment again to hand over to it. Without the field the Deployment stays."

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
    FileNotFound "file-not-found" Error
        "A path of the config has no text: no such file, and no manifest in a folder of that name. Paths are relative to the deployment config's own folder."
    LoneText "lone-text" Note
        "One text was given without a path, so it stands for every path that the config names."
    UrlNotFetched "url-not-fetched" Error
        "A manifest is at an address. Only the command line fetches, and only when told to with `--fetch`, so that a preview is the same wherever it is made."
    ObjectTwice "object-twice" Error
        "The same object is given twice for one target. The one that is applied last would win, and nobody would see which."
    WrongNamespace "wrong-namespace" Error
        "An object names another namespace than its target. Armory deploys a target's manifests to the target's namespace."
    SharedObject "shared-object" Error
        "Two targets are the same namespace of the same account and hold the same object: their rollouts would undo each other's writes."
    PlanTooLarge "plan-too-large" Error
        "The texts of all states have more than 16 MiB together. Whoever plans has to hold every one of them, and to read and judge it."
    NoTrafficPair "no-traffic-pair" Error
        "A canary moves weight between subsets, so its target needs an `istio` entry under `trafficManagement`. A canary by numbers of pods cannot be planned yet."
    NoWeight "no-weight" Warning
        "A canary without `setWeight` moves all requests in its implied last step."
    VirtualServiceNotFound "virtual-service-not-found" Error
        "The VirtualService that an entry names is neither in the manifests nor in what runs now."
    DestinationRuleNotFound "destination-rule-not-found" Error
        "The DestinationRule that an entry names, or any for the route's host, is neither in the manifests nor in what runs now."
    DestinationRuleNotNamed "destination-rule-not-named" Error
        "An entry leaves `destinationRule` out, and several are for the route's host."
    NoHttpRoute "no-http-route" Error
        "Only `http` routes have names and can be shifted. `tls` and `tcp` routes are never touched."
    RouteNotNamed "route-not-named" Error
        "An entry leaves `httpRouteName` out, and the VirtualService has several http routes."
    RouteNotFound "route-not-found" Error
        "The VirtualService has no http route of the name that an entry gives."
    RouteNameTwice "route-name-twice" Error
        "Istio does not mind two routes of one name; a rollout that is told to shift one of them has to."
    RouteTwice "route-twice" Error
        "Two entries of one target shift the same route."
    RouteWithoutDestination "route-without-destination" Error
        "The named route sends no requests anywhere by itself: it redirects, answers directly or delegates."
    RouteNeverReached "route-never-reached" Warning
        "An earlier route matches every request; istiod does not even send the ones behind it to the proxies. Shifting such a route changes nothing."
    ActiveSubsetNotNamed "active-subset-not-named" Error
        "An entry leaves `activeSubsetName` out, and the route's destinations name no subset or several."
    ActiveSubsetNotInRoute "active-subset-not-in-route" Error
        "No destination of the route names the active subset."
    ActiveSubsetUndefined "active-subset-undefined" Error
        "The DestinationRule does not define the subset that the route names: requests to it get 503 (NC) already."
    ActiveDestinationTwice "active-destination-twice" Error
        "A route names the same subset twice, so it is not clear whose weight moves."
    ActiveWeightZero "active-weight-zero" Error
        "The active destination has weight 0, or none, beside others: Istio sends it nothing, so there is no share to move."
    SubsetDefinedTwice "subset-defined-twice" Error
        "Another DestinationRule for the host defines the same subset. Rules of one host in one namespace merge, and the first definition counts, so the pin might not."
    PartialHost "partial-host" Error
        "A host with a dot is taken as it is: Istio does not complete `reviews.prod`, and requests to it get 503."
    HostMismatch "host-mismatch" Error
        "The DestinationRule of a pair is for another host than the route's destination."
    WildcardDestinationRule "wildcard-destination-rule" Error
        "A DestinationRule for a wildcard host cannot be pinned: its subsets belong to every service that it matches."
    WorkloadSelector "workload-selector" Error
        "A DestinationRule with a `workloadSelector` counts only for some clients; the others would get the route without its subsets, and 503."
    NarrowExport "narrow-export" Error
        "Fewer namespaces see the DestinationRule than see its VirtualService. A client that sees the route but not the subsets gets 503 for all of it."
    SameSubsets "same-subsets" Error
        "The active and the canary subset have one name."
    CanarySubsetTaken "canary-subset-taken" Error
        "The name for the canary subset is defined by a DestinationRule of the same host already; rules of one host merge, and the first definition counts."
    CanarySubsetRenamed "canary-subset-renamed" Note
        "No name was given for the canary subset and `canary` is taken, so another one was made from the active subset's."
    CanarySubsetInUse "canary-subset-in-use" Error
        "A route or mirror sends requests to the canary subset before anything is done. A canary has to start with none."
    InvalidSubsetName "invalid-subset-name" Error
        "A subset's name has at most 63 letters, digits and `-`, a letter or digit first and last; Istio refuses any other."
    LeftoverPin "leftover-pin" Error
        "A subset carries the label of a rollout already: an earlier one was left unfinished. What its pods are cannot be known from here."
    ConflictingSubsets "conflicting-subsets" Error
        "Two entries ask one DestinationRule for different subsets of the same workload, or for the same subset for different ones."
    ServiceUnknown "service-unknown" Note
        "The Service of a host is not given, so the labels of the active subset alone decide which pods a preview is about."
    WorkloadNotFound "workload-not-found" Error
        "No Deployment of the manifests has a pod template with the labels of the Service's selector and of the active subset."
    WorkloadAmbiguous "workload-ambiguous" Error
        "Several Deployments of the manifests have pods that the active subset selects. A pin selects one revision of one of them and cuts the others off."
    SubsetSelectsOthers "subset-selects-others" Error
        "The active subset selects the pods of another workload too; the pin would cut them off."
    TemplateLacksSelectorLabel "template-lacks-selector-label" Error
        "The new pods lack a label of the Service's selector: no request would ever reach them."
    TemplateLacksSubsetLabel "template-lacks-subset-label" Error
        "The new pods lack a label of the active subset: requests would get 503 once the subset is pinned to them."
    TemplateLacksCanaryLabel "template-lacks-canary-label" Error
        "The new pods lack a label of the canary subset that is reused: requests to it would get 503."
    SelectorChanged "selector-changed" Error
        "Kubernetes does not change the selector of a Deployment."
    SelectorMismatch "selector-mismatch" Error
        "A Deployment whose selector does not select its own pods is refused by Kubernetes."
    LabelNotText "label-not-text" Error
        "The value of a label is text. Kubernetes refuses a number or a boolean, which `1.0` and `yes` without quotes are."
    DeploymentPaused "deployment-paused" Error
        "Somebody paused the Deployment. The hand-over at the end of a rollout pauses and resumes it, and would undo that."
    DeploymentUnfinished "deployment-unfinished" Error
        "The Deployment runs several ReplicaSets: a rollout of its own is under way, so there is no one old revision to pin."
    NoReplicas "no-replicas" Error
        "The Deployment has no replicas, so nobody answers the requests of its routes, or what is written there is no number."
    InvalidHash "invalid-hash" Error
        "A hash becomes the value of a label: at most 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last. The new revision's is a part of its ReplicaSet's name, too, and no other's: lower-case letters, digits, and between two of them `-` or `.`. The active one is what the pods carry that run now."
    SameHashes "same-hashes" Error
        "Both revisions have one hash: a subset could not tell their pods apart."
    AssumedRevision "assumed-revision" Note
        "Nothing was said about what runs now, so an earlier version is taken to run, with a placeholder for its hash."
    AssumedObject "assumed-object" Note
        "It was said what runs now, and a VirtualService or DestinationRule of the plan is not among it, so the manifest's text is taken for what runs."
    NotTried "not-tried" Note
        "The API server did not say what it makes of a manifest: it may not be tried there, or would be refused. What applying it changes is told by the fields that the manifest names."
    UnchangedTemplate "unchanged-template" Note
        "The pod template is what runs already. There is nothing to roll out."
    WeightOverflow "weight-overflow" Error
        "A share has to be exact, so all weights of a route are multiplied by one factor; here that would go over Istio's limits of 2147483647 for one weight and 4294967295 for their sum."
    BaselineBroken "baseline-broken" Error
        "Requests get 503 before anything is done. A rollout starts from a route that works, else nobody could tell what it broke. On a route that is not planned it is a warning."
    Leak "leak" Warning
        "A route or mirror reaches the host without the active subset, so it reaches the new pods as soon as they are Ready. A rollout does not steer it. The same goes for what sidecars send to a Service that no VirtualService for the mesh has among its hosts."
    SubsetShared "subset-shared" Warning
        "Another route names the active subset. It stays on the old pods until the subset means the new ones, and then moves at once."
    VirtualServiceConflict "virtual-service-conflict" Warning
        "Several VirtualServices are for one host in the mesh. They do not merge: the one with the more exact host counts, of equal ones the oldest (IST0109)."
    ShadowingDestinationRule "shadowing-destination-rule" Warning
        "A DestinationRule for the host in a client's own namespace counts there instead of the one that is shifted."
    AppliedStays "applied-stays" Note
        "What is applied before the shift is not taken back by an abort: nothing is ever pruned."
    TextNotEditable "text-not-editable" Error
        "An edited text was read again and did not mean what was planned, so it is not handed out."
    UnsafeState "unsafe-state" Error
        "A planned state breaks a law: some request would get 503, or would reach a pod that should not have it. Such a plan is not handed out."
}
