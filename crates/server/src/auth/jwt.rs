//! JSON Web Tokens (RFC 7519): reading, and what their claims must say. Faults have PostgREST's codes and words, so that
//! clients that know those understand ours.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use plimsoll_db::Actor;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::jwk::Algorithm;

/// How far the issuer's clock may be from ours.
const SKEW_SECONDS: i64 = 30;
const AUDIENCE: &str = "authenticated";
/// Far beyond what issuers make: what a request may cost before it has proved anything is bounded.
const MAX_BYTES: usize = 16 * 1024;

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) details: Option<&'static str>,
    pub(crate) hint: Option<&'static str>,
}

impl Fault {
    /// The token cannot be read, or nobody we believe signed it.
    pub(crate) fn decode(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: "PGRST301", message: message.into(), details: None, hint: None }
    }

    /// It is genuine and does not hold.
    fn claims(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: "PGRST303", message: message.into(), details: None, hint: None }
    }

    /// None of the keys signed it.
    pub(crate) fn no_key() -> Self {
        let mut fault = Self::decode("No suitable key or wrong key type");
        fault.details = Some("None of the keys was able to decode the JWT");
        fault
    }

    fn unreadable() -> Self {
        Self::decode("JWT couldn't be decoded")
    }
}

/// A token taken apart, its signature not yet checked.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    /// What was signed.
    pub(crate) message: &'a [u8],
    pub(crate) signature: Vec<u8>,
    payload: &'a str,
}

impl<'a> Jws<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, Fault> {
        if token.is_empty() {
            return Err(Fault::decode("Empty JWT is sent in Authorization header"));
        }
        if token.len() > MAX_BYTES {
            return Err(Fault::decode(format!("JWT is over the limit of {MAX_BYTES} bytes")));
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(Fault::decode(format!("Expected 3 parts in JWT; got {}", parts.len())));
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::unreadable());
        let described: Value = serde_json::from_slice(&bytes(header)?).map_err(|_| Fault::unreadable())?;
        let name = described["alg"].as_str().ok_or_else(Fault::unreadable)?;
        if name.eq_ignore_ascii_case("none") {
            let mut fault = Fault::decode("Wrong or unsupported encoding algorithm");
            fault.details = Some("JWT is unsecured but expected 'alg' was not 'none'");
            return Err(fault);
        }
        // An extension we must understand and do not (RFC 7515 §4.1.11).
        if described.get("crit").is_some() {
            return Err(Fault::decode("Unsupported token type"));
        }
        let algorithm = Algorithm::named(name).ok_or_else(Fault::no_key)?;
        Ok(Self {
            algorithm,
            kid: described["kid"].as_str().map(str::to_owned),
            message: &token.as_bytes()[..header.len() + 1 + payload.len()],
            signature: bytes(signature)?,
            payload,
        })
    }

    /// Its claims. Ask only once the signature was checked.
    pub(crate) fn claims(&self) -> Result<Value, Fault> {
        let parsed = URL_SAFE_NO_PAD.decode(self.payload).ok().and_then(|text| serde_json::from_slice(&text).ok());
        parsed.filter(Value::is_object).ok_or_else(|| Fault::claims("Parsing claims failed"))
    }
}

/// Checks times, audience and role, and says who the bearer is. `user_metadata` and `app_metadata` have no say.
pub(crate) fn actor(claims: Value, now: Timestamp) -> Result<Actor, Fault> {
    check_times(&claims, now.as_second())?;
    check_audience(&claims)?;
    match &claims["role"] {
        Value::Null => Ok(Actor::Claimed { is_service: false, claims }),
        Value::String(role) if role == "anon" => Ok(Actor::Claimed { is_service: false, claims }),
        Value::String(role) if role == "service_role" => Ok(Actor::Claimed { is_service: true, claims }),
        Value::String(role) if role == "authenticated" => {
            let user_id = claims["sub"]
                .as_str()
                .and_then(|sub| sub.parse::<Uuid>().ok())
                .ok_or_else(|| Fault::claims("The JWT 'sub' claim must be the id of a user"))?;
            Ok(Actor::User { user_id, claims: Some(claims) })
        }
        _ => Err(Fault::claims("The JWT 'role' claim must be anon, authenticated or service_role")),
    }
}

