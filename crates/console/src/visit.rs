//! Who opens a page, and the orgs they belong to: what every page begins with.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use jiff::Timestamp;
use plimsoll_db::{Actor, Db};

use crate::ConsoleState;
use crate::answer::Face;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell, Viewer};

pub(crate) struct Visit {
    pub(crate) db: Db,
    pub(crate) actor: Actor,
    pub(crate) face: Face,
    pub(crate) now: Timestamp,
    pub(crate) orgs: Vec<OrgLink>,
    pub(crate) email: Option<String>,
}

/// A visit to a page of the org that the address names.
pub(crate) struct OrgVisit {
    pub(crate) visit: Visit,
    pub(crate) org: OrgLink,
}

impl Visit {
    pub(crate) fn shell(&self, org: &OrgLink, section: &'static str, title: &str) -> Shell {
        let viewer = self.email.as_deref().map(|email| Viewer::new(email, org.role));
        Shell::of_org(viewer, org, &self.orgs, section, title)
    }

    /// What somebody gets who belongs to no org. A token belongs to one, and can make none.
    pub(crate) fn without_org(&self) -> Problem {
        match (&self.actor, &self.email) {
            (Actor::User { .. }, Some(email)) => Problem::NoOrg { email: email.clone() },
            _ => Problem::not_found("You belong to no organisation. Ask an admin for an invitation."),
        }
    }

    /// Whether the person that visits can sign in without a link.
    pub(crate) async fn has_password(&self) -> Result<bool, Problem> {
        match &self.email {
            Some(email) => Ok(self.db.password_hash_for(email).await?.is_some()),
            None => Ok(false),
        }
    }
}

impl FromRequestParts<ConsoleState> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ConsoleState) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
        if actor == Actor::Anonymous {
            return Err(Problem::SignInFirst);
        }
        let orgs = state.db.my_orgs(&actor).await?.into_iter();
        let orgs =
            orgs.map(|org| OrgLink { id: org.id, slug: org.slug, name: org.name, role: Some(org.role) }).collect();
        let email = match actor.user_id() {
            Some(user_id) => state.db.email_of(user_id).await?,
            None => None,
        };
        Ok(Self { db: state.db.clone(), actor, face: Face::of(parts), now: Timestamp::now(), orgs, email })
    }
}

impl FromRequestParts<ConsoleState> for OrgVisit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ConsoleState) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let names = RawPathParams::from_request_parts(parts, state).await;
        let names = names.map_err(|error| Problem::fault(&error))?;
        let slug = names.iter().find(|(key, _)| *key == "org").map_or("", |(_, slug)| slug);
        let org = match visit.orgs.iter().find(|org| org.slug == slug) {
            Some(org) => org.clone(),
            None if visit.orgs.is_empty() => return Err(visit.without_org()),
            None => return Err(Problem::not_found(format!("There is no organisation {slug:?} that you belong to."))),
        };
        Ok(Self { visit, org })
    }
}
