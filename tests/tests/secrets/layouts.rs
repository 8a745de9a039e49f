//! Ways to write one Secret, `db`, with one value in it.

/// Ways that can be read, each with its name.
pub(crate) const READ: &[(&str, &str)] = &[
    (
        "block style",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2-hunter2\n  other: x\n",
    ),
    (
        "slips of the indentation",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  other: x\npassword: hunter2-hunter2\nmore:\n  - password: hunter2-hunter2\n",
    ),
    ("base64", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: aHVudGVyMi1odW50ZXIy\n"),
    (
        "a comment in plain text",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: aHVudGVyMi1odW50ZXIy # hunter2-hunter2\n",
    ),
    (
        "comments around",
        "# hunter2-hunter2\napiVersion: v1\nkind: Secret # hunter2-hunter2\nmetadata: {name: db}\ndata: # hunter2-hunter2\n  # aHVudGVyMi1odW50ZXIy\n  password: aHVudGVyMi1odW50ZXIy\n# hunter2-hunter2\n",
    ),
    (
        "a comment in the document before",
        "# hunter2-hunter2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b} # hunter2-hunter2\n# aHVudGVyMi1odW50ZXIy\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: aHVudGVyMi1odW50ZXIy}\n",
    ),
    (
        "single quotes",
        "apiVersion: v1\nkind: 'Secret'\nmetadata: {name: db}\nstringData:\n  password: 'hunter2-hunter2'\n",
    ),
    (
        "double quotes",
        "\"apiVersion\": \"v1\"\n\"kind\": \"Secret\"\n\"metadata\": {\"name\": \"db\"}\n\"stringData\":\n  \"password\": \"hunter2-hunter2\"\n",
    ),
    (
        "escapes",
        "apiVersion: v1\nkind: \"\\x53ecret\"\nmetadata: {name: db}\nstringData: {\"pass\\u0077ord\": \"hunter2-\\x68unter2\"}\n",
    ),
    (
        "an escaped line break",
        "apiVersion: v1\nkind: \"Sec\\\n  ret\"\nmetadata: {name: db}\nstringData:\n  password: hunter2-hunter2\n",
    ),
    (
        "quotes over lines",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: \"hunter2-hunter2\n    and\n\n    more\"\n  b: c\n",
    ),
    (
        "plain over lines",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter2-hunter2\n    hunter2-hunter2\n    end\n  b: c\n",
    ),
    (
        "literal",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: |\n    hunter2-hunter2\n\n    # hunter2-hunter2\n    more\n  b: c\n",
    ),
    (
        "literal with a header",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: !!str &pw |2- # hunter2-hunter2\n    hunter2-hunter2\n  b: c\n",
    ),
    (
        "literal at the end, kept",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: |+\n    hunter2-hunter2\n\n\n",
    ),
    (
        "literal without a last line break",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: |\n    hunter2-hunter2",
    ),
    (
        "literal behind blank lines",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: |\n\n\n    hunter2-hunter2\n",
    ),
    (
        "folded",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: >-\n    hunter2-hunter2\n    hunter2-hunter2\ntype: Opaque\n",
    ),
    (
        "base64 over lines",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  password: |\n    aHVudGVy\n    Mi1odW50ZXIy\n# hunter2-hunter2\n",
    ),
    ("flow", "{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2-hunter2, b: c}}\n"),
    (
        "flow over lines",
        "{apiVersion: v1,\n kind: Secret, # hunter2-hunter2\n metadata: {name: db},\n stringData: {\n   password: \"hunter2-hunter2\n     more\",\n   b: c}}\n",
    ),
    (
        "JSON",
        "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"db\"},\n \"data\": {\"password\": \"aHVudGVyMi1odW50ZXIy\"}}\n",
    ),
    (
        "JSON, compact",
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"db\"},\"data\":{\"password\":\"aHVudGVyMi1odW50ZXIy\"}}",
    ),
    ("kind last", "stringData:\n  password: hunter2-hunter2\nmetadata:\n  name: db\napiVersion: v1\nkind: Secret\n"),
    (
        "no apiVersion's group",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter2-hunter2\nimmutable: true\n",
    ),
    (
        "both",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  a: aHVudGVyMi1odW50ZXIy\nstringData:\n  b: hunter2-hunter2\n",
    ),
    (
        "several documents",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n--- # hunter2-hunter2\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2}\n---\n# hunter2-hunter2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: b}\n",
    ),
    (
        "behind its marker",
        "--- {apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2-hunter2}}\n",
    ),
    (
        "a list",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c}\n  data: {a: b}\n- apiVersion: v1\n  kind: Secret # hunter2-hunter2\n  metadata: {name: db}\n  data:\n    password: aHVudGVyMi1odW50ZXIy\n    # hunter2-hunter2\n",
    ),
    (
        "a list in JSON",
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"db\"},\"data\":{\"password\":\"aHVudGVyMi1odW50ZXIy\"}}]}\n",
    ),
    (
        "an anchor in the Secret",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: &pw hunter2-hunter2\n  again: *pw\n",
    ),
    (
        "an anchor in an annotation",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations:\n    note: &pw hunter2-hunter2\nstringData:\n  password: *pw\n",
    ),
    (
        "an anchor of the mapping",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations: &all\n    password: hunter2-hunter2\nstringData: *all\n",
    ),
    (
        "a merge",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations: &all {password: hunter2-hunter2}\nstringData:\n  <<: *all\n  other: hunter2-hunter2\n",
    ),
    (
        "an anchor named so",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: &hunter2-hunter2 hunter2-hunter2\n",
    ),
    (
        "kind by an alias",
        "apiVersion: v1\nmetadata: {name: db, annotations: {a: &kind Secret}}\nkind: *kind\nstringData: {password: hunter2-hunter2}\n",
    ),
    (
        "kept by kubectl",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"password\":\"aHVudGVyMi1odW50ZXIy\"},\"kind\":\"Secret\"}\ndata:\n  password: bmV3\n",
    ),
    (
        "carriage returns",
        "apiVersion: v1\r\nkind: Secret\r\nmetadata: {name: db}\r\nstringData:\r\n  password: |\r\n    hunter2-hunter2\r\n    more\r\n  b: c # hunter2-hunter2\r\n",
    ),
    (
        "a byte order mark",
        "\u{feff}apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2}\n",
    ),
    (
        "explicit keys",
        "? apiVersion\n: v1\n? kind\n: Secret\n? metadata\n: {name: db}\n? stringData\n: ? password\n  : hunter2-hunter2\n",
    ),
    (
        "tags",
        "apiVersion: v1\nkind: !!str Secret\nmetadata: {name: db}\nstringData: !!map {password: !!str hunter2-hunter2}\n",
    ),
    (
        "a value of a directive's document",
        "%YAML 1.1\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2}\n",
    ),
];