/// Whether the token is over, for what is kept only as long as it is not.
pub(crate) fn is_over(claims: &Value, now: Timestamp) -> bool {
    check_times(claims, now.as_second()).is_err()
}

fn check_times(claims: &Value, now: i64) -> Result<(), Fault> {
    let seconds = |name: &str| match &claims[name] {
        Value::Null => Ok(None),
        // RFC 7519 §2: a NumericDate may have a fraction.
        value => value
            .as_f64()
            .map(|at| Some(at as i64))
            .ok_or_else(|| Fault::claims(format!("The JWT '{name}' claim must be a number"))),
    };
    if seconds("exp")?.is_some_and(|end| now > end.saturating_add(SKEW_SECONDS)) {
        return Err(Fault::claims("JWT expired"));
    }
    if seconds("nbf")?.is_some_and(|start| now < start.saturating_sub(SKEW_SECONDS)) {
        return Err(Fault::claims("JWT not yet valid"));
    }
    if seconds("iat")?.is_some_and(|made| now < made.saturating_sub(SKEW_SECONDS)) {
        return Err(Fault::claims("JWT issued at future"));
    }
    Ok(())
}

fn check_audience(claims: &Value) -> Result<(), Fault> {
    let accepted = match &claims["aud"] {
        Value::Null => true,
        Value::String(audience) => audience == AUDIENCE,
        Value::Array(audiences) if audiences.iter().all(Value::is_string) => {
            audiences.iter().any(|audience| audience == AUDIENCE)
        }
        _ => return Err(Fault::claims("The JWT 'aud' claim must be a string or an array of strings")),
    };
    if accepted { Ok(()) } else { Err(Fault::claims("JWT not in audience")) }
}

/// Signs `claims` with `secret`.
pub(crate) fn sign_hs256(secret: &str, claims: &Value) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let signed: Result<_, std::convert::Infallible> =
        assemble(&header, claims, |message| Ok(hmac::sign(&key, message).as_ref().to_vec()));
    let Ok(token) = signed;
    token
}

