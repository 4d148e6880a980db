//! `/signin`: by password, or by a link that works once.

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use plimsoll_core::local_path;
use plimsoll_db::Actor;
use serde::{Deserialize, Serialize};

use crate::answer::Face;
use crate::assets;
use crate::problem::escape_query;

#[derive(Debug, Serialize)]
pub struct SignInView {
    /// From a link. It is used by a POST, so that a mail scanner that opens links does not use it up.
    #[serde(skip)]
    pub token: Option<String>,
    /// The page to go to afterwards, on this server.
    pub next: String,
    /// What is wrong with the link that was opened.
    pub bad_link: Option<BadLink>,
    /// What is wrong with the address and password.
    pub problem: Option<&'static str>,
    pub is_signed_in: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BadLink {
    pub title: &'static str,
    pub message: &'static str,
}

impl BadLink {
    pub const NOT_GOOD: Self = Self {
        title: "This link does not work",
        message: "It was used already, is too old, or was not copied whole. Ask whoever gave it to you for a new one.",
    };
    pub const FOR_AN_ACCOUNT: Self = Self {
        title: "You have an account already",
        message: "This invitation is for an account that is in use. Sign in to it, then open the link again.",
    };
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
    let is_signed_in = actor.is_some_and(|Extension(actor)| actor != Actor::Anonymous);
    let bad_link = match query.failed.as_deref() {
        Some("link") => Some(BadLink::NOT_GOOD),
        Some("account") => Some(BadLink::FOR_AN_ACCOUNT),
        _ => None,
    };
    if is_signed_in && query.token.is_none() && bad_link.is_none() && face == Face::Page {
        return Redirect::to("/").into_response();
    }
    let next = local_path(query.next.as_deref()).to_owned();
    let view = SignInView {
        // A link works once: whoever came by it is asked for a password on the way.
        next: if query.token.is_some() { format!("/password?next={}", escape_query(&next)) } else { next },
        token: query.token,
        problem: match query.failed.as_deref() {
            None => None,
            Some("limit") => Some("Too many tries. Wait a minute."),
            Some(_) if bad_link.is_some() => None,
            Some(_) => Some("No account has this address and password."),
        },
        bad_link,
        is_signed_in,
    };
    face.show(&view, &SignInPage { assets: assets::base(), v: &view })
}
