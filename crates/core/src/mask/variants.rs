//! The shapes in which a secret may turn up in output.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::MIN_SECRET_BYTES;

/// Every variant of a secret, none shorter than what may be searched for.
pub(super) fn of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    whole(secret, &mut found);
    // Tools trim: a value stored with a line break at its end is used without.
    whole(secret.trim(), &mut found);
    if secret.contains('\n') {
        let dos = secret.replace("\r\n", "\n").replace('\n', "\r\n");
        found.insert(dos.into_bytes());
        for line in secret.lines().map(str::trim).filter(|line| line.len() >= MIN_SECRET_BYTES) {
            found.insert(line.as_bytes().to_vec());
            json(line, &mut found);
        }
    }
    found.retain(|variant| variant.len() >= MIN_SECRET_BYTES);
    found
}

fn whole(secret: &str, found: &mut BTreeSet<Vec<u8>>) {
    found.insert(secret.as_bytes().to_vec());
    base64_forms(secret.as_bytes(), found);
    url_forms(secret, found);
    json(secret, found);
    // `set -x` prints a quoted word so.
    found.insert(secret.replace('\'', r"'\''").into_bytes());
}

/// The secret alone with and without padding, and inside a longer encoded text: there it begins at one of three places
/// within a group of four characters, and the characters that it shares with its neighbours are not known.
fn base64_forms(secret: &[u8], found: &mut BTreeSet<Vec<u8>>) {
    for alphabet in [alphabet::STANDARD, alphabet::URL_SAFE] {
        let padded = GeneralPurpose::new(&alphabet, GeneralPurposeConfig::new());
        for before in 0..3 {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret);
            let encoded = padded.encode(&bytes);
            let shared = [0, 2, 3][before];
            let trimmed = encoded.trim_end_matches('=');
            let sure = bytes.len() * 8 / 6;
            for end in [sure, trimmed.len(), encoded.len()] {
                if let Some(form) = encoded.get(shared..end) {
                    found.insert(form.as_bytes().to_vec());
                }
            }
        }
    }
}

/// What percent-encoders in use leave as it is, besides letters and digits: RFC 3986, JavaScript's `encodeURIComponent`,
/// Python's `quote`, forms, and the login part of a URL.
const URL_UNCHANGED: [&str; 5] = ["-._~", "-._~!*'()", "-._~/", "-._*", "-._~!$&'()*+,;="];

fn url_forms(secret: &str, found: &mut BTreeSet<Vec<u8>>) {
    for unchanged in URL_UNCHANGED {
        let upper = percent(secret, unchanged, true);
        found.insert(percent(secret, unchanged, false).into_bytes());
        found.insert(upper.replace("%20", "+").into_bytes());
        found.insert(upper.into_bytes());
    }
}

fn percent(secret: &str, unchanged: &str, upper: bool) -> String {
    let mut out = String::with_capacity(secret.len() * 3);
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || unchanged.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = if upper { write!(out, "%{byte:02X}") } else { write!(out, "%{byte:02x}") };
        }
    }
    out
}

/// Inside a JSON string. Some writers also escape `/` (PHP), what HTML would take for markup (Go), or whatever is not
/// ASCII (Python, PHP), in upper or lower case.
fn json(secret: &str, found: &mut BTreeSet<Vec<u8>>) {
    let quoted = serde_json::Value::from(secret).to_string();
    let mut forms = BTreeSet::from([quoted[1..quoted.len() - 1].to_owned()]);
    let escapes: [fn(&str) -> String; 4] = [
        |form| form.replace('/', r"\/"),
        |form| form.replace('<', r"\u003c").replace('>', r"\u003e").replace('&', r"\u0026"),
        |form| ascii_json(form, false),
        |form| ascii_json(form, true),
    ];
    for escape in escapes {
        let escaped: Vec<String> = forms.iter().map(|form| escape(form)).collect();
        forms.extend(escaped);
    }
    found.extend(forms.into_iter().map(String::into_bytes));
}

fn ascii_json(plain: &str, upper: bool) -> String {
    let mut out = String::with_capacity(plain.len() * 3);
    for c in plain.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = if upper { write!(out, r"\u{unit:04X}") } else { write!(out, r"\u{unit:04x}") };
        }
    }
    out
}
