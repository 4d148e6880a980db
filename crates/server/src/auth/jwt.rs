//! JSON Web Tokens, HS256 only (RFC 7519, RFC 8725 §3.1: the algorithm is ours to choose, not the token's).

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use plimsoll_db::Actor;
use serde_json::Value;
use uuid::Uuid;

use crate::error::ApiError;

/// How far the issuer's clock may be from ours.
const SKEW_SECONDS: i64 = 30;
const AUDIENCE: &str = "authenticated";

/// Signs `claims` with `secret`.
pub(crate) fn sign(secret: &str, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes()))
        .expect("HS256 signs any JSON object")
}

/// Checks signature, times, audience and role, and says who the bearer is.
pub(crate) fn verify(secret: &str, token: &str, now: Timestamp) -> Result<Actor, ApiError> {
    // Times and audience are checked below against the clock we are given.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(secret.as_bytes());
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation)
        .map_err(|_| refused("is not a JWT signed with this server's secret by HS256"))?
        .claims;
    check_times(&claims, now)?;
    check_audience(&claims)?;
    actor(claims)
}

fn check_times(claims: &Value, now: Timestamp) -> Result<(), ApiError> {
    let now = now.as_second();
    let seconds = |name: &str| match &claims[name] {
        Value::Null => Ok(None),
        // RFC 7519 §2: a NumericDate may have a fraction.
        value => value
            .as_f64()
            .map(|at| Some(at as i64))
            .ok_or_else(|| refused(&format!("has an {name} that is not a number of seconds"))),
    };
    let expires = seconds("exp")?.ok_or_else(|| refused("has no exp"))?;
    if now > expires.saturating_add(SKEW_SECONDS) {
        return Err(refused("has expired"));
    }
    match seconds("nbf")? {
        Some(from) if now < from.saturating_sub(SKEW_SECONDS) => Err(refused("is not valid yet")),
        _ => Ok(()),
    }
}

fn check_audience(claims: &Value) -> Result<(), ApiError> {
    let accepted = match &claims["aud"] {
        Value::Null => true,
        Value::String(audience) => audience == AUDIENCE,
        Value::Array(audiences) => audiences.iter().any(|audience| audience == AUDIENCE),
        _ => false,
    };
    if accepted { Ok(()) } else { Err(refused("is for another audience")) }
}

fn actor(claims: Value) -> Result<Actor, ApiError> {
    match claims["role"].as_str() {
        Some("anon") => Ok(Actor::Anonymous),
        Some("service_role") => Ok(Actor::Service),
        Some("authenticated") => {
            let user_id = claims["sub"]
                .as_str()
                .and_then(|sub| sub.parse::<Uuid>().ok())
                .ok_or_else(|| refused("has no sub that is a user's id"))?;
            Ok(Actor::User { user_id, claims: Some(claims) })
        }
        _ => Err(refused("has a role that is not anon, authenticated or service_role")),
    }
}

fn refused(why: &str) -> ApiError {
    ApiError::unauthorized(format!("the bearer token {why}")).with_code("unauthorized")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a-secret-of-more-than-thirty-two-bytes";
    const NOW: i64 = 1_800_000_000;

    fn check(claims: Value) -> Result<Actor, String> {
        check_token(&sign(SECRET, &claims))
    }

    fn check_token(token: &str) -> Result<Actor, String> {
        verify(SECRET, token, Timestamp::from_second(NOW).unwrap()).map_err(|e| e.message().to_owned())
    }

    fn user(mut extra: Value) -> Value {
        let mut claims = json!({"role": "authenticated", "sub": Uuid::nil(), "exp": NOW + 60});
        claims.as_object_mut().unwrap().append(extra.as_object_mut().unwrap());
        claims
    }

    #[test]
    fn roles_become_actors() {
        assert_eq!(check(json!({"role": "anon", "exp": NOW})), Ok(Actor::Anonymous));
        assert_eq!(check(json!({"role": "service_role", "exp": NOW})), Ok(Actor::Service));
        assert!(matches!(check(user(json!({}))), Ok(Actor::User { user_id, .. }) if user_id.is_nil()));
        for role in [json!("postgres"), json!("authenticator"), json!(null), json!(["anon"])] {
            assert!(check(json!({"role": role, "exp": NOW, "sub": Uuid::nil()})).unwrap_err().contains("role"));
        }
        assert!(check(json!({"role": "authenticated", "exp": NOW})).unwrap_err().contains("sub"));
    }

    #[test]
    fn times_have_thirty_seconds_of_skew_and_no_more() {
        assert!(check(user(json!({"exp": NOW - 30}))).is_ok());
        assert!(check(user(json!({"exp": NOW - 31}))).unwrap_err().contains("expired"));
        assert!(check(user(json!({"nbf": NOW + 30}))).is_ok());
        assert!(check(user(json!({"nbf": NOW + 31}))).unwrap_err().contains("not valid yet"));
        assert!(check(user(json!({"exp": "tomorrow"}))).is_err());
        assert!(check(json!({"role": "anon"})).unwrap_err().contains("no exp"));
        assert!(check(user(json!({"exp": 1e300}))).is_ok());
    }

    #[test]
    fn the_audience_must_be_ours_where_there_is_one() {
        assert!(check(user(json!({"aud": "authenticated"}))).is_ok());
        assert!(check(user(json!({"aud": ["other", "authenticated"]}))).is_ok());
        for aud in [json!("other"), json!(["other"]), json!([]), json!(7)] {
            assert!(check(user(json!({"aud": aud}))).unwrap_err().contains("audience"));
        }
    }

    #[test]
    fn only_hs256_under_our_secret_is_believed() {
        let good = sign(SECRET, &user(json!({})));
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        for alg in ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256"] {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
            assert!(check_token(&format!("{header}.{payload}.{signature}")).is_err(), "{alg}");
            assert!(check_token(&format!("{header}.{payload}.")).is_err(), "{alg} without signature");
        }
        let other = jsonwebtoken::encode(
            &Header::new(Algorithm::HS512),
            &user(json!({})),
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )
        .unwrap();
        assert!(check_token(&other).is_err(), "HS512 with the right secret");
        assert!(check_token(&sign("another-secret-of-more-than-32-bytes!", &user(json!({})))).is_err());
        let forged = URL_SAFE_NO_PAD.encode(json!({"role": "service_role", "exp": NOW + 60}).to_string());
        let header = good.split('.').next().unwrap();
        assert!(check_token(&format!("{header}.{forged}.{signature}")).is_err());
        for junk in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "ü.ü.ü"] {
            assert!(check_token(junk).is_err(), "{junk:?}");
        }
    }
}
