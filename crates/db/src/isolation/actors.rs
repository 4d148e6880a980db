//! Everybody who might ask, towards two organisations of the same make, a and b.

use serde_json::{Value, json};

/// Which of the two organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Org {
    A,
    B,
}

impl Org {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Actor {
    /// As in "a viewer of the organisation".
    pub phrase: &'static str,
    /// The database role of the request.
    pub role: &'static str,
    pub claims: String,
    /// The person's id.
    pub user: Option<String>,
    /// Rank in each organisation: 0 none, 1 viewer, 2 developer, 3 admin, 4 owner.
    ranks: [u8; 2],
    /// Comes with an API token, or claims to.
    pub by_token: bool,
    /// Is somebody: the claims name a person.
    pub signed_in: bool,
}

impl Actor {
    pub(super) const fn rank(&self, org: Org) -> u8 {
        self.ranks[org as usize]
    }

    pub(super) fn is_person(&self) -> bool {
        self.role == "authenticated"
    }
}

/// The ids that the sample rows have, once they carry `marker`.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    marker: String,
}

impl Ids {
    /// `marker` is twelve hexadecimal digits.
    pub(super) const fn new(marker: String) -> Self {
        Self { marker }
    }

    fn id(&self, org: Org, digit: u8) -> String {
        let letter = if org == Org::A { 'a' } else { 'b' };
        format!("{letter}{digit}000000-0000-4000-8000-{}", self.marker)
    }

    pub(super) fn org(&self, org: Org) -> String {
        self.id(org, 0)
    }

    /// 1 owner, 2 admin, 3 developer, 4 viewer, 5 removed, 6 an owner of both.
    pub(super) fn user(&self, org: Org, digit: u8) -> String {
        self.id(org, digit)
    }

    /// The person who owns both organisations: only what a token is limited to tells them apart.
    pub(super) fn owner_of_both(&self) -> String {
        format!("c6000000-0000-4000-8000-{}", self.marker)
    }

    /// Somebody with an account, in no organisation yet.
    pub(super) fn newcomer(&self) -> String {
        format!("e0000000-0000-4000-8000-{}", self.marker)
    }

    /// What every id made by the samples for this organisation matches.
    pub(super) fn pattern(&self, org: Org) -> String {
        let letter = if org == Org::A { 'a' } else { 'b' };
        format!("{letter}[0-9]000000-[0-9a-f]{{4}}-4000-8000-{}", self.marker)
    }

    /// The sample files' text with these ids, and with unique texts that no other row has.
    pub(super) fn put_into(&self, samples: &str) -> String {
        samples
            .replace("-4000-8000-000000000000", &format!("-4000-8000-{}", self.marker))
            .replace("'sample", &format!("'sample-{}", self.marker))
            .replace(".example'", &format!(".{}.example'", self.marker))
            .replace("sha256(convert_to(", &format!("sha256(convert_to('{}' || ", self.marker))
            .replace("sha256('", &format!("sha256('{}", self.marker))
    }

    /// Everybody.
    pub(super) fn actors(&self) -> Vec<Actor> {
        let (a, b) = (self.org(Org::A), self.org(Org::B));
        let person = |phrase, id: String, ranks| {
            let claims = json!({"sub": id, "role": "authenticated"}).to_string();
            Actor { phrase, role: "authenticated", claims, user: Some(id), ranks, by_token: false, signed_in: true }
        };
        let token = |phrase, id: String, org: &str, scopes: Value, ranks| {
            let claims = json!({"sub": id, "role": "authenticated", "plimsoll_org_id": org, "plimsoll_scopes": scopes,
                "plimsoll_token_id": "70000000-0000-4000-8000-000000000000"});
            let claims = claims.to_string();
            Actor { phrase, role: "authenticated", claims, user: Some(id), ranks, by_token: true, signed_in: true }
        };
        let owner = || self.user(Org::A, 1);
        let forged = json!({
            "sub": self.stranger(), "role": "authenticated", "org_id": a, "org_role": "owner",
            "user_metadata": {"org_id": a, "role": "owner"}, "app_metadata": {"org_id": a, "role": "service_role"}});
        vec![
            Actor {
                phrase: "somebody without credentials",
                role: "anon",
                claims: json!({"role": "anon"}).to_string(),
                user: None,
                ranks: [0, 0],
                by_token: false,
                signed_in: false,
            },
            Actor {
                phrase: "somebody whose credentials name no person",
                role: "authenticated",
                claims: json!({"role": "authenticated"}).to_string(),
                user: None,
                ranks: [0, 0],
                by_token: false,
                signed_in: false,
            },
            person("an owner of the organisation", owner(), [4, 0]),
            person("an admin of the organisation", self.user(Org::A, 2), [3, 0]),
            person("a developer of the organisation", self.user(Org::A, 3), [2, 0]),
            person("a viewer of the organisation", self.user(Org::A, 4), [1, 0]),
            person("a removed member", self.user(Org::A, 5), [0, 0]),
            person("an owner of another organisation", self.user(Org::B, 1), [0, 4]),
            person("a stranger", self.stranger(), [0, 0]),
            Actor {
                phrase: "a stranger with forged claims",
                role: "authenticated",
                claims: forged.to_string(),
                user: Some(self.stranger()),
                ranks: [0, 0],
                by_token: false,
                signed_in: true,
            },
            token("a token of an owner that reads", owner(), &a, json!(["read"]), [1, 0]),
            token("a token of an owner that builds", owner(), &a, json!(["build"]), [2, 0]),
            token("a token of an owner that administers", owner(), &a, json!(["admin"]), [3, 0]),
            token("a token of an owner for runners", owner(), &a, json!(["runner"]), [0, 0]),
            token("a token of a removed member", self.user(Org::A, 5), &a, json!(["admin"]), [0, 0]),
            token("a token of another organisation's owner", self.user(Org::B, 1), &a, json!(["admin"]), [0, 0]),
            token(
                "a token for one organisation of an owner of both",
                self.owner_of_both(),
                &b,
                json!(["admin"]),
                [0, 3],
            ),
            Actor {
                phrase: "the server's role",
                role: "service_role",
                claims: json!({"role": "service_role"}).to_string(),
                user: None,
                ranks: [4, 4],
                by_token: false,
                signed_in: false,
            },
        ]
    }

    fn stranger(&self) -> String {
        format!("d0000000-0000-4000-8000-{}", self.marker)
    }
}
