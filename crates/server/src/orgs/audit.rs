//! Who did what in an org.

pub(super) mod csv;
pub(super) mod list;

use plimsoll_db::audit::AuditFilter;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// An actor as shown (`user:…`), or part of a person's address or a token's name.
    actor: Option<String>,
    /// An action (`build.cancel`), or its first part (`build`).
    action: Option<String>,
    /// The last id of the page before.
    before: Option<i64>,
    /// At most 10000; 100 where left out.
    limit: Option<i32>,
}

impl AuditQuery {
    /// The filter, with `default_limit` where the caller set none.
    fn filter(&self, default_limit: i32) -> AuditFilter<'_> {
        AuditFilter {
            actor: self.actor.as_deref(),
            action: self.action.as_deref(),
            before: self.before,
            limit: Some(self.limit.unwrap_or(default_limit)),
        }
    }
}