/// Ways that nobody can read, or not all of it.
pub(crate) const UNREAD: &[(&str, &str)] = &[
    ("a tab", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n\tpassword: hunter2-hunter2\n"),
    ("a bracket", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2\n"),
    ("a quote", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: 'hunter2-hunter2\n"),
    (
        "a text below its key",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: |\n   hunter2-hunter2\n  hunter2-hunter2\n",
    ),
    ("an alias", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: *hunter2-hunter2\n"),
    ("a key before", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  hunter2-hunter2: : a\n"),
    (
        "an ambiguous type",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: !!int hunter2-hunter2\n",
    ),
    (
        "binary",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  password: !!binary aHVudGVyMi1odW50ZXIy\n",
    ),
    (
        "a key twice",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: \"\"\n  password: hunter2-hunter2\n",
    ),
    (
        "the mapping twice",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {}\nstringData: {password: hunter2-hunter2}\n",
    ),
    (
        "two kinds",
        "apiVersion: v1\nkind: ConfigMap\nkind: Secret\nmetadata: {name: db}\ndata: {password: aHVudGVyMi1odW50ZXIy}\n",
    ),
    ("no name", "apiVersion: v1\nkind: Secret\nmetadata: {}\nstringData: {password: hunter2-hunter2}\n"),
    ("no version", "kind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2}\n"),
    (
        "a fault in another document",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2}\n---\na: [\n",
    ),
];
