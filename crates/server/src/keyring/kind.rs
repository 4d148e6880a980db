use crate::tokens::Kind;

/// What a key of the installation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Clients that nobody signed in to.
    Publishable,
    /// May do everything.
    Secret,
    /// Calls `ops-metrics-ingest`.
    Ingest,
    /// Calls `ops-advisory-scan`.
    Advisory,
    /// Signs access tokens.
    Signing,
}

impl KeyKind {
    pub(crate) const ALL: [Self; 5] = [Self::Publishable, Self::Secret, Self::Ingest, Self::Advisory, Self::Signing];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Publishable => "publishable",
            Self::Secret => "secret",
            Self::Ingest => "ingest",
            Self::Advisory => "advisory",
            Self::Signing => "signing",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The form of the token; a signing key has none.
    pub(crate) const fn token(self) -> Option<Kind> {
        match self {
            Self::Publishable => Some(Kind::Publishable),
            Self::Secret => Some(Kind::Secret),
            Self::Ingest => Some(Kind::Ingest),
            Self::Advisory => Some(Kind::Advisory),
            Self::Signing => None,
        }
    }
}
