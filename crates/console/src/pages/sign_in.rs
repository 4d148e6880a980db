//! `/signin`: by password, or by a link that works once.

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use plimsoll_db::Actor;
use serde::{Deserialize, Serialize};

use crate::answer::Face;
use crate::assets;

#[derive(Debug, Serialize)]
pub struct SignInView {
    /// From a link. It is used by a POST, so that a mail scanner that opens links does not use it up.
    #[serde(skip)]
    pub token: Option<String>,
    /// The page to go to afterwards, on this server.
    pub next: String,
    pub problem: Option<String>,
}

#[derive(Template)]
#[template(path = "signin.html")]
pub struct SignInPage<'a> {
    pub assets: &'static str,
    pub v: &'a SignInView,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInQuery {
    token: Option<String>,
    next: Option<String>,
    failed: Option<String>,
}

pub(crate) async fn show(actor: Option<Extension<Actor>>, Query(query): Query<SignInQuery>, face: Face) -> Response {
    let signed_in = actor.is_some_and(|Extension(actor)| actor != Actor::Anonymous);
    if signed_in && query.token.is_none() && face == Face::Page {
        return Redirect::to("/").into_response();
    }
    let problem = query.failed.as_deref().map(|why| match why {
        "link" => "This link was used, is over, or was not copied whole. Ask for a new one.",
        "account" => "This invitation is for an account that is in use. Sign in to it, then open the link again.",
        "limit" => "Too many tries. Wait a minute.",
        _ => "No account has this address and password.",
    });
    let view = SignInView {
        token: query.token,
        next: query.next.unwrap_or_else(|| "/".into()),
        problem: problem.map(Into::into),
    };
    face.show(&view, &SignInPage { assets: assets::base(), v: &view })
}
