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