/// The compact form of a token that `sign` signs.
pub(crate) fn assemble<E>(
    header: &Value,
    claims: &Value,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<String, E> {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn check(claims: Value) -> Result<Actor, (&'static str, String)> {
        let found = actor(claims, Timestamp::from_second(NOW).unwrap());
        found.map(Actor::plain).map_err(|fault| (fault.code, fault.message.into_owned()))
    }

    fn refused(claims: Value) -> String {
        let (code, message) = check(claims.clone()).expect_err(&claims.to_string());
        assert_eq!(code, "PGRST303");
        message
    }

    fn user(extra: Value) -> Value {
        let mut claims = json!({"role": "authenticated", "sub": Uuid::nil(), "exp": NOW + 60});
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        claims
    }

    #[test]
    fn roles_become_actors() {
        assert_eq!(check(json!({"role": "anon", "exp": NOW})), Ok(Actor::Anonymous));
        assert_eq!(check(json!({"exp": NOW, "sub": Uuid::nil()})), Ok(Actor::Anonymous), "no role is nobody's");
        assert_eq!(check(json!({"role": "service_role", "exp": NOW})), Ok(Actor::Service));
        assert!(matches!(check(user(json!({}))), Ok(Actor::User { user_id, .. }) if user_id.is_nil()));
        for role in [json!("postgres"), json!("authenticator"), json!("supabase_admin"), json!(""), json!(["anon"])] {
            assert!(refused(json!({"role": role, "exp": NOW, "sub": Uuid::nil()})).contains("'role'"));
        }
        for sub in [json!(null), json!(7), json!("' or true --")] {
            assert!(refused(user(json!({"sub": sub}))).contains("'sub'"));
        }
    }

    #[test]
    fn what_a_token_says_besides_is_kept_whatever_its_role() {
        let claims = |role: &str| json!({"role": role, "tenant": "t7", "exp": NOW});
        for role in ["anon", "service_role"] {
            let found = actor(claims(role), Timestamp::from_second(NOW).unwrap()).unwrap();
            assert_eq!((found.role(), found.claims()), (role, claims(role)));
        }
    }

    #[test]
    fn metadata_decides_nothing() {
        let forged = json!({"role": "service_role", "org": "another"});
        let claims = user(json!({"user_metadata": forged, "app_metadata": forged}));
        assert!(matches!(check(claims), Ok(Actor::User { .. })));
        assert_eq!(check(json!({"user_metadata": forged, "app_metadata": forged})), Ok(Actor::Anonymous));
    }

    #[test]
    fn times_have_thirty_seconds_of_skew_and_no_more() {
        for (name, at, over, message) in [
            ("exp", NOW - 30, NOW - 31, "JWT expired"),
            ("nbf", NOW + 30, NOW + 31, "JWT not yet valid"),
            ("iat", NOW + 30, NOW + 31, "JWT issued at future"),
        ] {
            assert!(check(user(json!({name: at}))).is_ok(), "{name}");
            assert_eq!(refused(user(json!({name: over}))), message);
            for wrong in [json!("tomorrow"), json!([1]), json!(true)] {
                assert_eq!(refused(user(json!({name: wrong}))), format!("The JWT '{name}' claim must be a number"));
            }
        }
        assert_eq!(check(json!({"role": "anon"})), Ok(Actor::Anonymous), "without exp it does not end");
        assert!(check(user(json!({"exp": 1e300, "iat": -1e300, "nbf": 0.5}))).is_ok());
    }

    #[test]
    fn the_audience_must_be_ours_where_there_is_one() {
        assert!(check(user(json!({"aud": "authenticated"}))).is_ok());
        assert!(check(user(json!({"aud": ["other", "authenticated"]}))).is_ok());
        for aud in [json!("other"), json!(["other"]), json!([])] {
            assert_eq!(refused(user(json!({"aud": aud}))), "JWT not in audience");
        }
        for aud in [json!(7), json!([7, "authenticated"]), json!({"0": "authenticated"})] {
            assert!(refused(user(json!({"aud": aud}))).contains("a string or an array of strings"));
        }
    }

    #[test]
    fn what_is_not_a_token_says_so() {
        let header = |value: Value| format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(value.to_string()));
        for (token, message) in [
            ("".to_owned(), "Empty JWT is sent in Authorization header"),
            ("a".to_owned(), "Expected 3 parts in JWT; got 1"),
            ("a.b.c.d".to_owned(), "Expected 3 parts in JWT; got 4"),
            ("a.b.c".to_owned(), "JWT couldn't be decoded"),
            ("ü.ü.ü".to_owned(), "JWT couldn't be decoded"),
            (header(json!({"alg": "HS256"})).replace("AA", "A!"), "JWT couldn't be decoded"),
            (header(json!({"typ": "JWT"})), "JWT couldn't be decoded"),
            (header(json!({"alg": "none"})), "Wrong or unsupported encoding algorithm"),
            (header(json!({"alg": "nOnE"})), "Wrong or unsupported encoding algorithm"),
            (header(json!({"alg": "HS512"})), "No suitable key or wrong key type"),
            (header(json!({"alg": "HS256", "crit": ["exp"]})), "Unsupported token type"),
            (format!("{}.e30.AA", "x".repeat(MAX_BYTES)), "JWT is over the limit of 16384 bytes"),
        ] {
            let fault = Jws::parse(&token).unwrap_err();
            assert_eq!((fault.code, &*fault.message), ("PGRST301", message), "{token}");
        }
    }

    #[test]
    fn a_payload_that_is_no_object_has_no_claims() {
        for payload in ["[]", "7", "\"x\"", "{", ""] {
            let token = format!(
                "{}.{}.AA",
                URL_SAFE_NO_PAD.encode(json!({"alg": "HS256"}).to_string()),
                URL_SAFE_NO_PAD.encode(payload)
            );
            let fault = Jws::parse(&token).unwrap().claims().unwrap_err();
            assert_eq!((fault.code, &*fault.message), ("PGRST303", "Parsing claims failed"));
        }
    }
}
