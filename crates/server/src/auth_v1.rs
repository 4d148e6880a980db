//! `/auth/v1`: signing in with the shapes of Supabase Auth, where people sign in here.

/// Paths that say something about who asks; the others ignore the keys that clients send along.
pub(crate) const WITH_CREDENTIALS: &[&str] = &["/auth/v1/user", "/auth/v1/logout"];
