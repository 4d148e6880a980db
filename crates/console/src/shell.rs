//! The frame of every page: where you are, who you are, where you can go.

use plimsoll_core::status::Role;
use serde::Serialize;
use uuid::Uuid;

use crate::assets;

#[derive(Debug, Clone, Serialize)]
pub struct OrgLink {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    /// The caller's role; `None` when it acts for no person.
    pub role: Option<Role>,
}

impl OrgLink {
    /// Whether the caller's role is at least `role`. The database decides; pages only hide what it would refuse.
    pub fn may(&self, role: Role) -> bool {
        self.role.is_some_and(|own| own >= role)
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct ProjectLink {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Clone)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Tab {
    pub key: &'static str,
    pub label: &'static str,
    pub href: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Viewer {
    pub email: String,
    pub initials: String,
    pub role: Option<String>,
}

impl Viewer {
    pub fn new(email: &str, role: Option<Role>) -> Self {
        let name = email.split('@').next().unwrap_or_default();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let initials = match words.as_slice() {
            [] => "?".into(),
            [one] => one.chars().take(2).collect(),
            [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
        };
        Self { email: email.into(), initials, role: role.map(|role| role.to_string()) }
    }
}

#[derive(Debug, Clone)]
pub struct Shell {
    pub title: String,
    /// Key of the current tab.
    pub section: &'static str,
    pub assets: &'static str,
    pub viewer: Option<Viewer>,
    pub org: Option<OrgLink>,
    /// The other orgs of the viewer.
    pub orgs: Vec<OrgLink>,
    pub project: Option<ProjectLink>,
    pub crumbs: Vec<Crumb>,
    pub tabs: Vec<Tab>,
    pub tabs_label: &'static str,
    /// The page takes the window's whole width.
    pub wide: bool,
}

impl Shell {
    /// A page about an org.
    pub fn of_org(viewer: Option<Viewer>, org: &OrgLink, orgs: &[OrgLink], section: &'static str, title: &str) -> Self {
        let base = format!("/o/{}", org.slug);
        let tab = |key, label| Tab { key, label, href: format!("{base}/{key}") };
        Self {
            title: title.into(),
            section,
            assets: assets::base(),
            viewer,
            org: Some(org.clone()),
            orgs: orgs.iter().filter(|other| other.id != org.id).cloned().collect(),
            project: None,
            crumbs: vec![Crumb { label: org.name.clone(), href: Some(format!("{base}/projects")) }],
            tabs: vec![
                tab("projects", "Projects"),
                tab("runners", "Runners"),
                tab("audit", "Audit"),
                tab("keys", "API keys"),
                tab("settings", "Settings"),
            ],
            tabs_label: "Organisation",
            wide: false,
        }
    }

    /// A page about a project: its own tabs instead of the org's.
    pub fn within(mut self, project: &ProjectLink) -> Self {
        let slug = self.org.as_ref().map(|org| org.slug.as_str()).unwrap_or_default();
        let base = format!("/o/{slug}/projects/{}", project.slug);
        self.tabs = vec![
            Tab { key: "branches", label: "Branches", href: base.clone() },
            Tab { key: "builds", label: "Builds", href: format!("{base}/builds") },
        ];
        self.tabs_label = "Project";
        self.crumbs.push(Crumb { label: project.name.clone(), href: Some(base) });
        self.project = Some(project.clone());
        self
    }

    pub fn crumb(mut self, label: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: None });
        self
    }

    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }
}
