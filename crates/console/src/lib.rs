//! Pages: view models, templates, and the scripts and styles they use.
//!
//! Pages only read. What changes something is a call of the browser to `/api/ops/…`. Each page has a JSON twin of its
//! view model, and reads without scripts.

pub mod ansi;
mod answer;
mod assets;
pub mod badge;
pub mod moment;
pub mod pages;
mod problem;
pub mod shell;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use futures::future::BoxFuture;
use plimsoll_db::Db;

/// What the pages need.
#[derive(Clone)]
pub struct ConsoleState {
    pub db: Db,
    pub publishable_key: PublishableKey,
}

/// Where pages learn the key that is made to be seen: the server keeps it sealed, so that one column rule fits all keys.
pub type PublishableKey = Arc<dyn Fn() -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// All pages and assets. Expects a [`plimsoll_db::Actor`] in the request's extensions.
pub fn router(state: ConsoleState) -> Router {
    Router::new()
        .route("/", get(pages::projects::home))
        .route("/signin", get(pages::sign_in::show))
        .route("/password", get(pages::password::show))
        .route("/find", get(pages::find::answer))
        .route("/projects/{id}", get(pages::projects::by_id))
        .route("/o/{org}/projects", get(pages::projects::show))
        .route("/o/{org}/projects/new", get(pages::new_project::show))
        .route("/o/{org}/projects/{project}", get(pages::branches::show))
        .route("/o/{org}/projects/{project}/builds", get(pages::builds::show))
        .route("/builds/{build_id}", get(pages::build::show))
        .route("/o/{org}/runners", get(pages::runners::show))
        .route("/o/{org}/audit", get(pages::audit::show))
        .route("/o/{org}/keys", get(pages::keys::show))
        .route("/o/{org}/settings", get(pages::settings::show))
        .route("/assets/{hash}/{*file}", get(assets::serve))
        .fallback(unknown)
        .layer(from_fn(problem::render))
        .with_state(state)
}

async fn unknown() -> problem::Problem {
    problem::Problem::not_found("There is no page at this address.")
}
