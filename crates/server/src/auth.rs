//! Who is asking: a console session's cookie, an API token, a JWT or an API key becomes a [`plimsoll_db::Actor`] in the
//! request's extensions. What that actor may do is decided by the database.

pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod function_tokens;
pub(crate) mod identify;
pub(crate) mod jwk;
pub(crate) mod jwks;
pub(crate) mod jwt;
pub(crate) mod middleware;
pub(crate) mod passwords;
pub(crate) mod rate_limit;
pub(crate) mod sign_in_limit;
pub(crate) mod verifier;
