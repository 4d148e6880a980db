//! Who opens a page, and the orgs they belong to: what every page begins with.

use plimsoll_db::{Actor, Db};

use crate::problem::Problem;
use crate::shell::{OrgLink, Shell, Viewer};

pub(crate) struct Visit {
    pub(crate) orgs: Vec<OrgLink>,
    email: Option<String>,
}

impl Visit {
    pub(crate) async fn of(db: &Db, actor: &Actor) -> Result<Self, Problem> {
        if *actor == Actor::Anonymous {
            return Err(Problem::SignInFirst);
        }
        let orgs = db.my_orgs(actor).await?.into_iter();
        let orgs =
            orgs.map(|org| OrgLink { id: org.id, slug: org.slug, name: org.name, role: Some(org.role) }).collect();
        let email = match actor.user_id() {
            Some(user_id) => db.email_of(user_id).await?,
            None => None,
        };
        Ok(Self { orgs, email })
    }

    /// The org of a page's address.
    pub(crate) fn org(&self, slug: &str) -> Result<OrgLink, Problem> {
        let found = self.orgs.iter().find(|org| org.slug == slug);
        found
            .cloned()
            .ok_or_else(|| Problem::not_found(format!("There is no organisation {slug:?} that you belong to.")))
    }

    pub(crate) fn shell(&self, org: &OrgLink, section: &'static str, title: &str) -> Shell {
        let viewer = self.email.as_deref().map(|email| Viewer::new(email, org.role));
        Shell::of_org(viewer, org, &self.orgs, section, title)
    }
}
