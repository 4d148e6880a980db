use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;

#[derive(Serialize, ToSchema)]
#[schema(as = AuthHealth)]
pub(crate) struct Health {
    version: &'static str,
    name: &'static str,
    description: &'static str,
}

/// Signing in is served.
#[utoipa::path(get, path = "/auth/v1/health", tag = "sign-in", security(()),
    responses((status = 200, description = "It is.", body = Health)))]
pub(crate) async fn auth_health() -> Json<Health> {
    Json(Health {
        version: env!("CARGO_PKG_VERSION"),
        name: "Plimsoll",
        description: "Signs people in with the shapes of Supabase Auth",
    })
}
