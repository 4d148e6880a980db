//! Tokens people and machines carry: a prefix that says what they are, 40 random characters, and a checksum that lets a
//! scanner or a typo be told from the real thing without asking the database.

use rand::RngExt;
use ring::digest::{SHA256, digest};
use ring::hmac;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 40 × log2(62) = 238 bits.
const RANDOM_CHARS: usize = 40;
/// 62^6 > 2^32.
const CHECKSUM_CHARS: usize = 6;

/// What a token is for, told by its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A member's API token.
    Api,
    /// A registered runner's.
    Runner,
    /// A one-time link's.
    Link,
    /// A console session's.
    Session,
    /// A webhook's shared secret.
    Webhook,
    /// What clients show before anybody signed in, in the form of Supabase's.
    Publishable,
    /// What may do everything, in the form of Supabase's.
    Secret,
    /// For `ops-metrics-ingest`.
    Ingest,
    /// For `ops-advisory-scan`.
    Advisory,
    /// What an API client renews its access token with.
    Refresh,
}

impl Kind {
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Api => "plim_api_",
            Self::Runner => "plim_run_",
            Self::Link => "plim_lnk_",
            Self::Session => "plim_ses_",
            Self::Webhook => "plim_whk_",
            Self::Publishable => "sb_publishable_",
            Self::Secret => "sb_secret_",
            Self::Ingest => "plim_ing_",
            Self::Advisory => "plim_adv_",
            Self::Refresh => "plim_ref_",
        }
    }

    /// What stands before the checksum.
    const fn separator(self) -> &'static str {
        match self {
            Self::Publishable | Self::Secret => "_",
            _ => "",
        }
    }
}

/// A fresh token. Show it once; store [`hash`] of it.
pub fn generate(kind: Kind) -> String {
    let mut rng = rand::rng();
    assemble(kind, (0..RANDOM_CHARS).map(|_| rng.random_range(0..ALPHABET.len())))
}

/// The token that follows `earlier`: the same each time, and nobody's to tell without `key`.
pub(crate) fn derive(kind: Kind, key: &hmac::Key, earlier: &str) -> String {
    let tag = hmac::sign(key, earlier.as_bytes());
    // A byte's remainder favours eight of the 62 characters by a fifth: 237 bits are left of 238.
    assemble(kind, tag.as_ref().iter().take(RANDOM_CHARS).map(|byte| usize::from(*byte) % ALPHABET.len()))
}

fn assemble(kind: Kind, random: impl Iterator<Item = usize>) -> String {
    let mut token = kind.prefix().to_owned();
    token.extend(random.map(|at| ALPHABET[at] as char));
    let checksum = checksum(token.as_bytes());
    token.push_str(kind.separator());
    token.push_str(&checksum);
    token
}

/// SHA-256 of the whole token: a random token of this length needs no slow hash.
pub fn hash(token: &str) -> [u8; 32] {
    digest(&SHA256, token.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// Whether `token` has this kind's form and its checksum fits.
pub fn is_well_formed(kind: Kind, token: &str) -> bool {
    let Some(rest) = token.strip_prefix(kind.prefix()) else { return false };
    let Some((random, rest)) = rest.split_at_checked(RANDOM_CHARS) else { return false };
    let Some(given) = rest.strip_prefix(kind.separator()) else { return false };
    if given.len() != CHECKSUM_CHARS || !random.bytes().chain(given.bytes()).all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let body = &token[..kind.prefix().len() + RANDOM_CHARS];
    constant_time_eq(checksum(body.as_bytes()).as_bytes(), given.as_bytes())
}

/// What may be shown of a token later, so that its owner can tell it from others.
pub fn visible_prefix(token: &str) -> &str {
    token.get(..13).unwrap_or(token)
}

/// Compares without stopping at the first difference.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && std::hint::black_box(a.iter().zip(b).fold(0, |seen, (x, y)| seen | (x ^ y))) == 0
}

fn checksum(bytes: &[u8]) -> String {
    let mut crc = crc32(bytes);
    let mut text = [b'0'; CHECKSUM_CHARS];
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(crc % 62) as usize];
        crc /= 62;
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// CRC-32 (IEEE 802.3), bit by bit: tokens are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_fresh_token_is_well_formed_and_any_typo_is_not() {
        let token = generate(Kind::Api);
        assert_eq!(token.len(), "plim_api_".len() + 46);
        assert!(is_well_formed(Kind::Api, &token));
        assert!(!is_well_formed(Kind::Runner, &token));
        for at in 9..token.len() {
            let mut typo = token.clone().into_bytes();
            typo[at] = if typo[at] == b'x' { b'y' } else { b'x' };
            assert!(!is_well_formed(Kind::Api, std::str::from_utf8(&typo).unwrap()), "at {at}");
        }
        assert!(!is_well_formed(Kind::Api, &token[..token.len() - 1]));
        assert!(!is_well_formed(Kind::Api, "plim_api_ü"));
        assert_ne!(token, generate(Kind::Api));
    }

    #[test]
    fn supabases_form_has_the_checksum_apart() {
        for kind in [Kind::Publishable, Kind::Secret] {
            let token = generate(kind);
            let parts: Vec<_> = token.split('_').collect();
            assert_eq!(
                (parts[0], parts.len(), parts[2].len(), parts[3].len()),
                ("sb", 4, RANDOM_CHARS, CHECKSUM_CHARS)
            );
            assert!(is_well_formed(kind, &token));
            assert!(!is_well_formed(kind, &format!("{}{}", &token[..token.len() - 7], parts[3])), "no separator");
        }
        assert!(!is_well_formed(Kind::Secret, &generate(Kind::Publishable)));
    }

    #[test]
    fn a_derived_token_is_the_same_each_time_and_another_under_another_key() {
        let key = |byte| hmac::Key::new(hmac::HMAC_SHA512, &[byte; 32]);
        let first = generate(Kind::Refresh);
        let next = derive(Kind::Refresh, &key(1), &first);
        assert!(is_well_formed(Kind::Refresh, &next));
        assert_eq!(next, derive(Kind::Refresh, &key(1), &first));
        assert_ne!(next, derive(Kind::Refresh, &key(2), &first));
        assert_ne!(next, derive(Kind::Refresh, &key(1), &next));
    }

    #[test]
    fn comparing_looks_at_all_of_both() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"same", b"same"));
        assert!(!constant_time_eq(b"same", b"sama"));
        assert!(!constant_time_eq(b"same", b"sames"));
    }
}
