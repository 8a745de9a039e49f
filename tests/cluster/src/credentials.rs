//! Who may talk to a test cluster: users with tokens, and the key that tokens of service accounts are signed with.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

use crate::failure::{Failure, Result};

/// May do everything.
pub(crate) const ADMIN: &str = "admin";
/// Runs the controllers, with the rights that Kubernetes gives to them.
pub(crate) const CONTROLLERS: &str = "system:kube-controller-manager";

/// These may do everything too: by their names an audit log says whose requests these were.
pub(crate) const FORESHIFT: &str = "foreshift";
pub(crate) const ARGO_ROLLOUTS: &str = "argo-rollouts";

/// Who is in it may do everything.
const MASTERS: &[&str] = &["system:masters"];

/// A user of `--token-auth-file`.
pub(crate) struct User {
    name: &'static str,
    groups: &'static [&'static str],
    pub(crate) token: String,
}

/// Before the point of a P-256 public key in PKIX form, by RFC 5480.
const PKIX_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The administrator, the controllers, two rollouts' programs, and two people without any rights of their own: `alice` is in the group
/// `developers`, `bob` in none.
pub(crate) fn users() -> Result<Vec<User>> {
    let users: [(_, &[_]); 6] = [
        (ADMIN, MASTERS),
        (CONTROLLERS, &[]),
        (FORESHIFT, MASTERS),
        (ARGO_ROLLOUTS, MASTERS),
        ("alice", &["developers"]),
        ("bob", &[]),
    ];
    users.into_iter().map(|(name, groups)| Ok(User { name, groups, token: token()? })).collect()
}

impl User {
    /// Its line of the token file.
    pub(crate) fn line(&self) -> String {
        format!("{},{},{},\"{}\"\n", self.token, self.name, self.name, self.groups.join(","))
    }

    /// The file that holds its kubeconfig in a cluster's folder.
    pub(crate) fn file_name(name: &str) -> String {
        format!("{}.kubeconfig", name.trim_start_matches("system:"))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Its kubeconfig. JSON is YAML.
    pub(crate) fn kubeconfig(&self, server: &str, authority: &[u8]) -> String {
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "test",
                "cluster": { "server": server, "certificate-authority-data": STANDARD.encode(authority) },
            }],
            "users": [{ "name": self.name, "user": { "token": self.token } }],
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": self.name } }],
            "current-context": "test",
        })
        .to_string()
    }
}

/// Writes a new key for service accounts: the private one and the public one.
pub(crate) fn write_signing_key(private: &Path, public: &Path) -> Result<()> {
    let random = SystemRandom::new();
    let failed = |_| Failure::new("no key could be made");
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(failed)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random)
        .map_err(|error| Failure::new(format!("no key could be made: {error}")))?;
    fs::write(private, pem("PRIVATE KEY", document.as_ref()))?;
    let public_key: Vec<u8> = PKIX_P256.iter().chain(pair.public_key().as_ref()).copied().collect();
    fs::write(public, pem("PUBLIC KEY", &public_key))?;
    Ok(())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&[u8]> = text.as_bytes().chunks(64).collect();
    let body = lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn token() -> Result<String> {
    let mut bytes = [0; 24];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Failure::new("no token could be made"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
