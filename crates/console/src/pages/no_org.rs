//! What somebody sees who is signed in and belongs to no org, at `/` and at every page of an org.

use askama::Template;

#[derive(Template)]
#[template(path = "no_org.html")]
pub struct NoOrgPage<'a> {
    pub assets: &'static str,
    pub email: &'a str,
}
